"""The further metrics as a NumPy and SciPy program computes them, one pair at a time.

An implementation of its own, as `evaluator` is of the nine: the tests hold `smfnet.metrics.further` against it, and the
benchmark of the metrics compares with it. It goes the longer way wherever there is one: windows as views, convolutions,
both bounds of FMI on their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import dctn
from scipy.ndimage import correlate, sobel
from scipy.signal import convolve2d
from scipy.stats import entropy
from skimage.metrics import normalized_mutual_information, structural_similarity

__all__ = ["FURTHER"]

Image = NDArray[np.float64]


def _cross_entropy(fused: Image, *sources: Image) -> float:
    ours = np.bincount(fused.astype(int).ravel(), minlength=256) / fused.size
    values = []
    for source in sources:
        theirs = np.bincount(source.astype(int).ravel(), minlength=256) / source.size
        both = (ours > 0) & (theirs > 0)
        values.append(np.sum(theirs[both] * np.log2(theirs[both] / ours[both])))
    return float(np.mean(values))


def _squared_error(fused: Image, *sources: Image) -> float:
    return float(np.mean([np.mean((fused - source) ** 2) for source in sources]))


def _signal_to_noise(fused: Image, *sources: Image) -> float:
    return 20 * math.log10(255 / math.sqrt(_squared_error(fused, *sources)))


def _mean_correlation(fused: Image, *sources: Image) -> float:
    return float(np.mean([np.corrcoef(fused.ravel(), source.ravel())[0, 1] for source in sources]))


def _normalised_information(fused: Image, *sources: Image) -> float:
    """scikit-image's (H(F) + H(S)) / H(F, S) = r, of which 2 I / (H(F) + H(S)) is 2 - 2 / r."""
    return sum(2 - 2 / float(normalized_mutual_information(fused, source, bins=256)) for source in sources)


def _edge_intensity(fused: Image, *_: Image) -> float:
    return float(np.mean(np.hypot(sobel(fused, axis=0, mode="nearest"), sobel(fused, axis=1, mode="nearest"))))


def _artefacts(fused: Image, *sources: Image) -> float:
    """Shreyamsha Kumar's Nabf, step by step."""
    along_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8

    def edges(image: Image) -> tuple[Image, Image]:
        horizontal, vertical = (correlate(image, kernel, mode="mirror") for kernel in (along_x, along_x.T))
        with np.errstate(invalid="ignore", divide="ignore"):
            angle = np.where((horizontal == 0) & (vertical == 0), 0, np.arctan(horizontal / vertical))
        return np.hypot(horizontal, vertical), angle

    (strength_f, angle_f), *found = (edges(image) for image in (fused, *sources))
    made_up = np.all([strength_f > strength for strength, _ in found], axis=0)
    lost = full = 0.0
    for strength, angle in found:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(strength > strength_f, strength_f / strength, strength / strength_f)
        ratio[(strength == 0) | (strength_f == 0)] = 0
        alignment = np.abs(np.abs(angle - angle_f) - np.pi / 2) * 2 / np.pi
        kept = np.sqrt(0.9999 / (1 + np.exp(-19 * (ratio - 0.5))) * 0.9995 / (1 + np.exp(-22 * (alignment - 0.5))))
        weight = np.full_like(strength, 0.001)
        weight[strength >= 2] = strength[strength >= 2] ** 1.5
        lost += np.sum(made_up * (1 - kept) * weight)
        full += np.sum(weight)
    return float(lost / full)


def _similarity_based(fused: Image, ir: Image, vi: Image) -> float:
    """Qy; windows are centred before they are squared, so that flat ones have no variance at all."""
    axis = np.exp(-((np.arange(7) - 3) ** 2) / (2 * 1.5**2))
    window = np.outer(axis, axis) / axis.sum() ** 2

    def moments(image: Image) -> tuple[Image, NDArray[np.float64]]:
        views = sliding_window_view(image, (7, 7))
        middle = views[..., 3:4, 3:4]
        offset = np.einsum("hwij,ij->hw", views - middle, window)
        return middle[..., 0, 0] + offset, views - middle - offset[..., None, None]

    def similarity(a: Image, b: Image) -> tuple[Image, Image, Image]:
        (mean_a, rest_a), (mean_b, rest_b) = moments(a), moments(b)
        var_a, var_b = (np.einsum("hwij,ij->hw", rest**2, window) for rest in (rest_a, rest_b))
        covariance = np.einsum("hwij,hwij,ij->hw", rest_a, rest_b, window)
        c = 2e-16
        luminance = (2 * mean_a * mean_b + c) / (mean_a**2 + mean_b**2 + c)
        return luminance * (2 * covariance + c) / (var_a + var_b + c), var_a, var_b

    between, var_ir, var_vi = similarity(ir, vi)
    with_ir, with_vi = similarity(ir, fused)[0], similarity(vi, fused)[0]
    with np.errstate(invalid="ignore"):
        weight = np.where(var_ir + var_vi > 0, var_ir / (var_ir + var_vi), 0.5)
    both = weight * with_ir + (1 - weight) * with_vi
    return float(np.mean(np.where(between >= 0.75, both, np.maximum(with_ir, with_vi))))


