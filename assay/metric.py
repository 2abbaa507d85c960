"""What a measured number is: its unit and convention, which way is better, and how it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay.config.errors import UserError

__all__ = [
    "LARGER", "NO_DIRECTION", "SMALLER", "Metric", "better_words", "effective_words", "metric_named", "metrics_from",
]  # fmt: skip

LARGER, SMALLER, NO_DIRECTION = "larger", "smaller", "none"
_SIGN = {LARGER: 1, SMALLER: -1, NO_DIRECTION: 0}
_ARROW = {LARGER: " ↑", SMALLER: " ↓", NO_DIRECTION: ""}
MOST_DECIMALS = 12


@dataclass(frozen=True)
class Metric:
    """One metric of a study; terminal, verdicts, search, report and LaTeX read it from here and nowhere else.

    Attributes:
        name: as tables and results have it.
        better: `larger`, `smaller`, or `none` if neither is better.
        unit: in words, empty without one.
        convention: how it is computed where papers differ, one line.
        decimals: digits after the point, 0 to 12.
        margin: a difference below which nobody would care, in the metric's unit; None if nobody has said. A suite can
            have another.
        variant_of: the metric of which this is a second convention, or empty.
        effective_samples: how many samples of equal weight its samples are worth, where some weigh more than others
            (Kish, Survey Sampling, 1965: (sum w)^2 / sum w^2), as the IoU of a class that few images have; None: all.

    Raises:
        UserError: a value is none of these.
    """

    name: str
    better: str = LARGER
    unit: str = ""
    convention: str = ""
    decimals: int = 4
    margin: float | None = None
    variant_of: str = ""
    effective_samples: float | None = None

    def __post_init__(self) -> None:
        if self.better not in _SIGN:
            raise UserError(f"metric {self.name}: better: expected {', '.join(_SIGN)}; got {self.better!r}")
        if not 0 <= self.decimals <= MOST_DECIMALS:
            raise UserError(f"metric {self.name}: decimals: expected 0 to {MOST_DECIMALS}; got {self.decimals!r}")
        if self.margin is not None and not 0 < self.margin < math.inf:
            raise UserError(f"metric {self.name}: margin: expected a number > 0; got {self.margin!r}")
        if self.effective_samples is not None and not 1 <= self.effective_samples < math.inf:
            got = self.effective_samples
            raise UserError(f"metric {self.name}: effective_samples: expected a number of 1 or more; got {got!r}")

    @property
    def directed(self) -> bool:
        """Whether one of two values can be the better one."""
        return self.better != NO_DIRECTION

    def signed(self, value: Any) -> Any:
        """A number or array turned so that larger is better; all zero without a direction.

        The only place where a direction becomes a sign: differences, intervals and stored values stay as measured.
        """
        return _SIGN[self.better] * value

    @property
    def heading(self) -> str:
        """The name with the arrow that tables of the field have: `PSNR ↑`, `LPIPS ↓`."""
        return f"{self.name}{_ARROW[self.better]}"


def metric_named(name: str, metrics: Iterable[Metric]) -> Metric:
    """The metric of that name; one of which nothing is known if there is none, as in a run of an early version."""
    return next((metric for metric in metrics if metric.name == name), Metric(name))


def metrics_from(raw: Iterable[Mapping[str, Any]]) -> tuple[Metric, ...]:
    """What `dataclasses.asdict` made of metrics; keys of a later version are passed over.

    Raises:
        UserError: a value is wrong.
        TypeError: an item is no mapping, or has no name.
    """
    return tuple(Metric(**{key: each[key] for key in Metric.__dataclass_fields__ if key in each}) for each in raw)


def better_words(metrics: Iterable[Metric]) -> str:
    """`larger is better`, or for a mixed table `larger is better in PSNR; smaller in LPIPS; neither in bias`."""
    names: dict[str, list[str]] = {}
    for metric in metrics:
        names.setdefault(metric.better, []).append(metric.name)
    if len(names) == 1 and NO_DIRECTION not in names:
        return f"{next(iter(names))} is better"
    words = {LARGER: "larger is better in", SMALLER: "smaller is better in", NO_DIRECTION: "neither is better in"}
    return "; ".join(f"{words[better]} {', '.join(names[better])}" for better in words if better in names)


def effective_words(metrics: Iterable[Metric], noun: str) -> list[str]:
    """`Intervals rest on 20.4 images of equal weight in Car, 30.2 in mIoU.`; nothing where all weigh alike."""
    worth = [(metric.effective_samples, metric.name) for metric in metrics if metric.effective_samples is not None]
    if not worth:
        return []
    (first, name), *others = worth
    rest = "".join(f", {number:.1f} in {other}" for number, other in others)
    return [f"Intervals rest on {first:.1f} {noun}s of equal weight in {name}{rest}."]
