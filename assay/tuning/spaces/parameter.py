"""One parameter of a search: what it sets in the configuration, where it may lie, and the paper's value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from assay.config.errors import UserError
from assay.config.root import RootConfig
from assay.config.section import paths_of

__all__ = ["CHOICE", "SCALES", "Parameter", "Value"]

Value = bool | int | float | str

CHOICE = "choice"
SCALES = ("linear", "log", "int", "intlog")


@dataclass(frozen=True)
class Parameter:
    """A name for one value of the configuration, or for a choice between sets of values.

    Attributes:
        name: what the user types ("alpha3").
        group: name of the file that it comes from.
        path: the configuration value that it sets; None if every choice names its changes.
        scale: `linear`, `log`, `int`, `intlog`, or `choice`.
        low, high: bounds, both included; None for a choice.
        choices: the values, in order; none for a range.
        effects: choice -> its changes, where a choice is a name for several.
        paper: the paper's value.
        per: path -> the value of that path for which the numbers hold.
        meaning: one line.

    Raises:
        UserError: the range is empty, inverted or not finite, or does not suit its scale.
    """

    name: str
    group: str
    path: str | None
    scale: str
    paper: Value
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Value, ...] = ()
    effects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    per: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.low is None or self.high is None:
            return
        low, high, what = self.low, self.high, f"{self.name}={self.range}"
        if not (math.isfinite(low) and math.isfinite(high)):
            raise UserError(f"{what}: expected finite bounds")
        if self.whole and (low != int(low) or high != int(high)):
            raise UserError(f"{what}: expected whole numbers as bounds")
        if low > high:
            raise UserError(f"{what}: the range is inverted; expected {plain(high)}:{plain(low)}")
        if low == high:
            raise UserError(f"{what}: the range is empty, low and high are the same")
        if self.log and low <= 0:
            raise UserError(f"{what}: a log range needs a low above 0; raise it, or make the scale linear")

    @property
    def whole(self) -> bool:
        """Whether the values of its range are whole numbers."""
        return self.scale in ("int", "intlog")

    @property
    def log(self) -> bool:
        """Whether its range is searched on a logarithmic scale."""
        return self.scale in ("log", "intlog")

    @property
    def size(self) -> float:
        """How many values there are; infinite for a range of real numbers."""
        if self.choices:
            return len(self.choices)
        assert self.low is not None
        assert self.high is not None
        return self.high - self.low + 1 if self.whole else float("inf")

    @property
    def range(self) -> str:
        """The range or the choices as they are typed."""
        if self.choices:
            return ",".join(map(plain, self.choices))
        return f"{plain(self.low)}:{plain(self.high)}:{self.scale}"

    def changes(self, value: Value) -> dict[str, Any]:
        """Configuration path -> value for one value of the parameter."""
        if self.effects:
            return dict(self.effects[str(value)])
        assert self.path is not None
        return {self.path: value}

    def holds(self, value: Value) -> bool:
        """Whether a value is in the range or among the choices."""
        if self.choices:
            return any(value == choice and type(value) is type(choice) for choice in self.choices)
        assert self.low is not None
        assert self.high is not None
        return self.low <= float(value) <= self.high

    def takes(self, value: Value) -> bool:
        """Whether a value may be tried, outside the range too: one of the choices, no 0 on a logarithmic scale."""
        if self.choices:
            return self.holds(value)
        return not self.log or float(value) > 0

    def value_in(self, config: RootConfig) -> Value | None:
        """The value that a configuration has; None if it is none of the choices."""
        values = paths_of(config)
        if self.effects:
            matching = (name for name, changes in self.effects.items() if _agree(changes, values))
            return next(matching, None)
        assert self.path is not None
        value: Value = values[self.path]
        return value if not self.choices or self.holds(value) else None

    def scaled_to(self, config: RootConfig) -> Parameter:
        """The parameter with numbers that hold for this configuration (`per`): whole numbers of at least 1."""
        values = paths_of(config)
        factor = 1.0
        for path, reference in self.per.items():
            factor *= values[path] / reference
        if not self.per or self.low is None or self.high is None:
            return self
        paper, low, high = (max(1, round(float(number) * factor)) for number in (self.paper, self.low, self.high))
        return replace(self, low=low, high=max(high, low + 1), paper=paper, per={})

    def identity(self) -> dict[str, Any]:
        """What decides which values a search may draw and what they do."""
        kept = ("name", "path", "scale", "low", "high", "choices", "effects", "paper")
        return {key: value for key, value in asdict(self).items() if key in kept}


def plain(value: Any) -> str:
    """A value as it is typed: `true`, `0.2`, `leff`."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _agree(changes: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(_comparable(values[path]) == _comparable(value) for path, value in changes.items())


def _comparable(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
