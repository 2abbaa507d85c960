"""The configuration of a command: a frozen class made of its parameters, with types from their defaults."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import make_dataclass
from typing import Any

from assay.command.document import Document, Parameter
from assay.config.errors import UserError
from assay.config.root import RootConfig
from assay.config.section import EVERY, MOST_SEEDS, at_least, choice, fields_of, value

__all__ = ["GIVEN", "config_class", "parameters_in", "space_of"]

DEVICE = "device"
GIVEN = ("seed", "output", "resume", "split", DEVICE)  # what a command can ask for beside its parameters
_TAKEN = {*dir(RootConfig), *RootConfig.__dataclass_fields__, *GIVEN, "base"}  # `base=FILE` is a file of values
_TYPES: Mapping[type, str] = {bool: "bool", int: "int", float: "float", str: "str"}


def config_class(written: Document, place: str) -> type[RootConfig]:
    """A class with a field for every parameter, beside the engine's own.

    Raises:
        UserError: a parameter has a name that no field can have, or its range does not suit its default.
    """
    parameters = written.all_parameters
    for name, each in parameters.items():
        _check_name(name, place)
        _check_range(name, each, place)
    own = [(name, _TYPES[type(each.default)], value(each.default)) for name, each in parameters.items()]
    seeds = ("seeds", "int", at_least(1, written.seeds, most=MOST_SEEDS, ignored_by=EVERY))
    device = (DEVICE, "str", choice("auto", "cpu", "cuda"))
    try:
        return make_dataclass(
            "Config", [seeds, device, *own], bases=(RootConfig,), frozen=True, namespace={"__module__": __name__}
        )
    except TypeError as error:
        raise UserError(f"{place}: parameters: {error}") from error


def parameters_in(config: RootConfig) -> dict[str, Any]:
    """Parameter -> value."""
    engine = fields_of(RootConfig())
    return {name: getattr(config, name) for name in fields_of(config) if name not in engine and name != DEVICE}


def space_of(written: Document) -> dict[str, Any]:
    """The parameters that can be searched, as a file of a search space has them."""
    return {name: _searched(name, each) for name, each in written.all_parameters.items() if _has_range(each)}


def _has_range(parameter: Parameter) -> bool:
    return parameter.choices is not None or parameter.low is not None


def _searched(name: str, parameter: Parameter) -> dict[str, Any]:
    about: dict[str, Any] = {"path": name, "paper": parameter.default, "meaning": parameter.title}
    if parameter.choices is not None:
        return about | {"choices": parameter.choices}
    whole = type(parameter.default) is int
    scale = ("intlog" if whole else "log") if parameter.log else ("int" if whole else "linear")
    return about | {"range": [parameter.low, parameter.high], "scale": scale}


def _check_name(name: str, place: str) -> None:
    if name in _TAKEN:
        raise UserError(f"{place}: a parameter cannot be called {name}, the engine has that name: call it otherwise")
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name) or name.startswith("_"):
        raise UserError(
            f"{place}: a parameter cannot be called {name!r}: expected letters, digits and _, no word of Python"
        )


def _check_range(name: str, parameter: Parameter, place: str) -> None:
    kind, what = type(parameter.default), f"{place}: parameter {name}"
    if parameter.choices is not None:
        if parameter.low is not None or parameter.high is not None or parameter.log:
            raise UserError(f"{what}: expected choices, or low and high; got both")
        if len(parameter.choices) < 2 or any(type(each) is not kind for each in parameter.choices):
            raise UserError(f"{what}: choices: expected at least two, of the default's type ({kind.__name__})")
        if parameter.default not in parameter.choices:
            raise UserError(f"{what}: its default {parameter.default!r} is none of its choices")
        return
    low, high = parameter.low, parameter.high
    if (low is None) != (high is None) or (parameter.log and low is None):
        raise UserError(f"{what}: expected low and high, both")
    if low is None or high is None:
        return
    if kind not in (int, float):
        raise UserError(f"{what}: expected a number as default of a range; got {parameter.default!r}")
    if not low < high or (parameter.log and low <= 0):
        raise UserError(f"{what}: expected low < high{', above 0 for log' if parameter.log else ''}; got {low}, {high}")
    if kind is int and (low != int(low) or high != int(high)):
        raise UserError(f"{what}: its default is a whole number: expected whole numbers as low and high")