def _multiscale(fused: Image, *sources: Image) -> float:
    """scikit-image's SSIM at each scale; a huge K1 takes the luminance out of it."""
    weights = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)

    def ssim(a: Image, b: Image, **constants: float) -> float:
        options = {"data_range": 255, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
        _, found = structural_similarity(a, b, full=True, **options, **constants)
        return float(np.mean(found[5:-5, 5:-5]))

    def halved(image: Image) -> Image:
        even = np.pad(image, [(0, side % 2) for side in image.shape], mode="edge")
        return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4

    values = []
    for source in sources:
        a, b, value = fused, source, 1.0
        for scale, weight in enumerate(weights):
            last = scale + 1 == len(weights)
            value *= max(ssim(a, b) if last else ssim(a, b, K1=1e8), 0.0) ** weight
            a, b = halved(a), halved(b)
        values.append(value)
    return float(np.mean(values))


def _stretched(image: Image) -> Image:
    return np.rint((image - image.min()) / (image.max() - image.min()) * 255)


def _frequencies(shape: tuple[int, ...], pixels: int) -> Image:
    """Cycles per degree, the highest of each axis being a `pixels`-th of the side."""
    height, width = shape
    y, x = np.meshgrid(np.fft.fftfreq(height) * 2, np.fft.fftfreq(width) * 2, indexing="ij")
    return np.sqrt((y * height / pixels) ** 2 + (x * width / pixels) ** 2)


def _contrast_preservation(fused: Image, *sources: Image) -> float:
    """Chen and Blum's Qcb, step by step."""
    r = _frequencies(fused.shape, 30)
    sensitivity = np.exp(-((r / 15.3870) ** 2)) - 0.7622 * np.exp(-((r / 1.3456) ** 2))
    y, x = np.mgrid[-15:16, -15:16]

    def masked(image: Image) -> Image:
        filtered = np.fft.ifft2(np.fft.fft2(_stretched(image)) * sensitivity).real
        near, far = (
            correlate(filtered, np.exp(-(x**2 + y**2) / (2 * s * s)) / (2 * np.pi * s * s), mode="constant")
            for s in (2, 4)
        )
        contrast = np.abs(near / far - 1)
        return contrast**3 / (contrast**2 + 0.0001)

    ours, *theirs = (masked(image) for image in (fused, *sources))
    total = sum(each**2 for each in theirs)
    return float(np.mean(sum(each**2 / total * np.minimum(each / ours, ours / each) for each in theirs)))


def _regional_difference(fused: Image, *sources: Image) -> float:
    """Chen and Varshney's Qcv, step by step."""
    r = _frequencies(fused.shape, 8)
    sensitivity = 2.6 * (0.0192 + 0.144 * r) * np.exp(-((0.144 * r) ** 1.1))
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    weighted = full = 0.0
    for source in sources:
        image = _stretched(source)
        strength = np.hypot(convolve2d(image, kernel, mode="same"), convolve2d(image, kernel.T, mode="same"))
        visible = np.fft.ifft2(np.fft.fft2(image - _stretched(fused)) * sensitivity).real
        for top in range(0, fused.shape[0], 16):
            for left in range(0, fused.shape[1], 16):
                region = np.s_[top : top + 16, left : left + 16]
                salience = np.sum(strength[region] ** 5)
                weighted += salience * np.sum(visible[region] ** 2) / 256
                full += salience
    return float(weighted / full)


def _feature_information(feature: Callable[[Image], Image], fused: Image, *sources: Image) -> float:
    """Haghighat and Razian's Fast-FMI with the joint distribution written out, all 81 cells of it."""

    def windows(image: Image) -> Image:
        return sliding_window_view(image, (3, 3)).swapaxes(2, 3).reshape(-1, 9)

    def shares(image: Image) -> Image:
        low, high = image.min(axis=1, keepdims=True), image.max(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            image = np.where(high > low, (image - low) / (high - low), 1)
        return image / image.sum(axis=1, keepdims=True)

    def information(raw: Image, other: Image) -> Image:
        f, a = shares(raw), shares(other)
        c = _pearson(f, a)
        cdf_f, cdf_a = f.cumsum(axis=1)[:, :, None], a.cumsum(axis=1)[:, None]
        upper, lower = np.minimum(cdf_f, cdf_a), np.maximum(cdf_f + cdf_a - 1, 0)
        bound = np.where(c[:, None, None] >= 0, upper, lower)
        spread = [np.sqrt(np.maximum(p @ number**2 - (p @ number) ** 2, 0)) for p in (f, a)]
        covariance = np.sum(bound - cdf_f * cdf_a, axis=(1, 2))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where((c == 0) | (spread[0] == 0) | (spread[1] == 0), 0, c * spread[0] * spread[1] / covariance)
        mass = np.diff(np.diff(bound, axis=1, prepend=0), axis=2, prepend=0)
        joint = (share[:, None, None] * mass + (1 - share[:, None, None]) * f[:, :, None] * a[:, None]).reshape(-1, 81)
        with np.errstate(invalid="ignore", divide="ignore"):
            joint_entropy = -np.sum(np.where(joint == 0, 0, joint * np.log2(np.abs(joint))), axis=1)
            alone = entropy(f, base=2, axis=1) + entropy(a, base=2, axis=1)
            value = np.where(alone > 0, 2 * (alone - joint_entropy) / alone, 0)
        return np.where((raw == other).all(axis=1), 1, value)

    # 4096 windows at once: 81 cells of each still are in the cache.
    ours, number, values = windows(feature(fused)), np.arange(1, 10), []
    for source in sources:
        theirs = windows(feature(source))
        parts = [np.s_[first : first + 4096] for first in range(0, len(ours), 4096)]
        values.append(np.mean(np.concatenate([information(ours[part], theirs[part]) for part in parts])))
    return float(np.mean(values))


def _pearson(a: Image, b: Image) -> Image:
    """Row by row."""
    a, b = (each - each.mean(axis=1, keepdims=True) for each in (a, b))
    norm = np.sqrt(np.sum(a * a, axis=1) * np.sum(b * b, axis=1))
    return np.divide(np.sum(a * b, axis=1), norm, out=np.zeros_like(norm), where=norm > 1e-12)


def _meyer(image: Image) -> Image:
    """One level of the discrete Meyer wavelet by convolution, with half-point symmetric borders."""
    from smfnet.metrics.further.meyer import LOW

    low = np.array(LOW)
    high = np.array([(-1) ** (k + 1) * tap for k, tap in enumerate(low[::-1])])

    def along(image: Image, taps: Image, axis: int) -> Image:
        padding = [(61, 61) if each == axis else (0, 0) for each in (0, 1)]
        padded = np.pad(image, padding, mode="symmetric")
        found = np.apply_along_axis(np.convolve, axis, padded, taps, mode="valid")
        return found[1::2] if axis == 0 else found[:, 1::2]

    (ll, hl), (lh, hh) = ([along(along(image, x, 1), y, 0) for y in (low, high)] for x in (low, high))
    return np.block([[ll, hl], [lh, hh]])


# Metric -> its value of a fused, an infrared and a visible image, whole grey levels 0..255, (H, W), float64; none flat.
FURTHER: dict[str, Callable[..., float]] = {
    "CE": _cross_entropy,
    "PSNR": _signal_to_noise,
    "MSE": _squared_error,
    "CC": _mean_correlation,
    "NMI": _normalised_information,
    "Nabf": _artefacts,
    "MS_SSIM": _multiscale,
    "EI": _edge_intensity,
    "FMI_pixel": partial(_feature_information, lambda image: image),
    "FMI_dct": partial(_feature_information, partial(dctn, norm="ortho")),
    "FMI_wavelet": partial(_feature_information, _meyer),
    "Qcb": _contrast_preservation,
    "Qcv": _regional_difference,
    "Qy": _similarity_based,
}
