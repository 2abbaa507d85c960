"""A worker tells every step; what reaches the driver is the first of every stage, and otherwise one now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from assay.experiment.task import Throttle, pause_between_reports, train_and_measure
from assay.experiment.trial import Trial
from assay.store.store import Store
from smfnet.study import study

MakeTrial = Callable[..., Trial]


def _steps(reports: list[Mapping[str, Any]]) -> list[tuple[str, int]]:
    return [(report["progress"]["stage"], report["progress"]["step"]) for report in reports]


def _progress(stage: str, step: int) -> dict[str, Any]:
    return {"progress": {"stage": stage, "step": step}, "stored": []}


def test_every_step_is_told_with_what_is_stored_by_then(store: Store, make_trial: MakeTrial) -> None:
    trial = make_trial()
    reports: list[Mapping[str, Any]] = []
    outcome = train_and_measure(study(), trial, store, reports.append)
    assert _steps(reports) == [*(("stage1", k) for k in (1, 2)), *(("stage2", k) for k in (1, 2, 3, 4))]
    assert [report["stored"] for report in reports] == [[]] * 2 + [[trial.stages[0].fingerprint]] * 4
    assert outcome.trial == trial.id


def test_of_mere_progress_one_report_in_a_while_passes_and_the_first_of_every_stage() -> None:
    passed: list[Mapping[str, Any]] = []
    now = [100.0]
    throttle = Throttle(passed.append, 2.0, lambda: now[0])
    for stage, step, second in [
        ("one", 1, 0),
        ("one", 2, 1),
        ("one", 3, 2),
        ("two", 1, 2.5),
        ("two", 2, 3),
        ("two", 3, 5),
    ]:
        now[0] = 100.0 + second
        throttle(_progress(stage, step))
    assert _steps(passed) == [("one", 1), ("one", 3), ("two", 1), ("two", 3)]


def test_what_says_more_than_progress_always_passes() -> None:
    passed: list[Mapping[str, Any]] = []
    throttle = Throttle(passed.append, 1e9)
    told = [_progress("one", 1), _progress("one", 2) | {"step": 1, "metrics": {}}, {"loss": 1.0}, {"loss": 0.5}]
    for report in told:
        throttle(report)
    assert passed == told


@pytest.mark.parametrize("trials", [1, 8, 500, 5000])
def test_all_workers_together_report_no_more_often_than_the_driver_can_hear(trials: int) -> None:
    pause_s = pause_between_reports(trials)
    assert pause_s >= 0.5
    assert trials / pause_s <= 20
