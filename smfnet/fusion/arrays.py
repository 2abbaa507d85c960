"""A pair of arrays, fused and measured as a pair of files is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.config.errors import UserError
from smfnet.config.metrics import METRICS
from smfnet.config.value_range import ValueRange
from smfnet.data.images import in_grey_levels
from smfnet.data.pair import pair_of
from smfnet.fusion.fuse import Fuser
from smfnet.fusion.test_step import grey_levels
from smfnet.metrics import SMALLEST, measure

__all__ = ["fused_array", "measured_array"]

Ranges = tuple[str | None, str | None]
_KEYS = ("ir_range", "vi_range")


def fused_array(fuser: Fuser, ir: NDArray[Any], vi: NDArray[Any], ranges: Ranges) -> NDArray[np.uint8]:
    """The fused image of two arrays.

    Args:
        fuser: how to fuse.
        ir, vi: (H, W) or (H, W, 3); uint8, uint16, or floating-point numbers in [0, 1].
        ranges: `LOW:HIGH` of each, or None: as `fuser` has it.

    Returns:
        (H, W), or (H, W, 3) where the visible one has colour.

    Raises:
        UserError: an array has another shape, type or values, or the sizes differ.
    """
    spans = [_range(text, key) or default for text, key, default in zip(ranges, _KEYS, fuser.ranges, strict=True)]
    infrared, visible = _levels(ir, "ir", spans[0]), _levels(vi, "vi", spans[1])
    _check_sizes(ir=infrared, vi=visible)
    return fuser.image(pair_of("the pair", infrared, visible, training=False))


def measured_array(
    fused: NDArray[Any], ir: NDArray[Any], vi: NDArray[Any], ranges: Ranges, metrics: Iterable[str] = METRICS
) -> dict[str, float]:
    """Metric -> value of three arrays, as of three files: luma, in whole grey levels.

    Raises:
        UserError: an array has another shape, type or values, the sizes differ, or they are too small.
    """
    spans = [None, *(_range(text, key) for text, key in zip(ranges, _KEYS, strict=True))]
    levels = {
        name: _levels(image, name, span)
        for name, image, span in zip(("fused", "ir", "vi"), (fused, ir, vi), spans, strict=True)
    }
    _check_sizes(**levels)
    if min(levels["fused"].shape[:2]) < SMALLEST:
        raise UserError(f"fused has {_size(levels['fused'])}: expected at least {SMALLEST}x{SMALLEST}")
    whole = {name: grey_levels(np.rint(each)) for name, each in levels.items()}
    values = measure(**whole, metrics=metrics)
    return {name: value.item() for name, value in values.items()}


def _range(text: str | None, key: str) -> ValueRange | None:
    if text is None:
        return None
    span = ValueRange.parse(text, key)
    if span.percent:
        raise UserError(f"{key}={text}: percentiles are of a set of files; of an array give LOW:HIGH")
    return span


def _levels(image: NDArray[Any], name: str, span: ValueRange | None) -> NDArray[np.float32]:
    """An array as float32 in 0..255."""
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)) or not image.size:
        raise UserError(f"{name}: expected an array of shape (H, W) or (H, W, 3); got {image.shape}")
    if span is None and image.dtype.kind == "f":
        if not np.isfinite(image).all():
            raise UserError(f"{name}: expected finite numbers; got nan or inf")
        if not (image.min() >= 0 and image.max() <= 1):
            values = f"{image.min():g} to {image.max():g}"
            raise UserError(
                f"{name}: expected floating-point numbers in [0, 1]; got {values}: give {name}_range=LOW:HIGH"
            )
        span = ValueRange(0, 1)
    if span is None and image.dtype not in (np.uint8, np.uint16):
        raise UserError(f"{name}: expected uint8, uint16 or floating-point numbers; got {image.dtype}")
    try:
        return in_grey_levels(image, span)
    except ValueError as error:
        raise UserError(f"{name}: {error}") from error


def _check_sizes(**images: NDArray[np.float32]) -> None:
    (first, image), *rest = images.items()
    for name, other in rest:
        if other.shape[:2] != image.shape[:2]:
            raise UserError(f"expected images of one size: {first} has {_size(image)}, {name} {_size(other)}")


def _size(image: NDArray[Any]) -> str:
    return f"{image.shape[1]}x{image.shape[0]} pixels"
