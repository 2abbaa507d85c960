"""Ctrl-C once, or again and again: one line, no traceback, and an end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assay.cli.exit import exit_code

_PROGRAM = """\
import atexit, os, signal, time
from assay.cli.process import interrupt
from assay.cli.exit import exit_code

def press():
    os.kill(os.getpid(), signal.SIGINT)

def main(argv=None):
    try:
        WORK
    finally:
        for _ in range(LATER): press()
        print("tidied up", flush=True)

atexit.register(press)
raise SystemExit(exit_code(main)())
"""


def _run(root: Path, work: str, later: int = 2) -> subprocess.CompletedProcess[str]:
    program = _PROGRAM.replace("WORK", work).replace("LATER", str(later))
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_the_second_and_third_time_do_not_disturb_the_end(root: Path) -> None:
    done = _run(root, "press()")
    assert (done.returncode, done.stdout, done.stderr) == (130, "tidied up\n", "stopped\n")


def test_an_import_that_makes_another_error_of_it_is_stopped_all_the_same(root: Path) -> None:
    swallow = "exec('try: press()\\nexcept KeyboardInterrupt: raise ImportError')"
    done = _run(root, f"return exit_code(lambda argv: {swallow})([])", later=0)  # as a program calls its command
    assert (done.returncode, done.stderr) == (130, "stopped\n")


def test_it_does_not_disturb_an_end_that_comes_anyway(root: Path) -> None:
    done = _run(root, "return 0", later=0)
    assert (done.returncode, done.stdout, done.stderr) == (0, "tidied up\n", "")


def test_who_presses_again_after_a_while_need_not_wait(root: Path) -> None:
    done = _run(root, "interrupt.PATIENCE_S = -1.0; press()")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stopped at once\n")


def test_a_call_from_python_leaves_ctrl_c_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert exit_code(lambda argv=None: 0)([]) == 0
    assert signal.getsignal(signal.SIGINT) is before
