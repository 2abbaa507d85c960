"""The test step: fuse, stretch, round to 8 bit, measure. Validation and test take the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from smfnet.config.metrics import METRICS
from smfnet.config.test_step import InferConfig
from smfnet.data import Pair
from smfnet.data.images import luma
from smfnet.metrics import measure

__all__ = ["Measured", "fused_image", "grey_levels", "measure_pairs", "rescaled", "source_images"]

Fuse = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Measured:
    """One test pair: metric -> value, and the fused image as it would be saved (H, W) or (H, W, 3), uint8."""

    name: str
    values: dict[str, float]
    image: np.ndarray


def measure_pairs(
    pairs: Sequence[Pair], fuse: Fuse, infer: InferConfig, device: torch.device, metrics: Sequence[str] = tuple(METRICS)
) -> list[Measured]:
    """Fuse and measure every pair.

    Args:
        pairs: test or validation pairs.
        fuse: from (1, 1, H, W) infrared and visible in [0, 1] to the fused image.
        infer: colour and stretch.
        device: where `fuse` and the metrics run.
        metrics: names of those that are measured.

    Raises:
        ValueError: the fused image holds a value that is not finite.
    """
    return [_measured(pair, fuse, infer, device, metrics) for pair in pairs]


def fused_image(fuse: Fuse, pair: Pair, infer: InferConfig, device: torch.device) -> np.ndarray:
    """The fused image as it would be saved: (H, W), or (H, W, 3) with the colour of the visible one; uint8."""
    with torch.inference_mode():
        fused = fuse(pair.ir[None].to(device), pair.vi[None].to(device)).float().cpu()[0, 0]
    if not torch.isfinite(fused).all():
        raise ValueError(f"the fused image of {pair.name} holds values that are not finite")
    luma = 255 * rescaled(fused, infer)
    if infer.colour == "grey" or pair.chroma is None:
        return _to_uint8(luma.numpy())
    return _to_uint8(_rgb(luma, pair.chroma).numpy())


def rescaled(fused: Tensor, infer: InferConfig) -> Tensor:
    """Stretch to [0, 1] by minimum and maximum, or clip; a constant image is clipped."""
    low, high = fused.min(), fused.max()
    if infer.rescale == "minmax" and high > low:
        return (fused - low) / (high - low)
    return fused.clamp(0, 1)


def grey_levels(image: np.ndarray) -> Tensor:
    """A saved image as the metrics read it: rounded grey levels 0..255, (1, 1, H, W) float32."""
    grey = image if image.ndim == 2 else np.rint(luma(image))
    return torch.from_numpy(np.ascontiguousarray(grey, dtype=np.float32))[None, None]


def source_images(pair: Pair) -> dict[str, np.ndarray]:
    """The pair's two images as they would be saved: `ir` grey, `vi` grey or colour; uint8."""
    luma = 255 * pair.vi[0]
    visible = luma if pair.chroma is None else _rgb(luma, pair.chroma)
    return {"ir": _to_uint8(255 * pair.ir[0].numpy()), "vi": _to_uint8(visible.numpy())}


def _measured(pair: Pair, fuse: Fuse, infer: InferConfig, device: torch.device, metrics: Sequence[str]) -> Measured:
    image = fused_image(fuse, pair, infer, device)
    ir, vi = ((255 * source[None]).round().to(device) for source in (pair.ir, pair.vi))
    values = measure(grey_levels(image).to(device), ir, vi, metrics)
    return Measured(pair.name, {name: value.item() for name, value in values.items()}, image)


def _rgb(luma: Tensor, chroma: Tensor) -> Tensor:
    """BT.601 full range, as the release joins luma and the visible image's Cr and Cb; (H, W, 3) in 0..255."""
    red, blue = chroma[0] - 128, chroma[1] - 128
    return torch.stack([luma + 1.403 * red, luma - 0.714 * red - 0.344 * blue, luma + 1.773 * blue], dim=-1)


def _to_uint8(image: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
