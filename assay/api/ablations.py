"""An ablation, called."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assay.api.endings import going_on, warn
from assay.config.errors import UserError
from assay.config.text.duration import seconds_of
from assay.launch.request.asked import (
    Place,
    as_called,
    base_words,
    given_options,
    looks_asked,
    path_or_none,
)
from assay.launch.request.given import GivenStudy, study_given

if TYPE_CHECKING:
    from assay.launch.ablation import PlannedAblation
    from assay.runs import Run

__all__ = ["ablate", "plan"]


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
    with going_on(f"the same call goes on; in this folder with output={str(planned.run_folder.folder)!r}"):
        run = planned.run(progress=progress, began=began)
    warn(run.unfinished)
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
