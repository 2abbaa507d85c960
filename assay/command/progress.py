"""What a script tells of itself while it runs: lines of JSON that it appends to a file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Tail", "Told"]

_MOST_BYTES, _MOST_LINE = 2**20, 2**16  # that are read at once, and of a line


@dataclass(frozen=True)
class Told:
    """A line: `{"step": 3, "steps": 30, "loss": 0.2, "accuracy": 0.9}`; what it lacks is 0 steps or nan.

    Attributes:
        step: that is done, counted from 1.
        steps: to do in all; 0 if that is not known.
        loss: of this step.
        metrics: the study's metrics on the validation split, those that it has.
    """

    step: int
    steps: int
    loss: float
    metrics: Mapping[str, float]


class Tail:
    """Reads what was appended to a file since the last look.

    Args:
        path: of the file; it need not be there yet.
        metrics: names of the study's metrics.
    """

    def __init__(self, path: Path, metrics: Iterable[str]) -> None:
        self._path, self._metrics = path, tuple(metrics)
        self._at, self._rest = 0, b""

    def new(self) -> Iterator[Told]:
        """The lines that are complete by now; what is no such line is passed over."""
        try:
            if not self._path.is_file():
                return
            with self._path.open("rb") as file:
                file.seek(self._at)
                data = file.read(_MOST_BYTES)
        except OSError:
            return
        self._at += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest if len(self._rest) < _MOST_LINE else b""
        yield from filter(None, map(self._read, lines))

    def _read(self, line: bytes) -> Told | None:
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(raw, dict):
            return None
        step, steps = (_whole(raw.get(name)) for name in ("step", "steps"))
        found = {name: _number(raw.get(name)) for name in self._metrics}
        metrics = {name: value for name, value in found.items() if math.isfinite(value)}
        return Told(step, steps, _number(raw.get("loss")), metrics)


def _whole(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 2**53 else 0


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and abs(value) < 2**1000 else math.nan
