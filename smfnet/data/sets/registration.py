"""How far the two images of a pair are apart: the shift at which their edges agree most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

__all__ = ["LONGEST", "Offset", "offset_of"]

LONGEST = 24  # pixels each way; what is further away is no error of registration, but another picture
_NOISE, _PEAK = 1.5, 1.0  # pixels: smoothed away before the edges, and how wide the peak may be
_FLOOR = 0.02  # of the largest amplitude: weaker frequencies are noise, and are not raised to the rest
_STANDS_OUT = 8.0  # standard deviations
_BETTER = 0.02  # of a correlation


@dataclass(frozen=True)
class Offset:
    """Where the visible image lies, seen from the infrared one.

    Attributes:
        down, right: pixels.
        peak: how far this shift stands out of all others, in their standard deviations.
        gain: how much better the edges correlate there than where the files have them.
    """

    down: int
    right: int
    peak: float
    gain: float

    @property
    def pixels(self) -> float:
        """Length of the shift."""
        return float(np.hypot(self.down, self.right))

    @property
    def clear(self) -> bool:
        """Whether both agree that the images are shifted; where they share no edges, nobody can tell."""
        return self.peak >= _STANDS_OUT and self.gain >= _BETTER


def offset_of(ir: np.ndarray, vi: np.ndarray) -> Offset:
    """Phase correlation of the edges of two images, held against plain correlation.

    Edges are magnitudes of gradients, which do not tell which side is bright: a warm body on a cold street agrees with
    its dark coat on a bright one.

    Args:
        ir, vi: grey, (H, W) each, any range.

    Returns:
        The shift within `LONGEST` and a quarter of the image; whether it is one, `Offset.clear` says.
    """
    one, other = _edges(ir), _edges(vi)
    most = [min(LONGEST, size // 4) for size in ir.shape]
    surface = _phase_correlation(_faded(one), _faded(other))
    near = np.roll(surface, most, axis=(0, 1))[: 2 * most[0] + 1, : 2 * most[1] + 1]
    row, column = np.unravel_index(int(near.argmax()), near.shape)
    down, right = int(row) - most[0], int(column) - most[1]
    spread = float(surface.std())
    peak = float(near.max() - surface.mean()) / spread if spread else 0.0
    return Offset(down, right, peak, _agreement(one, other, down, right) - _agreement(one, other, 0, 0))


def _edges(image: np.ndarray) -> np.ndarray:
    smooth = ndimage.gaussian_filter(image.astype(np.float64), _NOISE)
    edges: np.ndarray = np.hypot(ndimage.sobel(smooth, 0), ndimage.sobel(smooth, 1))
    return edges


def _faded(edges: np.ndarray) -> np.ndarray:
    """Without its mean, and towards the borders, which would agree with each other, without anything."""
    window = np.outer(*(np.hanning(size + 2)[1:-1] for size in edges.shape))
    faded: np.ndarray = (edges - edges.mean()) * window
    return faded


def _phase_correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A surface over all shifts of the second image, none at its beginning."""
    cross = np.conj(fft.rfft2(one)) * fft.rfft2(other)
    amplitude = np.abs(cross)
    cross /= np.maximum(amplitude, _FLOOR * amplitude.max() + np.finfo(np.float64).tiny)
    surface: np.ndarray = ndimage.gaussian_filter(fft.irfft2(cross, s=one.shape), _PEAK, mode="wrap")
    return surface


def _agreement(one: np.ndarray, other: np.ndarray, down: int, right: int) -> float:
    """Correlation of the roots of both, which tame strong edges, where they overlap under a shift; 0 of a flat one."""
    height, width = one.shape
    here = one[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    there = other[max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    roots = np.sqrt(np.stack([here.ravel(), there.ravel()]))
    return float(np.corrcoef(roots)[0, 1]) if roots.std(axis=1).all() else 0.0
