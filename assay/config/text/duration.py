"""Wall-clock times as they are typed: `90s`, `10m`, `2h`, `1h30m`."""

from __future__ import annotations

import re

from assay.config.errors import UserError

__all__ = ["as_time", "seconds_of"]

_TYPED = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
_MOST_S = 366 * 86400.0


def seconds_of(text: str | float) -> float:
    """Seconds of `10m`, `2h`, `90s`, `1h30m`; a number is seconds already.

    Raises:
        UserError: it is none of these, nothing, or longer than a year.
    """
    expected = f"within: expected a time as 90s, 10m, 2h or 1h30m; got {text!r}"
    if isinstance(text, str):
        match = _TYPED.fullmatch(text.strip())
        if match is None or not any(match.groups()):
            raise UserError(expected)
        hours, minutes, seconds = (float(part or 0) for part in match.groups())
        text = 3600 * hours + 60 * minutes + seconds
    if isinstance(text, bool) or not isinstance(text, int | float) or not 0 < text <= _MOST_S:
        raise UserError(expected)
    return float(text)


def as_time(seconds: float) -> str:
    """`1h30m` of 5400, as `seconds_of` takes it."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = (f"{hours}h" * bool(hours), f"{minutes}m" * bool(minutes), f"{rest:g}s" * bool(rest))
    return "".join(parts) or "0s"
