"""Trials on Ray's workers. Tasks are local functions: workers cannot import a test."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from assay.cluster.desk import RETRIES
from assay.cluster.pool import execute_trials
from assay.config.cluster import ClusterConfig
from assay.config.errors import UserError
from assay.experiment.execution import TrialFailed
from assay.experiment.trial import Trial
from assay.store.store import Store
from assay.study import Study
from smfnet.study import study

pytestmark = pytest.mark.usefixtures("ray_here")

Report = Callable[[Mapping[str, Any]], None]


def _run(source: Any, storage: Path, task: Any, **cluster: Any) -> None:
    execute_trials(study(), source, str(storage), ClusterConfig(**cluster), gpu=False, task=task)


def test_every_trial_runs_in_order_and_its_reports_and_outcome_arrive(
    noting: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_path: Path
) -> None:
    """With a relative storage, which is the driver's; and no file is left elsewhere."""

    def task(study: Study, trial: Trial, store: Store, report: Report) -> Any:
        for step in range(3):
            report({"step": step})
        return trial.id, store.files.root

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAY_TMPDIR", str(short_path))
    source = noting(5)
    _run(source, Path("store"), task)
    assert source.started == [0, 1, 2, 3, 4]
    assert source.outcomes == {n: (f"t{n}", str(tmp_path / "store")) for n in range(5)}
    assert sorted(source.reports, key=str) == [(n, {"step": step}) for n in range(5) for step in range(3)]
    assert list(short_path.iterdir()) == []


