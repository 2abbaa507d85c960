"""Seeded textures."""

from __future__ import annotations

import numpy as np

__all__ = ["Array", "Texture", "fractal", "rgb"]

Array = np.ndarray
_SIDE = 128


def rgb(red: float, green: float, blue: float) -> Array:
    """A colour, (3,) float32."""
    return np.array([red, green, blue], np.float32)


def fractal(rng: np.random.Generator, power: float) -> Array:
    """Noise whose amplitude falls with frequency as f^-power: 1 is like natural images, 2 like clouds.

    Returns:
        (128, 128) float32, periodic, mean 0 and standard deviation 1.
    """
    across, down = np.fft.rfftfreq(_SIDE), np.fft.fftfreq(_SIDE)
    frequency = np.hypot(down[:, None], across[None])
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal((_SIDE, _SIDE))) * frequency**-power
    noise = np.fft.irfft2(spectrum, s=(_SIDE, _SIDE))
    return (noise / noise.std()).astype(np.float32)


class Texture:
    """Fractal noise that can be looked up at any place of a plane.

    Args:
        rng: decides the noise.
        power: see `fractal`.
    """

    def __init__(self, rng: np.random.Generator, power: float) -> None:
        self._tile = fractal(rng, power).ravel()

    def at(self, down: Array | float, across: Array | float) -> Array:
        """Values at places given in texels (broadcast against each other); mean 0 and standard deviation 1 over all."""
        rows, columns = (np.floor(place).astype(np.int32) & (_SIDE - 1) for place in (down, across))
        values: Array = self._tile[rows * _SIDE + columns]
        return values
