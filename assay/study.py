"""What is studied: all that the engine knows of a network, its data and its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assay.metric import Metric, Score

__all__ = ["Study"]


@dataclass(frozen=True)
class Study:
    """A study, as the engine is handed it.

    Attributes:
        name: as commands and records have it.
        metrics: every metric that is measured, in order.
        score: made of several of them, if the study has one.
        rules: training-free rule -> title.
        published: the folder of the printed tables, if there are any.
    """

    name: str
    metrics: tuple[Metric, ...]
    score: Score | None = None
    rules: Mapping[str, str] = field(default_factory=dict)
    published: Path | None = None
