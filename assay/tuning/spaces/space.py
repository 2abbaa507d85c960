"""A search space: parameters in order, and what a sample of them does to a configuration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from assay.config.changes import apply
from assay.config.errors import UserError, unknown
from assay.config.reading import read_yaml, typed
from assay.config.root import RootConfig
from assay.config.section import fields_of, paths_of
from assay.study import Study
from assay.tuning.spaces.parameter import CHOICE, SCALES, Parameter, Value

__all__ = ["DEFAULTS", "OWN", "Space", "catalogue", "catalogue_files", "declared_parameters", "parameters_of"]

DEFAULTS, OWN = "paper", "own"  # as journals have them

Sample = Mapping[str, Value]


@dataclass(frozen=True)
class Space:
    """The parameters of one search."""

    parameters: tuple[Parameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def paper(self) -> dict[str, Value]:
        """The paper's values."""
        return {parameter.name: parameter.paper for parameter in self.parameters}

    @property
    def size(self) -> float:
        """How many samples there are; infinite with a range of real numbers."""
        return math.prod(parameter.size for parameter in self.parameters)

    def changes(self, sample: Sample) -> dict[str, Any]:
        """Configuration path -> value for a sample.

        Raises:
            UserError: two parameters set one path to different values.
        """
        changes: dict[str, Any] = {}
        for parameter in self.parameters:
            for path, value in parameter.changes(sample[parameter.name]).items():
                if path in changes and changes[path] != value:
                    raise UserError(f"{parameter.name} and another parameter both set {path}: leave one of them out")
                changes[path] = value
        return changes

    def apply(self, base: RootConfig, sample: Sample) -> RootConfig:
        """The configuration of a sample.

        Raises:
            UserError: the values do not go together.
        """
        return apply(base, self.changes(sample))

    def sample_of(self, config: RootConfig) -> dict[str, Value] | None:
        """The sample that a configuration is; None if a choice of it is not in the space."""
        found = {parameter.name: parameter.value_in(config) for parameter in self.parameters}
        return (
            {name: value for name, value in found.items() if value is not None} if None not in found.values() else None
        )

    def scaled_to(self, config: RootConfig) -> Space:
        """The space with numbers that hold for this configuration."""
        return Space(tuple(parameter.scaled_to(config) for parameter in self.parameters))

    def check(self, base: RootConfig) -> None:
        """Try every bound and every choice by itself, or beside the paper's values of the other parameters.

        Raises:
            UserError: the configuration refuses one of them.
        """
        for parameter in self.parameters:
            for bound in parameter.choices or (parameter.low, parameter.high):
                assert bound is not None
                value = int(bound) if parameter.whole else bound
                try:
                    apply(base, parameter.changes(value))
                except UserError as error:
                    if not self.fits(base, self.paper | {parameter.name: value}):
                        raise UserError(f"{parameter.name}={parameter.range} does not fit: {error}") from error

    def holds(self, sample: Sample) -> bool:
        """Whether a sample is inside all ranges, with choices that there are; defaults that are tried need not be."""
        return all(parameter.holds(sample[parameter.name]) for parameter in self.parameters)

    def fits(self, base: RootConfig, sample: Sample) -> bool:
        """Whether the configuration of a sample is one, and the space takes its choices and numbers."""
        if not all(p.takes(sample[p.name]) for p in self.parameters):
            return False
        try:
            self.apply(base, sample)
        except UserError:
            return False
        return True

    def first_samples(self, base: RootConfig) -> list[tuple[str, dict[str, Value]]]:
        """What is tried before anything is drawn: the paper's values, and the configuration's own where they differ.

        Returns:
            Role (`DEFAULTS`, `OWN`) and sample. A sample that is not in the space, or does not fit, is left out.
        """
        samples = [(DEFAULTS, self.paper)] if self.fits(base, self.paper) else []
        own = self.sample_of(base)
        if own is None or not self.fits(base, own):
            return samples
        if not samples or self.apply(base, own) != self.apply(base, self.paper):
            samples.append((OWN, own))
        return samples

    def identity(self) -> list[dict[str, Any]]:
        """What decides which samples a search may draw and what they do, as JSON keeps it."""
        return [parameter.identity() for parameter in self.parameters]


def catalogue_files(folder: Path | None, extra: Path | None = None) -> list[Path]:
    """The files of a study's folder of search spaces, and the user's."""
    return (sorted(folder.glob("*.yaml")) if folder else []) + ([extra] if extra else [])


