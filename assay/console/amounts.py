"""Amounts as they are shown while something goes on: a share as a bar, seconds, and how far a stage is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.stage import Progress

__all__ = ["bar", "calm", "duration", "loss", "places"]

_STAGES = {"stage1": "stage I", "stage2": "stage II", "joint": "joint"}
_MANY = 1000.0  # of a loss, from which on its decimals say nothing
_STEPS = ((30, 1), (600, 5), (3600, 30))  # seconds that are left up to which a time is told to so many seconds


def bar(share: float, width: int = 16) -> str:
    """A share in [0, 1] as a line of `width` characters."""
    full = round(share * width)
    return "━" * full + "╌" * (width - full)


def duration(seconds: float) -> str:
    """`12 s`, `3 min 05 s` or `2 h 10 min`; nothing if it is unknown (nan)."""
    if math.isnan(seconds):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def calm(seconds: float) -> str:
    """The duration of what is guessed, as exactly as one may guess it, so that its last digits do not flicker."""
    step = next((step for most, step in _STEPS if seconds < most), 60)
    return duration(math.ceil(seconds / step) * step)


def loss(value: float) -> str:
    """A loss with three decimals, one in thousands with four digits; nothing if it is unknown or not finite."""
    if not math.isfinite(value):
        return ""
    return f"{value:.3f}" if abs(value) < _MANY else f"{value:.3g}"


def places(now: Progress) -> tuple[str, ...]:
    """The stage and how far it is, where that is known, from long to short: with a bar, without one, as a share."""
    name = _STAGES.get(now.stage, now.stage)
    if not now.steps:
        return (f"{name:8} step {now.step}", f"step {now.step}") if now.step else (name,)
    share, count = min(now.step / now.steps, 1.0), f"{now.step}/{now.steps}"
    bars = (f"{name:8} {bar(share, width)} {count}" for width in (16, 12, 8))
    percent = f"{100 * share:.0f} %"
    return (*bars, f"{name:8} {count}", f"{name:8} {percent}", f"{name} {percent}", percent)
