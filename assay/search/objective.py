"""What a search makes as large as it can: metrics on validation pairs, or one score made of several."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assay.config.errors import UserError, unknown
from assay.evidence.published import conventions, published_table

__all__ = ["SCORE", "SCORE_METRICS", "Objective", "objective_of"]

SCORE = "score"
SCORE_METRICS = ("EN", "SD", "VIF", "SSIM")  # the columns of Table 5
_ROW = "Ours"


@dataclass(frozen=True)
class Objective:
    """One thing to maximise, or several (a Pareto front); every metric is better when it is larger."""

    names: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Whether the answer is a front."""
        return len(self.names) > 1

    def values(self, metrics: Mapping[str, float]) -> list[float]:
        """The objectives' values from the means of all metrics; nan where a metric is."""
        return [score(metrics) if name == SCORE else metrics[name] for name in self.names]


def objective_of(text: str) -> Objective:
    """Read `--objective`: `score`, a metric, or several with commas.

    Raises:
        UserError: a name is no metric, or comes twice.
    """
    names = [name.strip() for name in text.split(",")]
    known = {name.lower(): name for name in (SCORE, *conventions())}
    for name in names:
        if name.lower() not in known:
            raise unknown("objective", name, known.values())
    found = tuple(known[name.lower()] for name in names)
    if len(set(found)) < len(found):
        raise UserError(f"--objective {text}: an objective comes twice")
    return Objective(found)


def score(metrics: Mapping[str, float]) -> float:
    """Mean over EN, SD, VIF and SSIM of the value divided by what the paper prints for "Ours"; 1 is its equal."""
    printed = published_table("table5")
    return math.fsum(metrics[name] / printed.value(_ROW, name) for name in SCORE_METRICS) / len(SCORE_METRICS)
