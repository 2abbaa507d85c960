"""All metrics of a batch of fused images at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from assay.config.arguments import called_by_name
from smfnet.config.metrics import FUNCTIONS, FURTHER, METRICS

__all__ = ["SMALLEST", "measure"]

SMALLEST = 17  # pixels; VIF's largest window


@torch.no_grad()
def measure(fused: Tensor, ir: Tensor, vi: Tensor, metrics: Iterable[str] = METRICS) -> dict[str, Tensor]:
    """The metrics of fused images, as the field's evaluators read them from 8-bit files.

    A metric's function may read `fused`, `ir` and `vi`, (B, 1, H, W), and `sources`, both of them, (B, 2, H, W): whole
    grey levels 0..255, float32.

    MI, VIF, Qabf and SSIM add up the values against the two sources; none is divided by two.

    Args:
        fused, ir, vi: grey levels in 0..255, shape (B, 1, H, W), any real type, all on one device; rounded to whole
            levels first, half to even.
        metrics: names of `METRICS` and `FURTHER`.

    Returns:
        Metric -> one value per image, shape (B,), float64, in the order of `metrics`. Always finite.

    Raises:
        ValueError: shapes differ, an image is smaller than 17 pixels, or a level is not finite or outside 0..255.

    Example:
        >>> image = torch.arange(1024.0).reshape(1, 1, 32, 32) // 4
        >>> round(measure(image, image, image)["SSIM"].item(), 6)
        2.0
    """
    _keep_memory(fused.device)
    fused, ir, vi = (_levels(image, fused.shape) for image in (fused, ir, vi))
    given = {"fused": fused, "ir": ir, "vi": vi, "sources": torch.cat([ir, vi], dim=1)}
    values: dict[str, Tensor] = {}
    wanted = tuple(metrics)
    for name in wanted:
        if name not in values:
            values |= _measured(name, given)
    return {name: values[name] for name in wanted}


def _measured(metric: str, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a metric's function gives, for all metrics that name it."""
    function = FURTHER[metric] if metric in FURTHER else FUNCTIONS[metric]
    value = called_by_name(function, given, f"the metric {metric}")
    if not isinstance(value, tuple):
        return {metric: value}
    return dict(zip((name for name, named in FUNCTIONS.items() if named == function), value, strict=True))


def _levels(image: Tensor, shape: torch.Size) -> Tensor:
    """Whole grey levels as float32, which holds them and their products exactly."""
    if image.ndim != 4 or image.shape[1] != 1 or image.shape != shape:
        raise ValueError(f"expected images of one shape (B, 1, H, W); got {tuple(shape)} and {tuple(image.shape)}")
    if min(shape[2:]) < SMALLEST or not shape[0]:
        raise ValueError(f"expected images of at least {SMALLEST}x{SMALLEST} pixels; got {tuple(shape)}")
    low, high = (bound.item() for bound in torch.aminmax(image))
    if not (low >= 0 and high <= 255):  # not a number compares as false
        raise ValueError(f"expected grey levels in 0..255; got {low:g} to {high:g}")
    return image.float().round()


def _keep_memory(device: torch.device) -> None:
    """Let the C library keep what it is given back, up to twice this much, once something so large has been freed.

    Otherwise glibc returns the memory of every intermediate result to the system and fetches it anew, page by page:
    a sixth of the time of the metrics. Nothing is written, so that no memory is taken.
    """
    if device.type == "cpu":
        torch.empty(31 * 2**20, dtype=torch.uint8)
