"""A registered pair of images, read for training or for the test step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from smfnet.data.images import chroma, luma

__all__ = ["Pair", "pair_of"]


@dataclass(frozen=True)
class Pair:
    """An infrared and a visible image of one scene.

    Attributes:
        name: of the pair, unique within its part of the data.
        ir: infrared, (1, H, W) float32 in [0, 1].
        vi: visible, (1, H, W) float32 in [0, 1]: the luma, not rounded to 8 bit.
        chroma: Cr and Cb of the visible image, (2, H, W) float32 in 0..255; None for a grey image and in training.
    """

    name: str
    ir: Tensor
    vi: Tensor
    chroma: Tensor | None = None


def pair_of(name: str, ir: np.ndarray, vi: np.ndarray, *, training: bool) -> Pair:
    """Make a pair of pixels.

    Args:
        name: of the pair.
        ir: infrared, (H, W) or (H, W, 3) in 0..255.
        vi: visible, (H, W) or RGB (H, W, 3) in 0..255.
        training: leaves the infrared image unrounded and the colour out; the test step rounds infrared to grey levels
            and keeps the colour.
    """
    thermal = _grey(ir) if training else np.rint(_grey(ir))
    colour = None if training or vi.ndim == 2 else torch.from_numpy(chroma(vi))
    return Pair(name, _image(thermal), _image(_grey(vi)), colour)


def _grey(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32, copy=False) if pixels.ndim == 2 else luma(pixels)


def _image(grey: np.ndarray) -> Tensor:
    return torch.from_numpy(grey / np.float32(255))[None]
