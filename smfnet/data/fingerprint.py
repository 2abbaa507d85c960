"""A name for a part of the data, made of exactly what decides the pairs and patches that come out of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from smfnet.config.data import DataConfig
from smfnet.data.split import split_of

__all__ = ["fingerprint"]


def fingerprint(config: DataConfig, part: str) -> str:
    """Hash of a part of the data.

    Where the files are and what else the folders hold does not matter. Names count where results bear them
    (validation and test); in training the order alone does.

    Args:
        config: the data set.
        part: `train` (its patches included), `val` or `test`.

    Raises:
        UserError: the pairs cannot be found.
    """
    sources = split_of(config).part(part)
    content: dict[str, Any] = {"pairs": [source.digest() for source in sources]}
    if part == "train":
        content |= {"patch": config.patch, "stride": config.stride, "black": _black(config)}
    else:
        content |= {"names": [source.name for source in sources]}
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _black(config: DataConfig) -> bool | None:
    """What happens to black patches; None if no patch is left out for its contrast."""
    return config.keep_black if config.drop_low_contrast else None