def test_what_is_made_once_a_node_is_made_by_one_of_its_workers(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> float | None:
        import numpy as np

        from assay.store.disk.once_a_node import once_a_node

        def make() -> Iterator[tuple[str, np.ndarray]]:
            store.files.write(f"made/{trial.id}", b"")
            yield "numbers", np.arange(1000.0)

        arrays = once_a_node("numbers-of-a-test", make)
        return None if arrays is None else float(arrays["numbers"].sum())

    source = noting(4)
    _run(source, tmp_path, task)
    assert source.outcomes == dict.fromkeys(range(4), 499500.0)
    assert len(list((tmp_path / "made").iterdir())) == 1


def test_a_trial_that_waits_starts_when_the_other_has_ended(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> bool:
        first = store.files.exists("0")
        store.files.write(str(trial.seed), b"")
        return first

    source = noting(3, after={0: 2, 1: 0})
    _run(source, tmp_path, task)
    assert source.started == [2, 0, 1]
    assert source.outcomes == {2: False, 0: False, 1: True}


def test_a_failed_trial_keeps_its_reason_and_traceback_and_the_others_go_on(
    noting: Callable[..., Any], tmp_path: Path
) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> str:
        if trial.seed == 0:
            raise TrialFailed("loss not finite at epoch 3")
        if trial.seed == 1:
            raise OSError(28, "No space left on device")
        if trial.seed == 3:
            raise RuntimeError("out of memory\nsee below")
        return "done"

    source = noting(4)
    _run(source, tmp_path, task)
    assert source.outcomes == {2: "done"}
    line = task.__code__.co_firstlineno
    assert {n: reason for n, (reason, _) in source.failures.items()} == {
        0: "loss not finite at epoch 3",
        1: f"OSError: [Errno 28] No space left on device (test_pool.py, line {line + 4})",
        3: f"RuntimeError: out of memory (test_pool.py, line {line + 6})",
    }
    assert source.again == {1}  # a sample that needs too much memory always will
    assert "in task" in source.failures[0][1]


def test_a_trial_whose_worker_is_killed_is_tried_again(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> int:
        attempts = len(store.files.list(f"attempts/{trial.id}"))
        store.files.write(f"attempts/{trial.id}/{attempts}", b"")
        if trial.seed == 0 and attempts < 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return attempts

    source = noting(2)
    _run(source, tmp_path, task)
    assert source.outcomes == {0: 1, 1: 0}


@pytest.mark.fault
@pytest.mark.slow
def test_a_trial_whose_worker_dies_again_and_again_fails(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> str:
        if trial.seed == 0:
            store.files.write(f"attempts/{len(store.files.list('attempts'))}", b"")
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    source = noting(2)
    _run(source, tmp_path, task)
    assert source.outcomes == {1: "done"}
    assert source.failures[0][0].startswith("its worker died 4 times: The actor died")
    assert len(Store(str(tmp_path)).files.list("attempts")) == 1 + RETRIES


def test_a_trial_that_the_source_stops_goes_no_further(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> str:
        for step in range(1000 if trial.seed == 1 else 2):
            report({"step": step})
        store.files.write(f"came to the end/{trial.id}", b"")
        return "done"

    source = noting(4, stop=[1])
    _run(source, tmp_path, task, max_concurrent=1)
    assert source.outcomes == {0: "done", 2: "done", 3: "done"}
    assert [report for n, report in source.reports if n == 1] == [{"step": 0}]
    assert not Store(str(tmp_path)).files.exists("came to the end/t1")


@pytest.mark.fault
def test_a_stopped_trial_may_take_its_time_and_the_next_one_has_its_worker(
    noting: Callable[..., Any], tmp_path: Path
) -> None:
    """By default Tune waits two seconds, and then gives up the next trial without a word."""

    def task(study: Study, trial: Trial, store: Store, report: Report) -> str:
        report({"step": 0})
        if trial.seed == 0:
            time.sleep(4)  # a long step
            report({"step": 1})
        return "done"

    source = noting(2, stop=[0])
    _run(source, tmp_path, task, max_concurrent=1)
    assert (source.outcomes, source.failures) == ({1: "done"}, {})


def test_a_trial_that_exits_fails_at_once_with_its_line(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> None:
        sys.exit(3)

    source = noting(1)
    _run(source, tmp_path, task)
    line = task.__code__.co_firstlineno + 1
    assert source.outcomes == {}
    assert source.failures[0][0] == f"SystemExit: 3 (test_pool.py, line {line})"
    assert source.again == set()


def test_what_trials_print_arrives_whether_they_end_well_or_not(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> None:
        if trial.seed:
            print(f"in trial {trial.seed}")
            sys.stderr.write("from s3://me:secret@bucket/place\n")
        if trial.seed == 2:
            raise RuntimeError("no")

    source = noting(3)
    _run(source, tmp_path, task)
    shown = "from s3://***@bucket/place\n"
    assert source.told == {1: f"in trial 1\n{shown}", 2: f"in trial 2\n{shown}"}
    assert source.outcomes.keys() == {0, 1}


@pytest.mark.fault
def test_a_worker_that_crashes_says_where(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> None:
        print("before the end")
        os._exit(3)

    source = noting(1)
    _run(source, tmp_path, task)
    line = task.__code__.co_firstlineno + 2
    assert source.failures[0][0] == f"its worker died 4 times: os._exit(3) (test_pool.py, line {line})"
    assert source.told[0].startswith("before the end\n")


@pytest.mark.parametrize("method", ["next", "progressed", "failed"])
def test_an_error_of_the_source_ends_the_run(
    noting: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> None:
        report({"step": 0})
        if trial.seed == 1:
            raise TrialFailed("on purpose")

    def broken(*arguments: Any) -> None:
        raise UserError("this store was written by a newer version")

    source = noting(2)
    monkeypatch.setattr(source, method, broken)
    with pytest.raises(UserError, match="newer version"):
        _run(source, tmp_path, task)


def test_more_cores_than_there_are_is_an_error_before_anything_starts(
    noting: Callable[..., Any], tmp_path: Path
) -> None:
    source = noting(1)
    with pytest.raises(UserError, match="asks for 3 CPU cores, but no machine has that"):
        _run(source, tmp_path, lambda trial, store, report: None, cpus=3)
    assert source.started == []


def test_a_worker_with_other_code_stores_nothing(
    noting: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["assay.cluster.pool"], "source_digest", lambda study: "of the driver, as it was")
    source = noting(1)
    _run(source, tmp_path, lambda trial, store, report: store.files.write("a", b""))
    assert source.failures[0][0] == "the code was changed while the run began: give the same command again"
    assert source.again == {0}
    assert not (tmp_path / "a").exists()


def test_no_more_trials_at_once_than_asked_for(noting: Callable[..., Any], tmp_path: Path) -> None:
    def task(study: Study, trial: Trial, store: Store, report: Report) -> int:
        store.files.write(f"running/{trial.id}", b"")
        report({"step": 0})
        together = len(store.files.list("running"))
        store.files.delete(f"running/{trial.id}")
        return together

    source = noting(6)
    _run(source, tmp_path, task, max_concurrent=1)
    assert set(source.outcomes.values()) == {1}
