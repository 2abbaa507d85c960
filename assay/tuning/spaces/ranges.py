"""The words of the command line: parameters, their ranges, and what is left for the configuration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from assay.config.compose import Schema
from assay.config.errors import UserError, unknown
from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.tuning.spaces.parameter import CHOICE, SCALES, Parameter, Value
from assay.tuning.spaces.space import Space

__all__ = ["Asked", "split_words", "word_of"]

_FORM = "expected low:high, low:high:scale or value,value,..."


class Asked:
    """What the words ask for.

    Attributes:
        space: the parameters in the order in which they were named; numbers with `per` are not scaled yet.
        ranges: name -> its range, where one was typed.
        overrides: `key=value` for the configuration.
    """

    def __init__(self, space: Space, ranges: Mapping[str, str], overrides: Iterable[str]) -> None:
        self.space, self.ranges, self.overrides = space, dict(ranges), list(overrides)

    def space_for(self, base: RootConfig) -> Space:
        """The space with numbers that hold for a configuration, and with the ranges that were typed.

        Raises:
            UserError: a range is empty, inverted, or does not fit.
        """
        scaled = self.space.scaled_to(base)
        return Space(
            tuple(
                _narrowed(parameter, self.ranges[parameter.name]) if parameter.name in self.ranges else parameter
                for parameter in scaled.parameters
            )
        )


def split_words(words: Iterable[str], known: Mapping[str, Parameter], schema: Schema[Any]) -> Asked:
    """Tell parameters, ranges and configuration apart.

    Args:
        words: of the command line.
        known: the parameters that there are.
        schema: of the study's configuration.

    A word without `=` is a parameter, or a group that stands for all its parameters. A word whose left side is a
    parameter is a range; any other is for the configuration, and so is one value for a parameter that is named by its
    path.

    Raises:
        UserError: a name is neither; nothing is named; a range cannot be read, or a parameter has two.
    """
    groups: dict[str, list[str]] = {}
    for parameter in known.values():
        groups.setdefault(parameter.group, []).append(parameter.name)
    names: list[str] = []
    ranges: dict[str, str] = {}
    overrides: list[str] = []
    for word in words:
        name, sign, text = word.partition("=")
        if sign and (name not in known or _is_a_value(known[name], text)):
            overrides.append(_override(word, name, known, schema))
        elif name in known:
            names.append(name)
            if sign:
                if not known[name].per:
                    _narrowed(known[name], text)  # says at once what is wrong with it
                if ranges.setdefault(name, text) != text:
                    raise UserError(f"{name}: expected one range; got {ranges[name]} and {text}")
        elif name in groups:
            names += groups[name]
        else:
            raise unknown("parameter", name, [*known, *groups])
    if not names:
        raise UserError(_nothing(known))
    return Asked(Space(tuple(known[name] for name in dict.fromkeys(names))), ranges, overrides)


def _nothing(known: Mapping[str, Parameter]) -> str:
    """What to do where no parameter was named."""
    if not known:
        return "nothing to search: the study lists no parameter (space), and no value says where a search looks"
    return f"nothing to search: name parameters, such as {' '.join([*known][:2])}; `search --list` shows all"


def word_of(name: str, asked: Any) -> str:
    """A range that is written in Python as the command has it.

    Args:
        name: of the parameter.
        asked: (low, high) or (low, high, scale); a list of values; or a text, as it is typed.
    """
    if isinstance(asked, str):
        return f"{name}={asked}"
    if not isinstance(asked, list | tuple):
        raise UserError(f"{name}: expected (low, high), (low, high, scale) or a list of values; got {asked!r}")
    values = [str(each).lower() if isinstance(each, bool) else str(each) for each in asked]
    return f"{name}={(':' if isinstance(asked, tuple) else ',').join(values)}"


def _is_a_value(parameter: Parameter, text: str) -> bool:
    return parameter.name == parameter.path and ":" not in text and "," not in text


def _override(word: str, key: str, known: Mapping[str, Parameter], schema: Schema[Any]) -> str:
    """A word for the configuration; a key without a dot that is no key may be a mistyped parameter."""
    keys = [*schema.names, "base"]
    if "." not in key and key not in keys:
        raise unknown("parameter or key", key, [*known, *keys], paths_of(schema.compose()))
    return word


def _narrowed(parameter: Parameter, text: str) -> Parameter:
    """The parameter with the range or the choices that were typed.

    Raises:
        UserError: see `split_words`.
    """
    if ":" in text:
        if parameter.scale == CHOICE:
            raise UserError(f"{parameter.name}={text}: expected some of its choices, {parameter.range}")
        return _ranged(parameter, text)
    values = tuple(_value(parameter, part.strip(), text) for part in text.split(","))
    if len(set(values)) < 2:
        fixed = f"to fix it, give {parameter.path}={text}" if parameter.path else "to fix it, leave it out"
        raise UserError(f"{parameter.name}={text}: one value leaves nothing to search; {_FORM}; {fixed}")
    effects = {str(value): parameter.effects[str(value)] for value in values} if parameter.effects else {}
    paper = values[values.index(parameter.paper)] if parameter.paper in values else parameter.paper
    return replace(
        parameter, scale=CHOICE, low=None, high=None, choices=tuple(dict.fromkeys(values)), effects=effects, paper=paper
    )


def _ranged(parameter: Parameter, text: str) -> Parameter:
    parts = text.split(":")
    try:
        low, high = (float(part) for part in parts[:2])
    except ValueError as error:
        raise UserError(f"{parameter.name}={text}: {_FORM}, with numbers") from error
    scale = _scale(parameter, parts[2:], text)
    return replace(parameter, scale=scale, low=low, high=high)


def _scale(parameter: Parameter, rest: list[str], text: str) -> str:
    """The scale that was typed, as a whole-number one where the parameter is; its own if none was."""
    if not rest:
        return parameter.scale
    if len(rest) > 1:
        raise UserError(f"{parameter.name}={text}: {_FORM}")
    if rest[0] not in SCALES:
        raise unknown("scale", rest[0], SCALES)
    return {"linear": "int", "log": "intlog"}.get(rest[0], rest[0]) if parameter.whole else rest[0]


def _value(parameter: Parameter, part: str, text: str) -> Value:
    """One value of a list, of the type that the parameter has."""
    numbers = bool(parameter.path) and all(type(choice) is int for choice in parameter.choices)
    if parameter.scale == CHOICE and not numbers:
        named = {str(choice).lower(): choice for choice in parameter.choices}
        if part.lower() not in named:
            raise unknown(f"choice of {parameter.name}", part, map(str, parameter.choices))
        return named[part.lower()]
    try:
        value = float(part)
    except ValueError as error:
        raise UserError(f"{parameter.name}={text}: {_FORM}, with numbers") from error
    whole = parameter.whole or parameter.scale == CHOICE
    if not math.isfinite(value) or (whole and value != int(value)):
        raise UserError(f"{parameter.name}={text}: expected {'whole' if whole else 'finite'} numbers; got {part}")
    return int(value) if whole else value
