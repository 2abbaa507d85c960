"""The one stage that a command's training has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["CommandStage"]


@dataclass(frozen=True)
class CommandStage:
    """One run of the command, see `assay.stage.Stage`.

    Attributes:
        split: on which it is asked to measure; empty if it is not asked.
    """

    kind: str
    seed: int
    config: Any
    first_epoch: int
    last_epoch: int
    split: str = ""
