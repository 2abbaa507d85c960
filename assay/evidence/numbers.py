"""How many digits a number of a metric is shown with."""

from __future__ import annotations

import math

__all__ = ["MISSING", "number", "probability", "signed"]

MISSING = "n/a"


def number(value: float, digits: int = 4) -> str:
    """`value` with a fixed number of digits after the point; n/a for nan and infinity."""
    return f"{value:.{digits}f}" if math.isfinite(value) else MISSING


def probability(value: float) -> str:
    """A p value: `0.0312`, and `< 0.0001` for one that four digits cannot show; n/a for nan."""
    return "< 0.0001" if value < 1e-4 else number(value)


def signed(value: float, digits: int = 4) -> str:
    """As `number`, with a plus or a true minus sign."""
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}") if math.isfinite(value) else MISSING
