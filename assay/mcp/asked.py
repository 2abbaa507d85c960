"""What an agent may ask for: rows and parameters that the study names, with values that it allows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assay.config.changes import apply
from assay.config.errors import UserError, unknown

if TYPE_CHECKING:
    from assay.config.root import RootConfig
    from assay.experiment.suite import Suite, Variant
    from assay.study import Study
    from assay.tuning.spaces.parameter import Parameter

__all__ = ["Ablate", "Request", "Search", "study_rows", "suite_for"]

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,60}$")]
Value = bool | int | float | Annotated[str, Field(max_length=100)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def called(self) -> str:
        """The tool that carries it out."""
        return type(self).__name__.lower()

    @property
    def digest(self) -> str:
        """The same for the same request."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:32]


class Ablate(_Asked):
    """Rows to train beside the base, each with its seeds; a proposal.

    Attributes:
        rows: of the study's suite.
        changes: name of a new row -> parameter of the study -> its value.
        seeds: of every row; which, is for the ledger to say.
    """

    kind: Literal["ablate"] = "ablate"
    rows: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=20)
    changes: dict[Name, dict[Name, Value]] = Field(default={}, max_length=20)
    seeds: int = Field(default=5, ge=3, le=30)


class Search(_Asked):
    """Parameters to tune.

    Attributes:
        parameters: names or groups.
        trials: in all.
        confirm: fresh seeds for the best.
    """

    kind: Literal["search"] = "search"
    parameters: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=30)
    trials: int = Field(default=12, ge=1, le=1000)
    confirm: int = Field(default=3, ge=0, le=30)


Request = Ablate | Search


def suite_for(asked: Ablate, suite: Suite, known: Mapping[str, Parameter], config: RootConfig) -> dict[str, Any]:
    """The suite of a proposal as `assay.plan` takes one: the base, rows of the study's suite, and new ones.

    Args:
        asked: by the agent.
        suite: the study's own.
        known: the study's parameters.
        config: of the base.

    Raises:
        UserError: a name is unknown, a value is not allowed, or there is nothing to compare.
    """
    base, *_ = suite.pick([suite.base])
    picked = [variant for variant in suite.pick(asked.rows) if variant.name != suite.base]
    rows = {each.name: _row(each) for each in (base, *picked)}
    for name, changes in asked.changes.items():
        if name.casefold() in {each.casefold() for each in (*rows, *(variant.name for variant in suite.variants))}:
            raise UserError(f"changes: the row {name} is there already: give another name")
        changed = _changes(changes, known, config)
        if apply(config, changed) == config:
            raise UserError(f"changes: {name} changes nothing: {suite.base} has {_title(changes)} already")
        rows[name] = {"title": _title(changes), "changes": changed}
    if len(rows) < 2:
        raise UserError(f"nothing is compared with {suite.base}: name rows, or changes")
    return {"title": suite.title, "base": suite.base, "rows": rows, "margins": dict(suite.margins)}


def _row(variant: Variant) -> dict[str, Any]:
    return {"title": variant.title, "changes": dict(variant.changes)}


def _title(changes: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in changes.items())


def _changes(changes: Mapping[str, Any], known: Mapping[str, Parameter], config: RootConfig) -> dict[str, Any]:
    from assay.tuning.spaces.space import Space

    if not changes:
        raise UserError("changes: a new row changes nothing: name parameters and values")
    parameters = []
    for name, value in changes.items():
        if name not in known:
            raise unknown("parameter", name, known)
        parameter = known[name].scaled_to(config)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not ((number and parameter.low is not None) or parameter.choices) or not parameter.holds(value):
            raise UserError(f"{name}: expected {parameter.range}; got {value!r}")
        parameters.append(parameter)
    return Space(tuple(parameters)).changes(
        {each.name: int(changes[each.name]) if each.whole else changes[each.name] for each in parameters}
    )


def study_rows(study: Study) -> Suite:
    """The study's own suite; of one without any the base alone."""
    from assay.experiment.suite import suite_of

    return suite_of(study) if study.suite else suite_of(study, {"base": "base", "rows": {"base": None}})
