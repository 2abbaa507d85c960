"""Which values of an image file are black and white."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from assay.config.errors import UserError

__all__ = ["RANGE_FORMS", "ValueRange"]

RANGE_FORMS = "LOW:HIGH in the files' own values (7200:7965), or percentiles of the set (0.1%:99.9%)"
_FORM = re.compile(r"\s*([-+\d.eE]+)(%?)\s*:\s*([-+\d.eE]+)(%?)\s*")


@dataclass(frozen=True)
class ValueRange:
    """The values that become black and white; what lies outside is cut off.

    Attributes:
        low, high: values of the file, or percentiles 0..100 of all values of a set; low < high.
        percent: whether they are percentiles.

    Example:
        >>> str(ValueRange.parse("0.10%:99.9%", "data.ir_range"))
        '0.1%:99.9%'
    """

    low: float
    high: float
    percent: bool = False

    @classmethod
    def parse(cls, text: str, key: str) -> ValueRange:
        """`7200:7965` or `0.1%:99.9%`.

        Args:
            text: what the user gave.
            key: the setting's name, for the message.

        Raises:
            UserError: it is neither.
        """
        expected = f"{key}: expected {RANGE_FORMS}; got {text!r}"
        found = _FORM.fullmatch(text)
        if not found or found[2] != found[4]:
            raise UserError(expected)
        try:
            low, high = float(found[1]), float(found[3])
        except ValueError as error:
            raise UserError(expected) from error
        if not low < high:
            raise UserError(f"{expected}: LOW must be below HIGH")
        if not math.isfinite(high - low) or (found[2] and not 0 <= low < high <= 100):
            raise UserError(expected)
        return cls(low, high, bool(found[2]))

    def __str__(self) -> str:
        sign = "%" if self.percent else ""
        return f"{_plain(self.low)}{sign}:{_plain(self.high)}{sign}"


def _plain(number: float) -> str:
    """Reads back as the same number."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)
