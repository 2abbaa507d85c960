"""What the two cameras make of a scene."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from smfnet.data.scenes.canvas import Canvas
from smfnet.data.scenes.noise import Array, Texture, rgb
from smfnet.data.scenes.street import Climate

__all__ = ["infrared", "visible"]


def visible(canvas: Canvas, climate: Climate, smoke: Array, coarse: Texture, rng: np.random.Generator) -> Array:
    """The visible image: light on colours, haze, smoke, lens, noise.

    Args:
        canvas: the scene.
        climate: day or night.
        smoke: share of light that it takes, (H, W) in [0, 1].
        coarse: shadows of clouds and trees.
        rng: noise and exposure.

    Returns:
        (H, W, 3) uint8, RGB.
    """
    light = _lamps(canvas, rng) if climate.night else _daylight(canvas, coarse, rng)
    seen = canvas.colour * light + canvas.glow
    air = rgb(0.75, 0.8, 0.87) * (0.01 if climate.night else 1)
    clear = np.exp(-canvas.distance / rng.uniform(120, 900))[..., None]
    sky = canvas.distance[..., None] > 1000
    seen = np.where(sky, canvas.colour * (0.01 if climate.night else 1.0), seen * clear + air * (1 - clear))
    seen = seen * (1 - smoke[..., None]) + smoke[..., None] * (0.6 * light + 0.02 if climate.night else 0.72)
    if climate.night:
        seen = seen + _spread(canvas.glow, 1.3) * (1 - 0.7 * smoke[..., None])
    return _photograph(gaussian_filter(seen, (0.55, 0.55, 0), truncate=2.5), climate, rng)


def infrared(canvas: Canvas, smoke: Array, coarse: Texture, rng: np.random.Generator) -> Array:
    """The infrared image: warmth, a little of it lost in smoke, lens, automatic gain, drift and fixed noise.

    Returns:
        (H, W) uint8, hot is bright.
    """
    heat = canvas.heat * (1 - 0.15 * smoke) + 0.15 * smoke * np.median(canvas.heat)
    heat = gaussian_filter(heat, 0.9, truncate=2.5)
    drift = coarse.at(canvas.y * 0.15, canvas.x * 0.15) * rng.uniform(0.1, 0.5)
    stripes = rng.normal(0, rng.uniform(0.02, 0.1), canvas.x.shape)
    heat = heat + drift + stripes + rng.normal(0, rng.uniform(0.06, 0.22), heat.shape)
    low, high = np.quantile(heat, (0.02, 0.995))
    linear = np.clip((heat - low) / max(high - low, 1e-6), 0, 1)
    ranks = _equalised(linear)
    mix = rng.uniform(0, 0.8)
    level = ((1 - mix) * linear + mix * ranks) ** rng.uniform(0.9, 2.4)
    return _bytes(255 * (rng.uniform(0.01, 0.1) + rng.uniform(0.75, 0.9) * level))


def _equalised(level: Array) -> Array:
    """Share of the image that is darker: histogram equalisation of values in [0, 1]."""
    bins = (level * 1023).astype(np.int32)
    darker: Array = np.cumsum(np.bincount(bins.ravel(), minlength=1024))[bins] / bins.size
    return darker


def _daylight(canvas: Canvas, coarse: Texture, rng: np.random.Generator) -> Array:
    """Sun and sky, with shadows on the ground; (H, W, 3)."""
    away = np.minimum(canvas.distance, 100)
    shadow = 1 / (1 + np.exp(-8 * (coarse.at(away * 3, canvas.x * away * 0.02 + 40) + rng.uniform(-0.3, 1.5))))
    sun, sky = rng.uniform(0.3, 1.6), rng.uniform(0.5, 0.9)
    warm, cool = rgb(1, 0.95, 0.85), rgb(0.92, 0.98, 1.1)
    light: Array = np.float32(sun) * shadow[..., None].astype(np.float32) * warm + np.float32(sky) * cool
    return light


def _lamps(canvas: Canvas, rng: np.random.Generator) -> Array:
    """What lamps and lit windows throw on their surroundings; (H, W, 3)."""
    ambient = rng.uniform(0.006, 0.05) * rgb(0.9, 1, 0.85)
    return 2.5 * _spread(canvas.glow, 3) + 6 * _spread(canvas.glow, 10) + ambient


def _spread(light: Array, size: float) -> Array:
    """Light blurred over a Gaussian of 4 `size` pixels; computed at a quarter of the resolution."""
    height, width = light.shape[:2]
    padded = np.pad(light, ((0, -height % 4), (0, -width % 4), (0, 0)))
    small = padded.reshape(padded.shape[0] // 4, 4, padded.shape[1] // 4, 4, 3).mean(axis=(1, 3))
    wide = gaussian_filter(small, (size, size, 0), truncate=2.5, mode="constant")
    return _enlarged(_enlarged(wide, 0, height), 1, width)


def _enlarged(image: Array, axis: int, size: int) -> Array:
    """Four times as many pixels along an axis, linearly between the given ones, cut to `size`."""
    place = np.clip((np.arange(size, dtype=np.float32) + 0.5) / 4 - 0.5, 0, image.shape[axis] - 1)
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, image.shape[axis] - 1)
    share = np.expand_dims(place - before, tuple(other for other in range(3) if other != axis)).astype(np.float32)
    return image.take(before, axis) * (1 - share) + image.take(after, axis) * share


def _photograph(seen: Array, climate: Climate, rng: np.random.Generator) -> Array:
    """Exposure, noise, and a response curve that is steep in the dark and gives way before white."""
    middle = max(float(np.quantile(seen[::3, ::3], 0.6)), 1e-3)
    exposure = min(rng.uniform(0.015, 0.1) / middle, 4) if climate.night else rng.uniform(0.2, 0.42) / middle
    electrons = np.maximum(seen * np.float32(exposure), 0)
    deviation = np.sqrt(electrons * 3e-4 + 2e-6) * (2.2 if climate.night else 1)
    bright = np.sqrt(np.maximum(electrons + rng.standard_normal(seen.shape, np.float32) * deviation, 0))
    return _bytes(255 * np.minimum(bright, 0.7 + 0.6 * (bright - 0.7)))


def _bytes(image: Array) -> Array:
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
