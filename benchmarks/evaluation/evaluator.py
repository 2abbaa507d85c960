"""The nine metrics as the field's evaluators compute them: NumPy, SciPy and scikit-image, one pair at a time.

An implementation of its own: it shares no code with `smfnet.metrics`, which the tests hold against it, and is what the
benchmark of the metrics compares with.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d
from scipy.stats import pearsonr
from skimage.measure import shannon_entropy
from skimage.metrics import structural_similarity

__all__ = ["evaluate"]

Image = NDArray[np.float64]


def evaluate(fused: Image, ir: Image, vi: Image) -> dict[str, float]:
    """All metrics of one pair.

    Args:
        fused, ir, vi: whole grey levels 0..255, shape (H, W), float64.
    """
    gradient = _average_gradient(fused)
    return {
        "EN": float(shannon_entropy(fused, base=2)),
        "SD": float(np.std(fused)),
        "SF": math.sqrt(np.mean(np.diff(fused, axis=1) ** 2) + np.mean(np.diff(fused, axis=0) ** 2)),
        "MI": _mutual_information(fused, ir) + _mutual_information(fused, vi),
        "SCD": _correlation(ir, fused - vi) + _correlation(vi, fused - ir),
        "VIF": _fidelity(ir, fused) + _fidelity(vi, fused),
        "Qabf": _edge_preservation(fused, ir, vi),
        "AG": gradient,
        "SSIM": _similarity(fused, ir, 2) + _similarity(fused, vi, 2),
        "AG_cddfuse": gradient / math.sqrt(2),
        "SSIM_255": _similarity(fused, ir, 255) + _similarity(fused, vi, 255),
    }


def _average_gradient(image: Image) -> float:
    along_y, along_x = np.gradient(image)
    return float(np.mean(np.sqrt(along_x**2 + along_y**2)))


def _mutual_information(one: Image, other: Image) -> float:
    joint, _, _ = np.histogram2d(one.ravel(), other.ravel(), bins=256, range=[[-0.5, 255.5], [-0.5, 255.5]])
    joint /= joint.sum()
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log(joint[seen] / independent[seen])))


def _correlation(one: Image, other: Image) -> float:
    return float(pearsonr(one.ravel(), other.ravel()).statistic)


def _similarity(fused: Image, source: Image, data_range: float) -> float:
    return float(structural_similarity(fused, source, data_range=data_range))


def _fidelity(reference: Image, distorted: Image, noise: float = 2.0, eps: float = 1e-10) -> float:
    """VIF in the pixel domain, step by step."""
    kept = full = 0.0
    for scale in range(1, 5):
        taps = 2 ** (5 - scale) + 1
        window = _gaussian(taps)
        if scale > 1:
            reference = convolve2d(reference, window, mode="valid")[::2, ::2]
            distorted = convolve2d(distorted, window, mode="valid")[::2, ::2]
        mean_r, mean_d, square_r, square_d, product = (
            convolve2d(image, window, mode="valid")
            for image in (reference, distorted, reference**2, distorted**2, reference * distorted)
        )
        variance_r, variance_d = np.maximum(square_r - mean_r**2, 0), np.maximum(square_d - mean_d**2, 0)
        covariance = product - mean_r * mean_d
        gain = covariance / (variance_r + eps)
        rest = variance_d - gain * covariance
        flat = variance_r < eps
        gain[flat], rest[flat], variance_r[flat] = 0, variance_d[flat], 0
        flat = variance_d < eps
        gain[flat], rest[flat] = 0, 0
        against = gain < 0
        rest[against], gain[against] = variance_d[against], 0
        rest = np.maximum(rest, eps)
        kept += np.sum(np.log10(1 + gain**2 * variance_r / (rest + noise)))
        full += np.sum(np.log10(1 + variance_r / noise))
    return float(kept / full) if full > 0 else 1.0


def _gaussian(taps: int) -> Image:
    offsets = np.arange(taps) - (taps - 1) / 2
    weights = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * (taps / 5) ** 2))
    return weights / weights.sum()


def _edge_preservation(fused: Image, ir: Image, vi: Image) -> float:
    (strength_f, angle_f), *sources = (_edges(image) for image in (fused, ir, vi))
    kept = full = 0.0
    for strength, angle in sources:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(strength > strength_f, strength_f / strength, strength / strength_f)
        ratio = np.where(strength == strength_f, strength, ratio)
        alignment = 1 - np.abs(angle - angle_f) / (np.pi / 2)
        quality = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5))) * 0.9879 / (1 + np.exp(-22 * (alignment - 0.8)))
        kept += np.sum(quality * strength)
        full += np.sum(strength)
    return float(kept / full) if full > 0 else 0.0


def _edges(image: Image) -> tuple[Image, Image]:
    """Strength and angle of the Sobel gradient; angle pi/2 where there is no horizontal one."""
    along_x = convolve2d(image, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], mode="same")
    along_y = convolve2d(image, [[1, 2, 1], [0, 0, 0], [-1, -2, -1]], mode="same")
    with np.errstate(invalid="ignore", divide="ignore"):
        angle = np.where(along_x == 0, np.pi / 2, np.arctan(along_y / along_x))
    return np.sqrt(along_x**2 + along_y**2), angle
