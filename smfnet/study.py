"""SMFNet as a study of the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from assay.metric import Metric, Score
from assay.study import Study
from smfnet.config.metrics import METRICS, TABLE5
from smfnet.folders import published_folder
from smfnet.fusion.titles import TITLES

__all__ = ["study"]

_ROW = "Ours"


@cache
def study() -> Study:
    """SMFNet: infrared and visible image fusion.

    Raises:
        UserError: the folder of the paper's tables is missing, see `shipped_folder`.
    """
    return Study(
        name="smfnet",
        metrics=tuple(METRICS.values()),
        score=Score(Metric("score", convention="mean over Table 5's metrics of value / the paper's \"Ours\""), _score),
        rules=TITLES,
        published=published_folder(),
    )


def _score(metrics: Mapping[str, float]) -> float:
    """Mean over the columns of Table 5 of the value divided by what the paper prints for "Ours"; 1 is its equal."""
    return math.fsum(metrics[name] / printed for name, printed in _printed().items()) / len(TABLE5)


@cache
def _printed() -> Mapping[str, float]:
    from assay.evidence.published import published_table

    table = published_table("table5", published_folder())
    return {name: table.value(_ROW, name) for name in TABLE5}
