"""What would be done, and what can be asked for, as documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from assay.documents.ablation import records
from assay.documents.envelope import Part, Plain, Result, Text

if TYPE_CHECKING:
    from assay.experiment.suite import Suite
    from assay.launch.ablation import PlannedAblation
    from assay.launch.search import PlannedSearch
    from assay.tuning.spaces.parameter import Parameter

__all__ = [
    *("AblationPlan", "Parameters", "Rows", "SearchPlan"),
    *("parameters_of", "plan_of", "rows_of"),
]


class PlannedTrial(Part):
    """One row under one seed, as it would be done."""

    trial: Text
    row: Text
    seed: int
    """-1 of a training-free row."""
    measured: bool
    """In the store already."""
    epochs: int
    """That it would train itself."""


class AblationPlan(Result):
    """The result of `ablate --plan`: nothing was trained or written."""

    kind: Literal["ablation-plan"] = "ablation-plan"
    folder: Text
    lines: list[Text]
    """What would be done, what it would take and what it could tell, as people read it."""
    trials: list[PlannedTrial]


class SearchPlan(Result):
    """The result of `search --plan`: nothing was trained or written."""

    kind: Literal["search-plan"] = "search-plan"
    folder: Text
    lines: list[Text]
    objectives: list[Text]
    parameters: list[Text]
    trials: int
    """At most."""


class SuiteRow(Part):
    """A row that can be asked for."""

    name: Text
    title: Text
    changes: dict[Text, Plain]
    published: Text | None
    """The row of the published table that it answers."""
    alternative: bool
    """Left out of `--all`."""


class Rows(Result):
    """The result of `ablate --list`."""

    kind: Literal["rows"] = "rows"
    suite: Text
    title: Text
    base: Text
    rows: list[SuiteRow]
    baselines: list[Text]
    """Training-free rows."""
    suites: list[Text]
    """All that `--suite` takes by name."""


class SpaceParameter(Part):
    """A parameter that can be searched."""

    name: Text
    group: Text
    path: Text | None
    scale: Literal["linear", "log", "int", "intlog", "choice"]
    low: float | None
    high: float | None
    choices: list[Plain]
    default: Plain
    """The base's value, or the paper's."""
    per: dict[Text, float]
    """Path -> its value for which the numbers hold; they grow with it."""
    meaning: Text


class Parameters(Result):
    """The result of `search --list`."""

    kind: Literal["parameters"] = "parameters"
    defaults_of: Text
    """Whose values the defaults are."""
    parameters: list[SpaceParameter]


def plan_of(planned: PlannedAblation | PlannedSearch, *, probe: bool = False) -> AblationPlan | SearchPlan:
    """The document of an ablation or a search that has not begun.

    Args:
        planned: what would be done.
        probe: try a few steps where nothing is known of the time.

    Raises:
        UserError: what would be done does not go on what is in the folder or the storage.
    """
    from assay.launch.ablation import PlannedAblation

    lines = list(planned.lines(probe=probe))
    if isinstance(planned, PlannedAblation):
        trials = [PlannedTrial.model_validate(line) for line in records(planned.table())]
        return AblationPlan(folder=str(planned.run_folder.folder), lines=lines, trials=trials)
    return SearchPlan(
        folder=str(planned.folder),
        lines=lines,
        objectives=list(planned.settings.objective.names),
        parameters=list(planned.settings.space.names),
        trials=planned.budget.trials,
    )


def rows_of(suite: Suite, suites: list[str]) -> Rows:
    """The document of a suite.

    Args:
        suite: whose rows they are.
        suites: names of all.
    """
    return Rows(
        suite=suite.name,
        title=suite.title,
        base=suite.base,
        rows=[SuiteRow.model_validate(vars(variant)) for variant in suite.variants],
        baselines=list(suite.baselines),
        suites=suites,
    )


def parameters_of(known: Mapping[str, Parameter], defaults_of: str) -> Parameters:
    """The document of a space.

    Args:
        known: the parameters, by name.
        defaults_of: whose values their defaults are.
    """
    told = [SpaceParameter.model_validate({**vars(each), "default": each.paper}) for each in known.values()]
    return Parameters(defaults_of=defaults_of, parameters=told)
