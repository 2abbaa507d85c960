"""All metrics of a batch of fused images at once."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from smfnet.config.metrics import METRICS
from smfnet.metrics.average_gradient import average_gradient
from smfnet.metrics.entropy import entropy
from smfnet.metrics.mutual_information import mutual_information
from smfnet.metrics.qabf import edge_preservation
from smfnet.metrics.scd import sum_of_correlations
from smfnet.metrics.spatial_frequency import spatial_frequency
from smfnet.metrics.ssim import structural_similarity
from smfnet.metrics.standard_deviation import standard_deviation
from smfnet.metrics.vif import visual_information_fidelity

__all__ = ["SMALLEST", "measure"]

SMALLEST = 17  # pixels; VIF's largest window


@torch.no_grad()
def measure(fused: Tensor, ir: Tensor, vi: Tensor) -> dict[str, Tensor]:
    """The metrics of fused images, as the field's evaluators read them from 8-bit files.

    MI, VIF, Qabf and SSIM add up the values against the two sources; none is divided by two.

    Args:
        fused, ir, vi: grey levels in 0..255, shape (B, 1, H, W), any real type, all on one device; rounded to whole
            levels first, half to even.

    Returns:
        Metric -> one value per image, shape (B,), float64, in the order of `METRICS`. Always finite.

    Raises:
        ValueError: shapes differ, an image is smaller than 17 pixels, or a level is not finite or outside 0..255.

    Example:
        >>> image = torch.arange(1024.0).reshape(1, 1, 32, 32) // 4
        >>> round(measure(image, image, image)["SSIM"].item(), 6)
        2.0
    """
    _keep_memory(fused.device)
    fused, ir, vi = (_levels(image, fused.shape) for image in (fused, ir, vi))
    sources = torch.cat([ir, vi], dim=1)
    gradient = average_gradient(fused)
    ssim, ssim_255 = structural_similarity(fused, sources, data_ranges=(2.0, 255.0))
    values = {
        "EN": entropy(fused),
        "SD": standard_deviation(fused),
        "SF": spatial_frequency(fused),
        "MI": mutual_information(fused, sources),
        "SCD": sum_of_correlations(fused, ir, vi),
        "VIF": visual_information_fidelity(fused, sources),
        "Qabf": edge_preservation(fused, sources),
        "AG": gradient,
        "SSIM": ssim,
        "AG_cddfuse": gradient / math.sqrt(2),
        "SSIM_255": ssim_255,
    }
    return {name: values[name] for name in METRICS}


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
