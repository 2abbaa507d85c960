"""Differences below which nobody would care, for each metric; a suite can have its own.

A picture whose contrast is 3.5 % higher has 0.05 bit more entropy (log2 of 1.035), and nobody tells the two apart:
contrasts look alike up to about a tenth (Legge and Foley, J. Opt. Soc. Am. 70, 1980). The other margins are the same 3
to 4 % of what methods of the field reach on RoadScene (SD 45, SF 12, MI 2, SCD 1.6, VIF 0.6, Qabf 0.45, AG 6, SSIM
0.9).
They were set without a look at any row's difference. The further metrics have none yet. In a file of its own, as
measuring does not depend on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assay.metric import Metric
from smfnet.config.metrics import EVERY_METRIC

__all__ = ["JUDGED", "MARGINS"]

MARGINS: Mapping[str, float] = {
    "EN": 0.05,
    "SD": 1.5,
    "SF": 0.4,
    "MI": 0.07,
    "SCD": 0.05,
    "VIF": 0.02,
    "Qabf": 0.015,
    "AG": 0.2,
    "SSIM": 0.03,
    "AG_cddfuse": 0.15,
    "SSIM_255": 0.03,
}
JUDGED: tuple[Metric, ...] = tuple(replace(metric, margin=MARGINS.get(name)) for name, metric in EVERY_METRIC.items())
