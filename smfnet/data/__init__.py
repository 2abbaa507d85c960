"""Image pairs: folders, generated scenes, patches, splits, fingerprints of data sets."""

from __future__ import annotations

from smfnet.data.check import check
from smfnet.data.fingerprint import fingerprint
from smfnet.data.images import png
from smfnet.data.pair import Pair
from smfnet.data.parts import Pairs, test_pairs, training_pairs, training_patches, validation_pairs
from smfnet.data.patches import Patches, batches, patches
from smfnet.data.split import ranges_in_values

__all__ = [
    "Pair",
    "Pairs",
    "Patches",
    "batches",
    "check",
    "fingerprint",
    "patches",
    "png",
    "ranges_in_values",
    "test_pairs",
    "training_pairs",
    "training_patches",
    "validation_pairs",
]
