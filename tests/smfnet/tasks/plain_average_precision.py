"""Average precision written down plainly, apart from any library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["plain_ap"]


def plain_ap(scores: NDArray[np.float64], hits: NDArray[np.bool_], objects: int) -> float:
    """COCO's mean over 101 levels of recall.

    Args:
        scores: of all detections of a class.
        hits: which of them were matched with an object.
        objects: how many there are.
    """
    order = np.argsort(-scores, kind="stable")
    true = np.cumsum(hits[order])
    recall, precision = true / objects, true / np.arange(1, len(true) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.append(best, 0.0)[places].mean())
