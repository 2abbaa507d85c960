"""How much a function does, counted and not timed: the same on a busy machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assay.experiment.planning.plan import Plan
from assay.experiment.trial import NamedStage, Trial

__all__ = ["calls_of", "many_trials"]


def calls_of(work: Callable[[], Any]) -> int:
    """Calls of functions, Python's and C's, and turns of generators, while `work` runs in this thread."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def many_trials(model: Trial, count: int) -> Plan:
    """Trials `t0`, `t1`, ... like one of two stages: eight rows share stage I of their seed, nothing is stored."""
    trials = []
    for number in range(count):
        seed, row = divmod(number, 8)
        stages = tuple(
            NamedStage(named.stage, name)
            for named, name in zip(model.stages, (f"one{seed}", f"two{number}"), strict=True)
        )
        named = {"id": f"t{number}", "row": f"r{row}", "fingerprint": f"f{number}"}
        trials.append(replace(model, seed=seed, stages=stages, **named))
    return Plan(tuple(trials), frozenset(), frozenset())
