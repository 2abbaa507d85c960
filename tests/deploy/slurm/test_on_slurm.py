"""deploy/slurm.sh on a real SLURM: two nodes run an ablation, one of them dies, and a job meets its time limit."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
import pytest

from assay.store.run.folder import RunFolder
from assay.store.store import TRIALS, Store
from tests.deploy.slurm.installation import NODES, PROGRAMS, Installation, found, until

MISSING = [program for program in PROGRAMS if not found(program)]
pytestmark = [
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        bool(MISSING), reason=f"Debian's munge, slurmctld, slurmd, slurm-client: no {', '.join(MISSING)}"
    ),
]

ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"}


class Job:
    """The ablation of examples/digits, submitted as a user does.

    Args:
        slurm: where.
        folder: of the study, the storage and the run.
        root: the repository.
        programs: where `ray` and `smfnet` are.
    """

    def __init__(
        self, slurm: Installation, folder: Path, root: Path, programs: Path = Path(sys.executable).parent
    ) -> None:
        self._slurm, self._folder, self._root, self._programs = slurm, folder, root, programs
        shutil.copytree(root / "examples" / "digits", folder, dirs_exist_ok=True)
        self._number = ""

    def submit(self, *options: str) -> None:
        """Hand it to SLURM."""
        words = ("ablate", "--study", "digits.yaml", "--all", "--seeds", "2")
        script = str(self._root / "deploy" / "slurm.sh")
        size = ("--cpus-per-task=1", "--gpus-per-node=0", "--time=10")
        self._number = self._slurm.say(
            *("env", f"--chdir={self._folder}", "STORAGE=store", "OUTPUT=run", "OMP_NUM_THREADS=1"),
            *("RAY_memory_monitor_refresh_ms=0", f"PATH={self._programs}:{os.environ['PATH']}"),
            *("sbatch", "--parsable", *size, *options, script, *words),
        ).strip()

    def tell(self, signal: str) -> None:
        """Send a signal to the script, as SLURM does before the time limit."""
        self._slurm.say("scancel", "--batch", f"--signal={signal}", self._number)

    def to_end(self) -> str:
        """Its last state."""
        until(lambda: self._slurm.job(self._number) in ENDED, "the job ends")
        return self._slurm.job(self._number)

    def restarts(self) -> int:
        """How often it was queued again."""
        return int(self._slurm.job(self._number, "Restarts"))

    @property
    def log(self) -> str:
        """What it has written so far."""
        return (self._folder / f"smfnet-{self._number}.log").read_text()

    @property
    def results(self) -> pd.DataFrame:
        """Every metric of every digit under every row and seed."""
        table = RunFolder(self._folder / "run").results()
        return table.sort_values(["row", "seed", "image", "metric"]).reset_index(drop=True)

    @property
    def finished(self) -> dict[str, bytes]:
        """Trial -> its record, in which the time of its making stands."""
        store = Store(str(self._folder / "store"))
        names = [entry.fingerprint for entry in store.entries(TRIALS)]
        return {name: store.files.read(f"{TRIALS}/{name}/record.json") for name in names}


def _trains(process: psutil.Process) -> bool:
    try:
        return "train.py" in process.cmdline()
    except psutil.Error:
        return False


@contextlib.contextmanager
def _installed() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        installation = Installation(Path(folder))
        try:
            installation.start()
            yield installation
        finally:
            installation.stop()


@pytest.fixture
def slurm() -> Iterator[Installation]:
    """Two idle nodes."""
    with _installed() as installation:
        yield installation


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Job:
    """A job that nothing happens to; both nodes have trained for it."""
    with _installed() as installation:
        job = Job(installation, tmp_path_factory.mktemp("undisturbed"), root)
        job.submit()
        for node in NODES:
            until(lambda node=node: any(map(_trains, installation.of_node(node))), f"{node} trains")
        assert job.to_end() == "COMPLETED", job.log
        until(lambda: all(installation.node(node) == "IDLE" for node in NODES), "the nodes are idle again")
        assert [len(installation.of_node(node)) for node in NODES] == [1, 1], "what the job started is gone"
        return job


def test_the_ablation_runs_on_both_nodes(undisturbed: Job) -> None:
    assert set(undisturbed.results["row"]) == {"ours", "linear", "no_dropout", "narrow"}
    assert "error" not in undisturbed.log


def _goes_on(job: Job, before: dict[str, bytes], undisturbed: Job) -> None:
    """It ends well, trains nothing again that had finished, and has the numbers of one that nothing happened to."""
    assert job.to_end() == "COMPLETED", job.log
    assert {trial: job.finished[trial] for trial in before} == before
    pd.testing.assert_frame_equal(job.results, undisturbed.results)


def test_a_node_that_dies_takes_nothing_along_but_what_it_was_doing(
    slurm: Installation, tmp_path: Path, root: Path, undisturbed: Job
) -> None:
    job = Job(slurm, tmp_path, root)
    job.submit()
    until(lambda: job.finished and any(map(_trains, slurm.of_node("n2"))), "n2 trains, and a trial has finished")
    at_kill = job.finished
    slurm.kill("n2")
    _goes_on(job, at_kill, undisturbed)
    assert slurm.node("n2").startswith("DOWN")
    assert job.restarts() == 0


def test_a_first_node_that_dies_has_the_job_queued_again_and_it_goes_on(
    slurm: Installation, tmp_path: Path, root: Path, undisturbed: Job
) -> None:
    """Script and driver died with it; SLURM itself would keep the job until its time limit."""
    job = Job(slurm, tmp_path, root)
    job.submit()
    until(lambda: job.finished, "a trial has finished")
    at_kill = job.finished
    slurm.kill("n1")
    until(lambda: job.restarts() == 1 and slurm.node("n1").startswith("DOWN"), "the other node has it queued again")
    slurm.power_on("n1")
    _goes_on(job, at_kill, undisturbed)


def test_a_job_that_is_told_to_stop_is_queued_again_and_goes_on(
    slurm: Installation, tmp_path: Path, root: Path, undisturbed: Job
) -> None:
    job = Job(slurm, tmp_path, root)
    job.submit()
    until(lambda: job.finished, "a trial has finished")
    job.tell("USR1")
    until(lambda: job.restarts() == 1, "it is queued again")
    _goes_on(job, job.finished, undisturbed)


STAND_INS = {
    "ray": """
        case "$1" in
          start) touch "up-$SLURMD_NODENAME"; exec sleep 600 ;;
          status) ls up-* | sed 's/^/ 1 node_/' ;;
        esac""",
    "smfnet": '[ -n "$SLURM_RESTART_COUNT" ] || exec sleep 600',
}


def test_a_job_is_told_to_stop_before_its_time_limit(slurm: Installation, tmp_path: Path, root: Path) -> None:
    """Nothing is trained: what would run at the first try never ends, and at the second one at once."""
    (tmp_path / "bin").mkdir()
    for name, script in STAND_INS.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    job = Job(slurm, tmp_path, root, tmp_path / "bin")
    job.submit("--time=1", "--signal=B:USR1@5")  # the controller looks twice a minute, and is early rather than late
    assert job.to_end() == "COMPLETED", job.log
    assert job.restarts() == 1
    assert "DUE TO TIME LIMIT" not in job.log
