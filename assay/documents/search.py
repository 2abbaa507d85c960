"""A search as a document."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from assay.documents.ablation import Ablation, ablation_of, records
from assay.documents.envelope import Number, Numbers, Part, Plain, Result, Text

if TYPE_CHECKING:
    from assay.evidence.search_results import SearchResults
    from assay.runs import SearchRun

__all__ = ["Comparison", "Search", "search_of"]


class SearchedParameter(Part):
    """A parameter and where it was looked for."""

    name: Text
    path: Text | None
    """Of the configuration; null where a choice stands for several values."""
    scale: Text
    low: Number
    high: Number
    choices: list[Plain]
    """None of a range."""


class Tried(Part):
    """One trial of a search."""

    trial: int
    role: Text
    """`defaults` or `own` of those that the search began with."""
    state: Text
    """`finished`, `stopped`, `failed`, `running` or `waiting`."""
    reason: Text
    origin: Text
    """The earlier search or ablation that it was taken from."""
    outside: Text
    """Ranges that it lies outside of."""
    values: Numbers
    """Objective -> its value on the validation split."""
    parameters: dict[Text, Plain]
    seconds: Number


class Best(Part):
    """The best trial inside the ranges."""

    parameters: dict[Text, Plain]
    config: Text
    """A YAML file for `base=`."""
    gained: bool
    """Whether fresh seeds and the test split resolve that it is better than what the search began with."""
    line: Text


class Important(Part):
    """How much a parameter decides."""

    objective: Text
    parameter: Text
    importance: Number
    chance: Number
    """What shuffled values give."""
    p: Number


class Search(Result):
    """The result of `search`, and of `report` of a search."""

    kind: Literal["search"] = "search"
    folder: Text
    objectives: list[Text]
    parameters: list[SearchedParameter]
    trials: list[Tried]
    best: Best | None
    """Null where no trial inside the ranges has finished."""
    importance: list[Important]
    confirmation: Ablation | None
    """The best and the defaults under fresh seeds on the test split; null where nothing was confirmed."""
    unfinished: list[Text]
    """What was asked for and was not done."""


class Comparison(Result):
    """The result of `report` of several runs."""

    kind: Literal["comparison"] = "comparison"
    page: Text
    runs: list[Annotated[Ablation | Search, Field(discriminator="kind")]]
    """What each of them holds."""


def search_of(found: SearchRun) -> Search:
    """The document of a search, finished or not.

    Raises:
        UserError: the folder holds no search, or a file in it is damaged.
    """
    results = found.results
    trials = results.trials.assign(outside=results.outside)
    return Search(
        folder=str(found.folder),
        objectives=results.objectives,
        parameters=[SearchedParameter.model_validate({"path": None, **each}) for each in results.space],
        trials=[_tried(line, results) for line in records(trials)],
        best=_best(found),
        importance=[Important.model_validate(line) for line in records(found.importance)],
        confirmation=ablation_of(found.confirmation) if found.confirmation else None,
        unfinished=found.unfinished,
    )


def _tried(line: Mapping[str, Any], results: SearchResults) -> Tried:
    about: Mapping[Hashable, Any] = {name: line.get(name, "") for name in ("role", "state", "reason", "origin")}
    return Tried(
        **{str(name): value for name, value in about.items()},
        trial=line["trial"],
        outside=line["outside"],
        values={name: line[name] for name in results.objectives},
        parameters={each["name"]: line[each["name"]] for each in results.space},
        seconds=line.get("seconds"),
    )


def _best(found: SearchRun) -> Best | None:
    if not found.best:
        return None
    answer = found.answer
    return Best(parameters=dict(found.best), config=str(found.best_config), gained=answer.gained, line=answer.line)
