"""What is disputed in EN, SD, SF, AG and EI, which read the fused image alone."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from smfnet.conventions.convention import CDDFUSE, PAPER, VIFB, Convention
from smfnet.metrics.average_gradient import average_gradient
from smfnet.metrics.entropy import entropy
from smfnet.metrics.further.edge_intensity import edge_intensity
from smfnet.metrics.spatial_frequency import spatial_frequency
from smfnet.metrics.standard_deviation import standard_deviation

__all__ = ["CONTRAST"]

UNIT = 1 / 255  # from grey levels to images in [0, 1]


def _saturated(fused: Tensor, *_: Tensor) -> Tensor:
    """In MATLAB's uint8 a difference below 0 is 0 and a square above 255 is 255."""
    mean = fused.double().mean(dim=(1, 2, 3), keepdim=True)
    return (fused - mean).round().clamp(min=0).square().clamp(max=255).mean(dim=(1, 2, 3)).sqrt()


def _pixels(fused: Tensor) -> int:
    return fused.shape[2] * fused.shape[3]


def _over_all_pixels(fused: Tensor, *_: Tensor) -> Tensor:
    squares = sum(fused.diff(dim=axis).double().square().sum(dim=(1, 2, 3)) for axis in (-1, -2))
    return torch.as_tensor(squares / _pixels(fused)).sqrt()


def _side_by_side(fused: Tensor, *_: Tensor) -> Tensor:
    """The channels as one wide image, as MATLAB's `[m, n] = size(image)` has it; of grey ones the same as above."""
    return _over_all_pixels(torch.cat(fused.split(1), dim=3))


def _steps(fused: Tensor) -> Tensor:
    """sqrt(gx^2 + gy^2) of forward differences, (H - 1, W - 1) of them, mean."""
    along_x, along_y = fused.diff(dim=-1)[..., :-1, :], fused.diff(dim=-2)[..., :-1]
    return torch.hypot(along_x.double(), along_y.double()).mean(dim=(1, 2, 3))


def _fewer(fused: Tensor) -> float:
    """From a mean over H W pixels to one over (H - 1) (W - 1)."""
    return _pixels(fused) / ((fused.shape[2] - 1) * (fused.shape[3] - 1))


_ALL = (CDDFUSE, PAPER)
_HALF = math.sqrt(0.5)
CONTRAST = (
    Convention("EN", "bits (log 2)", lambda f, *_: entropy(f), (*_ALL, VIFB)),
    Convention("EN", "nats (natural logarithm)", lambda f, *_: entropy(f) * math.log(2)),
    Convention("SD", "grey levels 0..255", lambda f, *_: standard_deviation(f), (*_ALL, VIFB)),
    Convention("SD", "images in [0, 1]", lambda f, *_: standard_deviation(f) * UNIT),
    Convention("SD", "uint8 of MATLAB, which saturates", _saturated),
    Convention("SF", "each mean over its own differences", lambda f, *_: spatial_frequency(f), _ALL),
    Convention("SF", "both means over H W", _over_all_pixels),
    Convention("SF", "both means over H W, channels side by side", _side_by_side, (VIFB,)),
    Convention("SF", "images in [0, 1]", lambda f, *_: spatial_frequency(f) * UNIT),
    Convention("SF", "images in [0, 1], both means over H W", lambda f, *_: _over_all_pixels(f) * UNIT),
    Convention("AG", "central differences over H W, no 1/2", lambda f, *_: average_gradient(f), (PAPER,)),
    Convention("AG", "central differences over H W, 1/2", lambda f, *_: average_gradient(f) * _HALF, (CDDFUSE,)),
    Convention("AG", "central, (H-1)(W-1), no 1/2", lambda f, *_: average_gradient(f) * _fewer(f)),
    Convention("AG", "central, (H-1)(W-1), 1/2", lambda f, *_: average_gradient(f) * _fewer(f) * _HALF, (VIFB,)),
    Convention("AG", "forward, (H-1)(W-1), no 1/2", lambda f, *_: _steps(f)),
    Convention("AG", "forward, (H-1)(W-1), 1/2", lambda f, *_: _steps(f) * _HALF),
    Convention("AG", "images in [0, 1], central, no 1/2", lambda f, *_: average_gradient(f) * UNIT),
    Convention("AG", "images in [0, 1], central, 1/2", lambda f, *_: average_gradient(f) * UNIT * _HALF),
    Convention("EI", "Sobel, not divided", lambda f, *_: edge_intensity(f), (VIFB,)),
    Convention("EI", "Sobel, divided by 8", lambda f, *_: edge_intensity(f) / 8),
    Convention("EI", "images in [0, 1]", lambda f, *_: edge_intensity(f) * UNIT),
)
