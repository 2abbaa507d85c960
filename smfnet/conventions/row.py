"""A row of numbers as somebody has printed it: `EN=6.95 SD=35.8 SSIM=0.978`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from assay.config.errors import UserError, unknown

__all__ = ["Printed", "read_row"]

CLOSE = 0.005  # relative: decoders, resizing of a file and an image more or less make such differences
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")


@dataclass(frozen=True)
class Printed:
    """A number as it is printed.

    Attributes:
        metric: name.
        value: the number.
        digit: half of its last digit.
    """

    metric: str
    value: float
    digit: float

    def distance(self, value: float) -> float:
        """Relative difference to the printed number, 0 where it rounds to it."""
        apart = abs(value - self.value)
        if apart <= self.digit * (1 + 1e-9):
            return 0.0
        return apart / abs(self.value) if self.value else math.inf

    def fits(self, value: float) -> bool:
        """Whether it rounds to the printed number, or is as close as the same program would come elsewhere."""
        return self.distance(value) <= CLOSE


def read_row(text: str, known: Iterable[str]) -> tuple[Printed, ...]:
    """The numbers of a row, `NAME=NUMBER` with spaces or commas between.

    Args:
        text: see above; names in any case, `-` for `_`.
        known: names of metrics.

    Raises:
        UserError: something else stands there, a name is none of these or comes twice, or there is nothing.
    """
    names = {name.lower(): name for name in known}
    found: dict[str, Printed] = {}
    for word in text.replace(",", " ").split():
        name, equals, number = word.partition("=")
        if not equals or not _NUMBER.fullmatch(number):
            raise UserError(f"--row: expected NAME=NUMBER with spaces between, as in EN=6.95 SD=35.8; got {word!r}")
        metric = names.get(name.lower().replace("-", "_"))
        if metric is None:
            raise unknown("metric in --row", name, names.values())
        if metric in found:
            raise UserError(f"--row: {metric} comes twice")
        found[metric] = Printed(metric, float(number), _half_digit(number))
    if not found:
        raise UserError("--row: expected NAME=NUMBER, as in EN=6.95 SD=35.8; got nothing")
    return tuple(found.values())


def _half_digit(number: str) -> float:
    digits, _, power = number.lower().partition("e")
    return float(0.5 * 10.0 ** (int(power or 0) - len(digits.partition(".")[2])))
