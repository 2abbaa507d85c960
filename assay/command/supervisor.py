"""Stands between a worker and a command, as a program of its own: `python supervisor.py STATUS GRACE_S PROGRAM ...`.

It runs the command in a session of its own and ends all of it, grandchildren too, when the command ends or when its
own standard input does: that is a pipe whose other end the worker holds, so that this happens however the worker ends.
On Linux what leaves the session is found as well, as this process is the one to whom the system gives orphans. Nothing
of the engine is imported here.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

_POLL_S = 0.05
_ADOPT, _DIE_WITH_PARENT = 36, 1  # PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG
ENDED, ASKED_TO_END, NOT_STARTED = "ended", "stopped", "not started"


def main(argv: list[str]) -> int:
    """Run the command, end all of it, and write how it ended to the descriptor STATUS."""
    status, grace_s, command = int(argv[0]), float(argv[1]), argv[2:]
    os.set_inheritable(status, False)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # that is for the command
    _process_control(_ADOPT, 1)
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_before)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        os.write(status, f"{NOT_STARTED}: {getattr(error, 'strerror', None) or error}".encode())
        return 1
    how = _wait(child)
    if how == ASKED_TO_END:
        _end_all(grace_s, child)
    os.write(status, f"{how}: {child.returncode}".encode())
    _end_all(grace_s, child)
    return 0


def _before() -> None:
    """In the child: SIGTERM works again, and the kernel ends it if this process is killed."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _process_control(_DIE_WITH_PARENT, signal.SIGKILL)


def _wait(child: subprocess.Popen[bytes]) -> str:
    """Until the command ends, or the worker does."""
    while child.poll() is None:
        ready, _, _ = select.select([0], [], [], _POLL_S)
        if ready and not os.read(0, 1):
            return ASKED_TO_END
        _reap(child)
    return ENDED


def _end_all(grace_s: float, child: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the session, and SIGKILL to what is left after a while."""
    os.killpg(0, signal.SIGTERM)
    _send(signal.SIGTERM, _left(child))
    until = time.monotonic() + grace_s
    while time.monotonic() < until and _left(child):
        time.sleep(_POLL_S)
    while found := _left(child):
        _send(signal.SIGKILL, found)
        time.sleep(_POLL_S / 10)


def _send(number: signal.Signals, processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _left(child: subprocess.Popen[bytes]) -> list[int]:
    """Children of this process that live; orphans of the command are among them, where the system says so."""
    child.poll()
    _reap(child)
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:
        return [child.pid] if child.returncode is None else []
    return [int(each) for each in text.split()]


def _reap(child: subprocess.Popen[bytes]) -> None:
    """Orphans that have ended; the command itself is Popen's to wait for."""
    with contextlib.suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid == child.pid:
                return
            os.waitpid(found.si_pid, 0)


def _process_control(option: int, value: int) -> None:
    """`prctl`; nothing where there is none."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
