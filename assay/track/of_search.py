"""What trackers are told of a search, from what its folder holds and from its trials as they end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assay.config.errors import one_line
from assay.config.text.credentials import redacted
from assay.runs import SearchRun
from assay.track.of_run import TrackedRun, finite, plain
from assay.track.tracked import TrackedSummary, TrackedTrial

__all__ = ["search_summary", "search_trial"]

_TIMES = ["began", "ended", "seconds"]


def search_trial(
    number: int,
    state: str,
    sample: Mapping[str, Any],
    metrics: Mapping[str, float],
    way: Mapping[str, Mapping[int, float]],
    *,
    reason: str = "",
    seconds: float = 0.0,
) -> TrackedTrial:
    """A sample that has ended.

    Args:
        number: of the trial.
        state: `finished`, `stopped` or `failed`.
        sample: its parameters.
        metrics: on the validation split.
        way: what was reported on the way: name -> epoch -> value.
    """
    return TrackedTrial(
        id=f"trial{number}",
        row="",
        seed=-1,
        fingerprint="",
        state=state,
        reason=one_line(redacted(reason)),
        seconds=seconds,
        parameters=dict(sample),
        varied=tuple(sample),
        metrics=finite(metrics),
        curves={name: tuple(sorted(finite_steps(values).items())) for name, values in way.items() if values},
    )


def finite_steps(values: Mapping[int, float]) -> dict[int, float]:
    """Those steps whose value is a finite number."""
    kept = finite({str(step): value for step, value in values.items()})
    return {int(step): value for step, value in kept.items()}


def search_summary(found: SearchRun, told: TrackedRun) -> TrackedSummary:
    """The end of a search: its trials and its best, and what the confirmation says, if there was one."""
    confirmed = found.confirmation
    of_rows = told.summary(confirmed) if confirmed else TrackedSummary(told.parameters, **told.written)
    best, objectives = found.results.best(1), found.results.objectives
    values = {} if best.empty else {f"best/{name}": float(best[name].tolist()[0]) for name in objectives}
    answer = {"answer": found.answer.line} if found.answer.line else {}
    trials = found.trials.drop(columns=_TIMES, errors="ignore")
    return replace(
        of_rows,
        metrics={**of_rows.metrics, **finite(values)},
        words={**of_rows.words, **answer},
        tables={**of_rows.tables, "trials": plain(trials)},
    )
