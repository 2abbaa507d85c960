"""What every part of the configuration has in common: typed, frozen, checked when it is made."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, TypedDict, Unpack

from assay.config.errors import UserError

__all__ = [
    "EVERY",
    "MOST_SEEDS",
    "Declared",
    "Section",
    "at_least",
    "choice",
    "fields_of",
    "items_of",
    "paths_of",
    "place",
    "some_of",
    "value",
]

EVERY = ("*",)  # for `ignored_by`: every kind of stage
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
MOST = 10**9  # of a whole number that has no other bound
MOST_SEEDS = 1000


class Declared(TypedDict, total=False):
    """What a field may declare of the results that it decides. Without a word it counts for every stage.

    Attributes:
        ignored_by: kinds of stages to which the value means nothing. Such a stage is handed a configuration without it.
        idle_when: fields of the same section, each with a value at which this one means nothing to any stage.
        as_before: of a field that is new: the value at which everything is as it was without the field, so that
            results that are stored already keep their names.
        decides: False for what is read and decides nothing, as a number of seconds between two checkpoints.
        builder: `package.module:name` of what computes with the value, as text, so that nothing is imported for a
            configuration. Its code counts where it is asked for: a number that is not 0, the kind that is chosen.
        searched: low, high and scale (`linear`, `log`, `int`, `intlog`) of a search over the value by its path.

    A field that holds a section may declare `ignored_by`, `idle_when` and `builder`; the first two then hold for all
    that is in the section.
    """

    ignored_by: Collection[str]
    idle_when: Mapping[str, Any]
    as_before: Any
    decides: bool
    builder: str
    searched: tuple[float, float, str]


def value(default: Any, **declared: Unpack[Declared]) -> Any:
    """A field that takes any value of its type."""
    return field(default=default, metadata=declared)


def place(default: str, **declared: Unpack[Declared]) -> Any:
    """A field that takes a folder or a URL; an unset variable of a shell is none."""
    return field(default=default, metadata={"place": True, **declared})


def choice(default: str, *others: str, **declared: Unpack[Declared]) -> Any:
    """A field that takes one of a few words, the default first."""
    return field(default=default, metadata={"choices": (default, *others), **declared})


def some_of(
    default: Sequence[str], known: Sequence[str], *, each_once: bool = False, **declared: Unpack[Declared]
) -> Any:
    """A field that takes a list of words from a few (`each_once`: at least one, and none twice)."""
    return field(default=tuple(default), metadata={"some_of": tuple(known), "each_once": each_once, **declared})


def at_least(
    low: float, default: Any, *, above: bool = False, most: float | None = None, **declared: Unpack[Declared]
) -> Any:
    """A number with a lower bound (`above`: the bound itself is refused). Lists are checked item by item.

    Args:
        most: upper bound: more is surely a slip, and would fill the memory or never end; a thousand millions if None
            and the number is whole.
    """
    return field(default=default, metadata={"low": low, "above": above, "most": most, **declared})


@dataclass(frozen=True)
class Section:
    """Base of all configuration classes: `class CrossConfig(Section, at="detail.cross")`.

    Args:
        at: where the section stands in the configuration, for messages; the class's name in small letters if None.

    Raises:
        UserError: a value is none of the choices, out of its range, or not finite.
    """

    prefix: ClassVar[str] = ""
    lacks: ClassVar[frozenset[str]] = frozenset()  # names of fields that were left out, see `without`

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

    def idle(self) -> set[str]:
        """Names of the fields that mean nothing beside the others' values; a switch that was left out says nothing."""
        kind: Any = type(self)
        return {name for name, when in _switches(kind) if any(getattr(self, each) == at for each, at in when.items())}


def paths_of(section: Section) -> dict[str, Any]:
    """Every value of a configuration by its dotted path: `{"train.epochs": 120, ...}`; without what was left out."""
    return {path: getattr(place, item.name) for path, (place, item) in _leaves(section, "")}


def fields_of(section: Section) -> dict[str, Field[Any]]:
    """The field of every value by its dotted path, with what it declares."""
    return {path: item for path, (_, item) in _leaves(section, "")}


def _leaves(section: Section, prefix: str) -> Iterator[tuple[str, tuple[Section, Field[Any]]]]:
    for item in items_of(section):
        value = getattr(section, item.name)
        if isinstance(value, Section):
            yield from _leaves(value, f"{prefix}{item.name}.")
        else:
            yield prefix + item.name, (section, item)


def items_of(section: Section) -> tuple[Field[Any], ...]:
    """The fields that a section has; without what was left out."""
    kind: Any = type(section)
    return _items(kind)


@cache
def _items(kind: Any) -> tuple[Field[Any], ...]:
    """Of a class of sections."""
    return tuple(item for item in fields(kind) if item.name not in kind.lacks)


@cache
def _switches(kind: Any) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Fields of a class that may mean nothing: their names, and at which values of those that are there."""
    there = {item.name for item in _items(kind)}
    declared = ((item.name, item.metadata.get("idle_when", {})) for item in fields(kind))
    return tuple((name, {each: at for each, at in when.items() if each in there}) for name, when in declared if when)


def _problem(value: Any, rules: Mapping[str, Any]) -> str | None:
    """What is wrong with `value`, or None."""
    numbers = value if isinstance(value, tuple) else (value,)
    if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
        return f"expected a finite number; got {value!r}"
    if "choices" in rules and value not in rules["choices"]:
        return f"expected one of {', '.join(map(str, rules['choices']))}; got {value!r}"
    if any(isinstance(text, str) and _CONTROL.search(text) for text in numbers):
        return f"expected text without line ends, control characters and bytes that are no text; got {value!r}"
    if "place" in rules and not value:
        return "expected a folder or a URL; got '' (. is the current folder)"
    if "some_of" in rules:
        return _wrong_words(value, rules)
    return _out_of_bounds(value, numbers, rules) if "low" in rules and value is not None else None


def _wrong_words(words: Sequence[str], rules: Mapping[str, Any]) -> str | None:
    known = ", ".join(rules["some_of"])
    if extra := [word for word in words if word not in rules["some_of"]]:
        return f"expected words from {known}; got {extra[0]!r}"
    if rules["each_once"] and not words:
        return f"expected at least one of {known}; got none"
    if rules["each_once"] and len(set(words)) < len(words):
        return f"expected each word once; got {', '.join(words)}"
    return None


def _out_of_bounds(value: Any, numbers: Sequence[float], rules: Mapping[str, Any]) -> str | None:
    low, most = rules["low"], rules["most"]
    if any(number <= low if rules["above"] else number < low for number in numbers):
        return f"expected a number {'>' if rules['above'] else '>='} {low:g}; got {value!r}"
    if most is None and any(isinstance(number, int) for number in numbers):
        most = MOST
    if most is not None and any(number > most for number in numbers):
        return f"expected a number <= {most}; got {value!r}"
    return None
