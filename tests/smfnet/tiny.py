"""Values under which a network of images in folders is trained in a second."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TINY"]

TINY: Mapping[str, object] = {
    "network.width": 4,
    "network.heads": 1,
    "data.source": "folder",
    "data.patch": 16,
    "data.val_pairs": 0,
    "data.drop_low_contrast": False,
    "train.epochs": 2,
    "train.stage1_epochs": 1,
    "train.batch": 2,
    "train.device": "cpu",
}
