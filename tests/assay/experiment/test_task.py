"""A worker reports the first step of every stage, and otherwise now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from assay.experiment import task
from assay.experiment.task import train_and_measure
from assay.experiment.trial import Trial
from assay.store.store import Store

MakeTrial = Callable[..., Trial]


def _steps(reports: list[Mapping[str, Any]]) -> list[tuple[str, int]]:
    return [(report["progress"]["stage"], report["progress"]["step"]) for report in reports]


def test_the_first_step_of_a_stage_tells_what_is_stored_by_now(
    store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "REPORT_EVERY_S", 1e9)
    trial = make_trial()
    reports: list[Mapping[str, Any]] = []
    outcome = train_and_measure(trial, store, reports.append)
    assert _steps(reports) == [("stage1", 1), ("stage2", 1)]
    assert [report["stored"] for report in reports] == [[], [trial.stages[0].fingerprint]]
    assert outcome.trial == trial.id


def test_without_a_pause_every_step_is_told(
    store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "REPORT_EVERY_S", 0)
    reports: list[Mapping[str, Any]] = []
    train_and_measure(make_trial(), store, reports.append)
    assert _steps(reports) == [*(("stage1", k) for k in (1, 2)), *(("stage2", k) for k in (1, 2, 3, 4))]
