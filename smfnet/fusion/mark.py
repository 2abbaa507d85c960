"""The mark in a fused image's file: what it was made of, hashed, by which the same command knows its images again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import nn

from assay.config.errors import UserError
from assay.config.section import paths_of
from smfnet.config.model import ModelConfig
from smfnet.config.test_step import InferConfig
from smfnet.data.folder import FilePair
from smfnet.data.images import decoded, values_of

__all__ = ["KEY", "is_marked", "maker_of", "mark_of"]

KEY = "smfnet-fused"  # of the text in the PNG file
_PACKAGE = Path(__file__).parents[1]


def maker_of(how: str | tuple[nn.Module, ModelConfig], infer: InferConfig, device: torch.device) -> str:
    """A hash of what decides an image besides its sources; how it is divided into tiles does not.

    Args:
        how: name of a training-free rule; or a network with its configuration.
        infer: the test step.
        device: its kind counts, as do code and version of PyTorch.
    """
    about = {
        "how": how if isinstance(how, str) else [_weights(how[0]), paths_of(how[1])],
        "infer": paths_of(infer),
        "device": device.type,
        "torch": torch.__version__,
        "code": _code(),
    }
    return _hash(json.dumps(about, sort_keys=True).encode("utf-8"))


def mark_of(maker: str, pair: FilePair, image: NDArray[np.uint8]) -> str:
    """The mark of an image.

    Args:
        maker: see `maker_of`.
        pair: the sources, whose files and ranges count.
        image: every pixel counts, so that one that was changed since is no longer known.
    """
    return _hash(f"{maker} {pair.digest()} {image.shape} ".encode() + image.tobytes())


def is_marked(path: Path, maker: str, pair: FilePair) -> bool:
    """Whether a file is the fused image that this maker makes of this pair."""
    try:
        mark, image = decoded(path, lambda image, deep: (image.info.get(KEY), values_of(image)))
        return mark is not None and mark == mark_of(maker, pair, image)
    except UserError:  # it is no image
        return False


def _weights(network: nn.Module) -> str:
    tensors = {name: each.detach().cpu().contiguous() for name, each in network.state_dict().items()}
    return _hash(safetensors.torch.save(tensors))


@cache
def _code() -> str:
    """Of every module: which of them an image depends on is not asked."""
    return _hash(b"\0".join(path.read_bytes() for path in sorted(_PACKAGE.rglob("*.py"))))


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=20).hexdigest()
