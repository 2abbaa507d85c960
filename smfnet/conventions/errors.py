"""What is disputed in MSE, RMSE, PSNR and CC."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from smfnet.conventions.convention import VIFB, Convention
from smfnet.metrics.further.errors import PEAK, mean_correlation, mean_squared_error

__all__ = ["ERRORS"]


def _each(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    """MSE with each source, (2, B)."""
    return torch.stack([mean_squared_error(fused, source) for source in (ir, vi)])


def _mean(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    return _each(fused, ir, vi).mean(dim=0)


def _after_the_root(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    """VIFB's: the root of the summed squares, divided by the pixels."""
    return (_each(fused, ir, vi) / fused[0].numel()).sqrt().mean(dim=0)


def _decibels(error: Tensor) -> Tensor:
    return 10 * (PEAK**2 / error.clamp(min=1e-10)).log10()


_GAIN = 20 * math.log10(PEAK)  # 48.13 dB
ERRORS = (
    Convention("MSE", "grey levels 0..255, mean over both sources", _mean),
    Convention("MSE", "grey levels 0..255, sum over both sources", lambda *i: 2 * _mean(*i)),
    Convention("MSE", "images in [0, 1], mean over both sources", lambda *i: _mean(*i) / PEAK**2),
    Convention("MSE", "images in [0, 1], sum over both sources", lambda *i: 2 * _mean(*i) / PEAK**2),
    Convention("RMSE", "root of the sum, divided by the pixels then", _after_the_root, (VIFB,)),
    Convention("RMSE", "grey levels 0..255, root of the mean", lambda *i: _mean(*i).sqrt()),
    Convention("RMSE", "grey levels 0..255, mean of the roots", lambda *i: _each(*i).sqrt().mean(dim=0)),
    Convention("RMSE", "images in [0, 1], root of the mean", lambda *i: _mean(*i).sqrt() / PEAK),
    Convention("PSNR", "peak 255, of the mean error", lambda *i: _decibels(_mean(*i))),
    Convention("PSNR", "peak 255, mean over the sources", lambda *i: _decibels(_each(*i)).mean(dim=0)),
    Convention("PSNR", "peak 255, sum over the sources", lambda *i: _decibels(_each(*i)).sum(dim=0)),
    Convention("PSNR", "images in [0, 1], peak 255: 48.13 dB more", lambda *i: _decibels(_mean(*i)) + _GAIN),
    Convention("PSNR", "root of the sum, divided by the pixels", lambda *i: _decibels(_after_the_root(*i)), (VIFB,)),
    Convention("CC", "mean over both sources", lambda f, a, b: mean_correlation(f, torch.cat([a, b], dim=1))),
    Convention("CC", "sum over both sources", lambda f, a, b: 2 * mean_correlation(f, torch.cat([a, b], dim=1))),
)
