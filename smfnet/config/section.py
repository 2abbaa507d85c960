"""What every part of the configuration has in common: typed, frozen, checked when it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from smfnet.config.errors import UserError

__all__ = ["Section", "at_least", "choice", "some_of"]


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
    """Base of all configuration classes.

    Raises:
        UserError: a value is none of the choices, or out of its range.
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, list):  # Hydra hands lists; a frozen value must be hashable
                value = tuple(value)
                object.__setattr__(self, item.name, value)
            problem = _problem(value, item.metadata)
            if problem:
                raise UserError(f"{type(self).__name__.removesuffix('Config').lower()}.{item.name}: {problem}")


def _problem(value: Any, rules: Any) -> str | None:
    """What is wrong with `value`, or None."""
    if "choices" in rules and value not in rules["choices"]:
        return f"expected one of {', '.join(map(str, rules['choices']))}; got {value!r}"
    if "some_of" in rules and (extra := [v for v in value if v not in rules["some_of"]]):
        return f"expected words from {', '.join(rules['some_of'])}; got {extra[0]!r}"
    if "low" in rules and value is not None:
        sign, bad = (">", float.__le__) if rules["above"] else (">=", float.__lt__)
        numbers = value if isinstance(value, tuple) else (value,)
        if any(number != number or bad(float(number), float(rules["low"])) for number in numbers):
            return f"expected a number {sign} {rules['low']:g}; got {value!r}"
    return None
