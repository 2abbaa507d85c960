"""What the commands call, and what a script or a notebook calls.

    import assay

    run = assay.ablate("my_study.py", seeds=3)
    run.table()

The same call again goes on where it stopped, and trains nothing that is in the storage.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.duration import seconds_of
from assay.config.errors import UserError
from assay.launch.asked import (
    Place,
    as_called,
    base_words,
    given_options,
    looks_asked,
    parameter_words,
    path_or_none,
)
from assay.launch.given import GivenStudy, study_given, word_for

if TYPE_CHECKING:
    from assay.launch.ablation import PlannedAblation
    from assay.launch.search import PlannedSearch
    from assay.runs import Run, SearchRun
    from assay.runs.export import Exported

__all__ = ["ablate", "export", "load_run", "plan", "plan_search", "report", "search", "unpack"]


def ablate(
    study: GivenStudy,
    suite: str | Mapping[str, Any] | None = None,
    *,
    rows: Sequence[str] | None = None,
    design: str | None = None,
    parts: Sequence[str] | None = None,
    cells: int | None = None,
    orders: int | None = None,
    seeds: int | Sequence[int] | None = None,
    until_decided: bool = False,
    within: str | float | None = None,
    base: Place | None = None,
    output: Place | None = None,
    address: str | None = None,
    progress: bool = True,
    **changes: Any,
) -> Run:
    """Train and test the rows of an ablation suite.

    Args:
        study: what is studied: FILE.py, FILE.yaml, MODULE:NAME, one that is installed, a class, or an object.
        suite: name of a suite, a YAML file, or what such a file would hold; the study's own if None.
        rows: names of rows; None: all, without the alternatives.
        design: combine rows instead, to see what their parts do to each other: `factorial` (all combinations, or a
            fraction of them), `pairs` (each part out, and each two), `add-one` (each part alone), `shapley` (a share
            for every part). All rows have the same seeds, from five on with words.
        parts: of a design: names of the rows that take a part out; None: all, without the alternatives.
        cells: of a factorial: how many combinations, a power of two; None: all up to four parts, else a fraction.
        orders: of Shapley shares: draw so many orders of adding the parts; None: all up to five parts, else 20.
        seeds: for each row; None: as many as the configuration says. Several numbers, `[6, 8, 11]`: looks at the
            verdicts, after each of which only those rows go on that have open cells.
        until_decided: the looks that serve best where nothing else is known, at 6, 8 and 11 seeds.
        within: wall-clock time in which the run ends with the table that it allows for, `"10m"`, `"2h"` or seconds.
        base: a YAML file of values, as a search writes it.
        output: folder of the run; a new one below runs/ if None.
        address: of a Ray cluster, `auto` or `ray://HOST:PORT`; this machine if None.
        progress: show it while it goes on.
        changes: configuration: `seed=3`, `train={"epochs": 6}`, `**{"train.epochs": 6}`.

    Returns:
        The run. A warning names the trials that did not finish.

    Raises:
        UserError: anything is wrong with what was asked for; nothing was begun then.
    """
    combined = given_options(design=design, parts=parts, cells=cells, orders=orders)
    asked = given_options(suite=suite, rows=rows, seeds=seeds, within=within, base=base, output=output, address=address)
    asked |= combined | changes | ({"until_decided": True} if until_decided else {})
    began = time.monotonic()
    planned = plan(study, command=as_called("ablate", study, asked), **asked)
    with _going_on(f"the same call goes on; in this folder with output={str(planned.run_folder.folder)!r}"):
        run = planned.run(progress=progress, began=began)
    _warn(run.unfinished)
    return run


def plan(
    study: GivenStudy,
    suite: str | Mapping[str, Any] | None = None,
    *,
    rows: Sequence[str] | None = None,
    design: str | None = None,
    parts: Sequence[str] | None = None,
    cells: int | None = None,
    orders: int | None = None,
    seeds: int | Sequence[int] | None = None,
    until_decided: bool = False,
    within: str | float | None = None,
    base: Place | None = None,
    output: Place | None = None,
    address: str | None = None,
    words: Sequence[str] = (),
    command: Sequence[str] = (),
    **changes: Any,
) -> PlannedAblation:
    """An ablation that is checked whole and not begun: print it to see what it would do, `run()` it to do that.

    Args:
        study, suite, rows, design, parts, cells, orders, seeds, until_decided, within: as for `ablate`.
        base, output, address, changes: likewise.
        words: configuration as commands have it, `key=value`.
        command: what was typed, for the record.

    Raises:
        UserError: anything is wrong with any of it.
    """
    from assay.experiment.combination import designed
    from assay.experiment.suite import suite_of
    from assay.launch.ablation import PlannedAblation

    studied = study_given(study)
    found = suite_of(studied, suite)
    if design is None and (parts, cells, orders) != (None, None, None):
        raise UserError("parts, cells and orders are of a design: say which, design='factorial' for instance")
    if design is not None and rows is not None:
        raise UserError("a design makes its rows itself: name parts, not rows")
    if design is not None:
        found = designed(found, design, [parts] if isinstance(parts, str) else parts, cells, orders)
    variants = found.default if rows is None else found.pick([rows] if isinstance(rows, str) else map(str, rows))
    if not variants:
        raise UserError(f"no rows: expected some of {', '.join(variant.name for variant in found.variants)}")
    within_s = None if within is None else seconds_of(within)
    looks = looks_asked(seeds, until_decided=until_decided, timed=within_s is not None)
    if design is not None and (looks or within_s is not None):
        raise UserError(
            "looks and a time stop rows one by one, and a design needs all of its rows: give a number of seeds"
        )
    most = looks[-1].seeds if looks else seeds
    numbers = {} if most is None else {"seeds": most}
    values = [*words, *base_words(base), *studied.schema.words({**changes, **numbers})]
    return PlannedAblation(studied, found, variants, values, path_or_none(output), address, command, looks, within_s)


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
    with _going_on(f"all trials are kept in {planned.folder}: the same call goes on"):
        found = planned.run(progress=progress, began=began)
    _warn(found.unfinished)
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
    from assay.config.command_line import called
    from assay.launch.budget import SearchBudget
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


def load_run(folder: Place, study: GivenStudy | None = None) -> Run | SearchRun:
    """What an ablation or a search left, finished or not.

    Args:
        folder: of the run.
        study: what was studied, for `Run.network`: a run's record is data, and no code is run that it names.

    Raises:
        UserError: the folder holds neither, or there is no such study.
    """
    from assay.runs import Run, SearchRun

    if not isinstance(folder, str | PathLike):
        raise UserError(f"expected the folder of a run; got {folder!r}")
    studied = None if study is None else study_given(study)
    if (Path(folder) / "search.json").is_file():
        found = SearchRun(folder, studied)
        found.results  # noqa: B018 - raises where it cannot be read
        return found
    run = Run(folder, studied)
    run.record  # noqa: B018
    return run


def report(run: Run | SearchRun | Place, *, notebook: bool = False) -> Path:
    """Write a run's report.html, its figures and tables, and an executed notebook if wanted; returns the page's path.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    from assay.runs import Run

    folder = run if isinstance(run, str | PathLike) else run.folder
    return Run(folder).report(notebook=notebook)


