"""What every part of the configuration has in common: typed, frozen, checked when it is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, ClassVar

from assay.config.errors import UserError

__all__ = ["Section", "at_least", "choice", "paths_of", "some_of"]


def choice(default: str, *others: str) -> Any:
    """A field that takes one of a few words, the default first."""
    return field(default=default, metadata={"choices": (default, *others)})


def some_of(default: Sequence[str], known: Sequence[str]) -> Any:
    """A field that takes a list of words from a few."""
    return field(default=tuple(default), metadata={"some_of": tuple(known)})


def at_least(low: float, default: Any, *, above: bool = False) -> Any:
    """A number with a lower bound (`above`: the bound itself is refused). Lists are checked item by item."""
    return field(default=default, metadata={"low": low, "above": above})


@dataclass(frozen=True)
class Section:
    """Base of all configuration classes: `class CrossConfig(Section, at="detail.cross")`.

    Args:
        at: where the section stands in the configuration, for messages; the class's name in small letters if None.

    Raises:
        UserError: a value is none of the choices, out of its range, or not finite.
    """

    prefix: ClassVar[str] = ""

    def __init_subclass__(cls, at: str | None = None) -> None:
        super().__init_subclass__()
        cls.prefix = cls.__name__.removesuffix("Config").lower() if at is None else at

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, list):  # Hydra hands lists; a frozen value must be hashable
                value = tuple(value)
                object.__setattr__(self, item.name, value)
            problem = _problem(value, item.metadata)
            if problem:
                raise UserError(f"{self.prefix}.{item.name}: {problem}".lstrip("."))


def paths_of(section: Any, prefix: str = "") -> dict[str, Any]:
    """Every value of a configuration by its dotted path: `{"train.epochs": 120, ...}`."""
    values: dict[str, Any] = {}
    for item in fields(section):
        value = getattr(section, item.name)
        if is_dataclass(value):
            values |= paths_of(value, f"{prefix}{item.name}.")
        else:
            values[prefix + item.name] = value
    return values


def _problem(value: Any, rules: Any) -> str | None:
    """What is wrong with `value`, or None."""
    numbers = value if isinstance(value, tuple) else (value,)
    if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
        return f"expected a finite number; got {value!r}"
    if "choices" in rules and value not in rules["choices"]:
        return f"expected one of {', '.join(map(str, rules['choices']))}; got {value!r}"
    if "some_of" in rules and (extra := [v for v in value if v not in rules["some_of"]]):
        return f"expected words from {', '.join(rules['some_of'])}; got {extra[0]!r}"
    if "low" in rules and value is not None:
        sign, bad = (">", float.__le__) if rules["above"] else (">=", float.__lt__)
        if any(bad(float(number), float(rules["low"])) for number in numbers):
            return f"expected a number {sign} {rules['low']:g}; got {value!r}"
    return None
