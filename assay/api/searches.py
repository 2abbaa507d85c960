"""A search, called."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assay.api.endings import going_on, warn
from assay.config.text.duration import seconds_of
from assay.launch.request.asked import Place, as_called, base_words, given_options, parameter_words, path_or_none
from assay.launch.request.given import GivenStudy, study_given, word_for

if TYPE_CHECKING:
    from assay.launch.search import PlannedSearch
    from assay.runs import SearchRun

__all__ = ["plan_search", "search"]


def search(
    study: GivenStudy,
    *parameters: str | Mapping[str, Any],
    objective: str | Sequence[str] | None = None,
    trials: int = 12,
    within: str | float | None = None,
    seeds_per_trial: int = 1,
    sampler: str = "tpe",
    prune: bool = True,
    best: int | None = None,
    confirm: int | None = None,
    start_from: Place | None = None,
    space: Place | None = None,
    base: Place | None = None,
    output: Place | None = None,
    address: str | None = None,
    progress: bool = True,
    **changes: Any,
) -> SearchRun:
    """Tune hyperparameters, and confirm the best with fresh seeds on the test split.

    Args:
        study: as for `ablate`.
        parameters: names, groups, or ranges as the command has them: `"lr"`, `"lr=1e-4:1e-2:log"`, or
            `{"lr": (1e-4, 1e-2, "log"), "width": [8, 16]}`.
        objective: a metric, or several (a front); None: the one that the study names, or its first.
        trials: in all, those of earlier calls included.
        within: wall-clock time for all of it, the confirmation included: `"10m"`, `"2h"` or seconds.
        seeds_per_trial: of each trial, whose value is their mean.
        sampler: `tpe`, `random`, `grid`, `cmaes` or `nsga2`.
        prune: stop poor trials early.
        best: how many of the best meet the test split; None: two.
        confirm: fresh seeds for each of them; None: as many as the configuration has; 0: none.
        start_from: folder of an earlier search with another space, or of an ablation: what of it lies in this space,
            with the same values, seeds, data and code, counts as done, beside `trials`, and is not trained again.
        space: a YAML file of further parameters.
        base, output, address, progress, changes: as for `ablate`.

    Returns:
        The search. A warning says what was asked for and not done.

    Raises:
        UserError: anything is wrong with what was asked for; nothing was begun then.
    """
    budget = given_options(within=within, best=best, confirm=confirm)
    places = given_options(
        objective=objective, start_from=start_from, space=space, base=base, output=output, address=address
    )
    how: dict[str, Any] = {"trials": trials, "seeds_per_trial": seeds_per_trial, "sampler": sampler, "prune": prune}
    asked = how | budget | places | changes
    command, began = as_called("search", study, asked, parameters), time.monotonic()
    planned = plan_search(study, *parameters, command=command, **asked)
    with going_on(f"all trials are kept in {planned.folder}: the same call goes on"):
        found = planned.run(progress=progress, began=began)
    warn(found.unfinished)
    return found


def plan_search(
    study: GivenStudy,
    *parameters: str | Mapping[str, Any],
    objective: str | Sequence[str] | None = None,
    trials: int = 12,
    within: str | float | None = None,
    seeds_per_trial: int = 1,
    sampler: str = "tpe",
    prune: bool = True,
    best: int | None = None,
    confirm: int | None = None,
    start_from: Place | None = None,
    space: Place | None = None,
    base: Place | None = None,
    output: Place | None = None,
    address: str | None = None,
    command: Sequence[str] = (),
    ablate: Sequence[str] | None = None,
    **changes: Any,
) -> PlannedSearch:
    """A search that is checked whole and not begun: print it to see what it may train, `run()` it to do that.

    Args:
        study, parameters: as for `search`; parameters may also be `key=value` of the configuration.
        objective, trials, within, seeds_per_trial, sampler, prune, best, confirm, start_from, space: as for
            `search`.
        base, output, address, command, changes: as for `plan`.
        ablate: how an ablation of the study is called, for the record.

    Raises:
        UserError: anything is wrong with any of it.
    """
    from assay.config.text.command_line import called
    from assay.launch.request.budget import SearchBudget
    from assay.launch.search import PlannedSearch
    from assay.tuning.objective import objective_of
    from assay.tuning.spaces.ranges import split_words
    from assay.tuning.spaces.space import parameters_of

    within_s = None if within is None else seconds_of(within)
    budget = SearchBudget.of(trials, within_s, seeds_per_trial, best, confirm)
    studied = study_given(study)
    named = objective if objective is None or isinstance(objective, str) else ",".join(objective)
    known = parameters_of(studied, path_or_none(space))
    ranges = [word for each in parameters for word in parameter_words(each)]
    asked = split_words([*ranges, *base_words(base), *studied.schema.words(changes)], known, studied.schema)
    return PlannedSearch(
        objective_of(named, studied),
        asked,
        budget,
        sampler=sampler,
        prune=prune,
        output=path_or_none(output),
        start_from=path_or_none(start_from),
        address=address,
        command=command,
        ablate=ablate or (*called("ablate").split(), "--study", word_for(study)),
    )
