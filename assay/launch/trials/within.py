"""How many seeds, and which looks, a wall-clock time allows for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.experiment.planning.estimate import TryOut
    from assay.experiment.planning.plan import Plan
    from assay.experiment.trial import Trial
    from assay.store.run.folder import RunFolder
    from assay.store.run.looks import Look
    from assay.store.store import Store
    from assay.study import Study

__all__ = ["earlier_looks", "looks_for", "seeds_in", "trial_seconds", "within_line"]

STARTUP_S = 10.0  # of workers
MOST = 60  # seeds that are thought of
_EARLY, _EARLY_PART = (6, 8, 11, 16, 24), 0.75  # of the seeds that time allows for


def looks_for(seeds: int | None) -> tuple[Look, ...]:
    """Looks where time allows for about so many seeds; None: nobody knows how many.

    The last one is taken when time is up, and has more seeds than that only if rows were decided before, or the
    estimate was too careful.
    """
    from assay.evidence.statistics.looks import DEFAULT_LOOKS, declared_looks

    if seeds is None:
        return declared_looks([*DEFAULT_LOOKS, MOST])
    early = [number for number in _EARLY if number <= _EARLY_PART * seeds]
    return declared_looks([*early, max(2 * seeds, _EARLY[0])])


def seeds_in(
    study: Study, trials: Sequence[Trial], store: Store, slots: int, time_s: float, try_out: TryOut | None = None
) -> int | None:
    """How many seeds of every row time allows for, as far as the store can tell; None if it cannot.

    Args:
        study: whose trials these are.
        trials: with as many seeds as are thought of.
        store: tells what trials took, and what is there already.
        slots: trials at once.
        time_s: seconds, start and end included.
        try_out: measures a stage of which the store knows nothing.
    """
    from assay.experiment.time_limit import reserve_s

    first = min(trial.seed for trial in trials if not trial.rule)
    most = len({trial.seed for trial in trials if not trial.rule})
    room, low, high = time_s - reserve_s(time_s) - STARTUP_S, 0, most
    while low < high:
        middle = (low + high + 1) // 2
        some = [trial for trial in trials if trial.rule or trial.seed - first < middle]
        wall_s = _wall_s(study, some, store, slots, try_out)
        if wall_s is None:
            return None
        low, high = (middle, high) if wall_s <= room else (low, middle - 1)
    return low


def within_line(within_s: float, seeds: int | None, *, given: bool = False) -> str:
    """What a time allows for.

    Args:
        within_s: seconds.
        seeds: of every row, if that is known.
        given: somebody said how many seeds, or at how many there is a look.
    """
    from assay.console.amounts import duration

    if given:
        return f"within {duration(within_s)}: no more seeds than that, and a look at what is there when time is up"
    if seeds is None:
        how = f"(--probe tries a few steps): {MOST} stands for it above, and the last look is taken when time is up"
        return f"within {duration(within_s)}: nobody knows how many seeds that is until a trial ran {how}"
    few = "" if seeds >= 3 else "; with fewer than 3 there are no words"
    return (
        f"within {duration(within_s)}: about {seeds} seeds of every row, as far as the storage can tell; more of the "
        f"open rows if others are decided{few}"
    )


def trial_seconds(study: Study, planned: Plan, store: Store) -> float:
    """What one of the trials takes that are not measured yet; 0 if nobody knows."""
    from assay.experiment.planning.estimate import estimate

    return estimate(study, planned, store, 1).work_s / max(len(planned.open), 1)


def earlier_looks(run: RunFolder, store: Store, table: str, first_seed: int, within_s: float) -> tuple[Look, ...]:
    """What was declared for this table before, in the folder or elsewhere, and still holds; none if nothing was.

    A longer time than the one that is over is another declaration.
    """
    from assay.config.errors import UserError
    from assay.store.run.looks import kept_looks

    try:
        record = run.record
        there = [(record.looks, record.looked)] if record.table == table else []
    except UserError:
        there = []
    own = [each for each in kept_looks(store, table) if each.first_seed == first_seed]
    there += [(own[-1].declared, tuple(own))] if own else []
    for declared, looked in there:
        over = [each.ended_s for each in looked if each.ended_s]
        if declared and not (over and max(over) < within_s):
            return declared
    return ()


def _wall_s(study: Study, trials: Sequence[Trial], store: Store, slots: int, try_out: TryOut | None) -> float | None:
    from assay.experiment.planning.estimate import estimate
    from assay.experiment.planning.plan import plan

    planned = plan(trials, store, verify=False)
    cost = estimate(study, planned, store, slots, try_out)
    return None if cost.unknown == len(planned.to_train) > 0 else cost.wall_s
