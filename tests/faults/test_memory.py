"""Others fill the machine: Ray kills workers, and the run comes to its end all the same.

Nothing is filled: the command sees another /proc/meminfo, in a mount namespace of its own, and Ray believes it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.conftest import PATIENCE_S, Command, kept, part_of, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

_THRESHOLD = {"RAY_memory_monitor_refresh_ms": "100", "RAY_memory_usage_threshold": "0.5"}


class Memory:
    """What the command believes of the machine's memory.

    Attributes:
        before: what a command is given to, so that it believes that.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "meminfo"
        self._text = Path("/proc/meminfo").read_text()
        self.say(available=0.9)
        see = f'mount --bind {self._file} /proc/meminfo && exec "$@"'
        self.before = ("unshare", "--map-root-user", "--mount", "sh", "-c", see, "sh")

    def say(self, available: float) -> None:
        """This share of it is available; written over the old text, as a reader may be there."""
        total = int(re.findall(r"MemTotal: +(\d+)", self._text)[0])
        said = re.sub(
            r"(Mem(?:Free|Available): +)\d+", lambda name: f"{name[1]}{int(total * available):012d}", self._text
        )
        with self._file.open("r+" if self._file.exists() else "w") as file:
            file.write(said)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """Plenty of it at first."""
    said = Memory(tmp_path)
    if not shutil.which("unshare") or subprocess.run([*said.before, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody have a mount namespace")
    return said


def test_a_run_whose_workers_are_killed_for_memory_ends_with_the_whole_table(
    memory: Memory, tmp_path: Path, undisturbed: Command
) -> None:
    command = Command(tmp_path, str(tmp_path / "store"), before=memory.before, environment=_THRESHOLD)
    process = command.start()
    for _ in range(2):
        assert wait_until(lambda: part_of(process, "worker") is not None, process)
        worker = part_of(process, "worker")
        assert worker
        memory.say(available=0.1)
        assert wait_until(lambda worker=worker: not worker.is_running(), process)
        memory.say(available=0.9)
    _, errors = process.communicate(timeout=2 * PATIENCE_S)
    assert process.returncode == 0, errors
    killed = re.findall(
        r"^(\S+): its worker was killed for lack of memory \(.*\); it is tried again in", errors, re.MULTILINE
    )
    assert len(killed) >= 2, errors
    assert command.results.equals(undisturbed.results)
    assert command.table == undisturbed.table
    assert kept(command.storage).done == {}