def export(
    run: Run | SearchRun | Place,
    path: Place,
    *,
    rows: str | Sequence[str] | None = None,
    seeds: int | Sequence[int] | None = None,
    every: bool = False,
    storage: str | None = None,
    study: GivenStudy | None = None,
) -> Exported:
    """Write a run as one zip file, which works on any machine once it is unpacked.

    Args:
        run: or its folder. The report is written first.
        path: of the zip file, which is replaced.
        rows: whose weights go with it; the base row's if None, none if empty.
        seeds: of these trainings; the first finished one of each row if None.
        every: the weights of every finished training instead.
        storage: where the weights are, if not where the run says.
        study: whose networks go with it as files for other programs too, see `Study.formats`; none do if None.

    Raises:
        UserError: the folder is no run, or weights that are named are not there; says with which command they are made.
            Or the study makes no such files.
    """
    from assay.runs.export import export_run

    folder = Path(run if isinstance(run, str | PathLike) else run.folder)
    wanted = [rows] if isinstance(rows, str) else rows
    numbers = [seeds] if isinstance(seeds, int) else seeds
    known = None if study is None else study_given(study)
    return export_run(folder, Path(path), wanted, numbers, every=every, storage=storage, study=known)


def unpack(path: Place, folder: Place = ".") -> Path:
    """Unpack what `export` wrote, into a new folder in `folder`; returns that.

    Raises:
        UserError: it is no such file, it is damaged, a name in it leads elsewhere, or the folder is there already.
    """
    from assay.store.packed import unpack as unpacked

    return unpacked(Path(path), Path(folder))


@contextmanager
def _going_on(how: str) -> Iterator[None]:
    """A note for who stops it."""
    try:
        yield
    except KeyboardInterrupt as error:
        error.add_note(f"what was done is kept: {how}")
        raise


def _warn(lines: Sequence[str]) -> None:
    """What was asked for and not done is never passed over."""
    if lines:
        warnings.warn("\n".join(lines), stacklevel=3)
