"""Image pairs: folders, generated scenes, patches, splits, fingerprints of data sets."""

from __future__ import annotations

from smfnet.data.check import check
from smfnet.data.fingerprint import fingerprint
from smfnet.data.images import png
from smfnet.data.pair import Pair
from smfnet.data.parts import Pairs, test_pairs, training_pairs, validation_pairs
from smfnet.data.patches import Patches, batches, patches

__all__ = [
    "Pair",
    "Pairs",
    "Patches",
    "batches",
    "check",
    "fingerprint",
    "patches",
    "png",
    "test_pairs",
    "training_pairs",
    "validation_pairs",
]
