"""Runs without Ray: trials are trained one after the other, here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assay.experiment.source import Finished
from assay.experiment.task import train_and_measure
from assay.store.store import Store


@pytest.fixture
def train_here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """A function after which runs train here; it gives the list that the ids of their trials come into.

    It takes after how many trials somebody stops them, and for a trial's id whether it fails: None: it does not, else
    whether that lay outside of it.
    """

    def use(stopped_after: int | None = None, fails: Callable[[str], bool | None] = lambda _: None) -> list[str]:
        trained: list[str] = []

        def execute(study: Any, source: Any, storage: str, *_: Any, **__: Any) -> None:
            store = Store(storage)
            while (trial := source.next()) is not Finished:
                if len(trained) == stopped_after:
                    raise KeyboardInterrupt
                trained.append(trial.id)
                if (again := fails(trial.id)) is not None:
                    source.failed(trial, "it did not work", "Traceback: ...", again)
                    continue
                outcome = train_and_measure(study, trial, store, lambda report, at=trial: source.progressed(at, report))
                source.finished(trial, outcome)

        monkeypatch.setattr("assay.cluster.execute_trials", execute)
        return trained

    return use
