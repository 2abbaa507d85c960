"""What search.json holds, read into types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator

from assay.config.errors import one_line
from assay.metric import Metric
from assay.store.received.typed import Text, Values, read_typed

__all__ = ["read_search_record", "validated_on"]


def _shown(value: bool | int | float | str) -> bool | int | float | str:
    return one_line(value) if isinstance(value, str) else value


Value = Annotated[bool | int | float | str, AfterValidator(_shown)]


@dataclass(frozen=True)
class _Asked:
    """What the last command asked for."""

    trials: int
    best: int
    confirm: int
    named: tuple[Text, ...]
    used_up: bool
    within_s: float | None = None


@dataclass(frozen=True)
class _Parameter:
    """A range has low and high, and else there are choices."""

    name: Text
    scale: Text
    paper: Value
    choices: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    path: Text | None = None
    meaning: Text = ""
    group: Text = ""
    typed: Text | None = None

    def __post_init__(self) -> None:
        if not self.choices and (self.low is None or self.high is None):
            raise ValueError("expected low and high, or choices")
        if not self.choices and not isinstance(self.paper, int | float):
            raise ValueError("paper: expected a number")


@dataclass(frozen=True)
class _Record:
    objectives: tuple[Text, ...]
    space: tuple[_Parameter, ...]
    seeds: tuple[int, ...] = ()
    validation_pairs: int | None = None
    sample: Text = "image"
    defaults_of: Text = "paper"  # an early search does not say it
    format: int = 0
    command: tuple[str, ...] = ()
    asked: _Asked | None = None
    metrics: tuple[Metric, ...] = ()
    sampler: Text = ""
    pruning: Text = ""
    note: Text = ""
    start: Text = ""
    provenance: Values = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = (*self.objectives, *(parameter.name for parameter in self.space))
        if not self.objectives or not self.space or len(set(names)) < len(names):
            raise ValueError("expected objectives and parameters, each with a name of its own")


def validated_on(record: Mapping[str, Any]) -> str:
    """`8 validation images and 1 seed(s); no test image was read`; nobody may know how many there are."""
    number, noun = record.get("validation_pairs"), record.get("sample", "image")
    known = number is not None and number >= 0
    samples = f"{number} validation {noun}{'' if number == 1 else 's'}" if known else f"the validation {noun}s"
    return f"{samples} and {len(record.get('seeds', ()))} seed(s); no test {noun} was read"


def read_search_record(data: bytes, newest: int) -> Mapping[str, Any]:
    """The values of search.json by name, those that an early version did not write at their defaults.

    Args:
        data: the file.
        newest: the latest format that can be read.

    Raises:
        Newer: it has a later one.
        ValueError: it is something else, or was edited into it; one line.
    """
    record = asdict(read_typed(_Record, data, newest))
    return {name: value for name, value in record.items() if value is not None}
