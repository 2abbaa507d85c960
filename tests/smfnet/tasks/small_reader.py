"""Values under which a segmentation network is trained in a second."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SMALL_READER"]

SMALL_READER: Mapping[str, object] = {
    "images.shrink": 2,
    "reader.width": 4,
    "reader.pyramid": 4,
    "reader.low": 4,
    "reader.rates": (1, 2),
    "reader.crop": 32,
    "reader.batch": 2,
    "train.epochs": 1,
    "train.device": "cpu",
}