def parameters_of(study: Study, extra: Path | None = None) -> dict[str, Parameter]:
    """Every parameter of a study that can be searched: those of its fields, its own, of its folder, of a user's file.

    Raises:
        UserError: a file is not a search space.
    """
    try:
        own = {each.name: each for each in _own(study)}
    except ValueError as error:
        raise UserError(f"the parameters of the study {study.name}: {error}") from error
    return declared_parameters(study.schema.config()) | own | catalogue(catalogue_files(study.spaces, extra))


def _own(study: Study) -> list[Parameter]:
    """Those that it lists itself; where it says nothing of a value that others found best, its base has it."""
    known = study.schema.known
    for name, each in study.space.items():
        if isinstance(each, Mapping) and each.get("path") is not None and each["path"] not in known:
            raise UserError(f"the parameter {name} of {study.name}: {unknown('path', str(each['path']), known)}")
    raw = {
        name: {"paper": known.get(str(each.get("path"))), "meaning": "", **each} if isinstance(each, Mapping) else each
        for name, each in study.space.items()
    }
    return _parsed(study.name, {"parameters": raw}) if raw else []


def catalogue(files: Iterable[Path]) -> dict[str, Parameter]:
    """Every parameter by name; a later file replaces what an earlier one calls the same.

    Raises:
        UserError: a file is not a search space.
    """
    return {parameter.name: parameter for path in files for parameter in _read(path)}


def declared_parameters(config: RootConfig) -> dict[str, Parameter]:
    """A parameter for every value whose field says where a search looks (`searched`), named by the value's path.

    Args:
        config: the study's base; its values stand in the place of the paper's.
    """
    values = paths_of(config)
    return {
        path: _declared(path, values[path], *item.metadata["searched"])
        for path, item in fields_of(config).items()
        if "searched" in item.metadata
    }


def _declared(path: str, base: Value, low: float, high: float, scale: str) -> Parameter:
    group, meaning = path.partition(".")[0], "a value of the configuration, by its path"
    return Parameter(path, group, path, scale, base, meaning, low=low, high=high)


@dataclass(frozen=True)
class _Written:
    """A parameter as a file has it."""

    paper: Value
    meaning: str
    path: str | None = None
    range: tuple[float, float] | None = None
    scale: str = ""
    choices: list[Value] | dict[str, dict[str, Any]] | None = None
    per: dict[str, Annotated[float, Field(gt=0)]] = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    parameters: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=100)], _Written]
    title: str = ""


def _parsed(group: str, raw: Any) -> list[Parameter]:
    written = typed(_File, raw)
    return [_parameter(name, group, each) for name, each in written.parameters.items()]


def _read(path: Path) -> list[Parameter]:
    expected = "expected parameters, each with path and range or choices, scale, meaning, and as paper its first value"
    try:
        return _parsed(path.stem, read_yaml(path))
    except OSError as error:
        raise UserError(f"cannot read the search space {path}: {error.strerror}") from error
    except UserError as error:
        raise UserError(f"{path} is no search space: {error}") from error
    except ValueError as error:
        raise UserError(f"{path} is no search space: {expected}; {error}") from error


def _parameter(name: str, group: str, written: _Written) -> Parameter:
    shared: dict[str, Any] = {"name": name, "group": group, "meaning": written.meaning}
    if written.choices is not None:
        effects = written.choices if isinstance(written.choices, dict) else {}
        if not written.choices or (not effects and not written.path):
            raise UserError(f"{name}: expected a path and its choices, or choices with the changes of each")
        path, choices = None if effects else written.path, tuple(written.choices)
        parameter = Parameter(**shared, paper=written.paper, path=path, scale=CHOICE, choices=choices, effects=effects)
        if not parameter.holds(parameter.paper):
            raise UserError(f"{name}: paper: {parameter.paper!r} is none of the choices {parameter.range}")
        return parameter
    if written.range is None or not written.path or isinstance(written.paper, str):
        raise UserError(f"{name}: expected a path, a range, and as paper its first value, a number; or choices")
    if written.scale not in SCALES:
        raise UserError(f"{name}: scale: expected one of {', '.join(SCALES)}; got {written.scale!r}")
    low, high = written.range
    paper = int(written.paper) if written.scale in ("int", "intlog") else float(written.paper)
    return Parameter(**shared, paper=paper, path=written.path, scale=written.scale, low=low, high=high, per=written.per)
