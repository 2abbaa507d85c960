"""The street itself: sky, skyline, ground and the houses along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smfnet.data.scenes.canvas import EYE, Canvas
from smfnet.data.scenes.noise import Array, Texture, rgb

__all__ = ["Climate", "Street"]

_FAR = 150.0
_HOUSES = 32  # on either side


@dataclass(frozen=True)
class Climate:
    """Light and warmth of a scene.

    Attributes:
        night: lamps instead of the sun.
        air: temperature of the air, degrees Celsius.
        sun: what the sun adds to a road that lies in it, degrees.
    """

    night: bool
    air: float
    sun: float


class Street:
    """Paints the surroundings in which things stand.

    Args:
        rng: decides everything.
        climate: for temperatures.
        fine, coarse: textures.
    """

    def __init__(self, rng: np.random.Generator, climate: Climate, fine: Texture, coarse: Texture) -> None:
        self.rng, self.climate, self.fine, self.coarse = rng, climate, fine, coarse
        self.half_width = rng.uniform(3.5, 7)

    def paint(self, canvas: Canvas) -> None:
        """Everything, from far to near."""
        self._sky(canvas)
        self._skyline(canvas)
        self._ground(canvas)
        for side in (-1, 1):
            self._houses(canvas, side)

    def _sky(self, canvas: Canvas) -> None:
        canvas = canvas.part(rows=slice(0, int(canvas.camera.horizon) + 2))
        height = (canvas.camera.horizon - canvas.y) / canvas.camera.horizon
        clouds = self.coarse.at(canvas.y * 0.7, canvas.x * 0.25)
        blue = rgb(0.35, 0.5, 0.75) * rgb(*self.rng.uniform(0.8, 1.2, 3))
        white = rgb(0.85, 0.88, 0.92)
        cover = np.clip(self.rng.uniform(0.3, 1.2) - 0.5 * height + 0.15 * clouds, 0, 1)[..., None]
        canvas.colour[:] = blue * (1 - cover) + white * cover
        canvas.heat[:] = self.climate.air - 35 + 22 * (1 - np.clip(height, 0, 1)) + 1.5 * clouds

    def _skyline(self, canvas: Canvas) -> None:
        """Hills, trees or far houses in front of the sky."""
        canvas = canvas.part(rows=slice(0, int(canvas.camera.horizon) + 2))
        rough = self.coarse.at(int(self.rng.integers(128)), canvas.x * self.rng.uniform(0.2, 0.8))
        if self.rng.random() < 0.5:
            rough = self.coarse.at(7, np.floor(canvas.x / 9) * 13)
        ridge = canvas.camera.horizon * (0.12 + 0.06 * rough)
        leaves = self.fine.at(canvas.y, canvas.x)
        colour = rgb(*self.rng.uniform([0.06, 0.1, 0.05], [0.2, 0.22, 0.18])) * (1 + 0.3 * leaves[..., None])
        canvas.paint(canvas.y > canvas.camera.horizon - ridge, colour, self.climate.air - 2 + 0.8 * leaves, 220)

    def _ground(self, canvas: Canvas) -> None:
        canvas = canvas.part(rows=slice(int(canvas.camera.horizon) + 1, None))
        away = EYE * canvas.camera.focal / np.maximum(canvas.y - canvas.camera.horizon, 0.5)
        right = (canvas.x - canvas.camera.vanishing) * away / canvas.camera.focal
        grain, patches = self.fine.at(away * 9, right * 22), self.coarse.at(away * 2, right * 3)
        colour, heat = self._beside(grain, patches)
        road = np.abs(right) < self.half_width
        tone = self.rng.uniform(0.1, 0.28) * (1 + 0.1 * grain + 0.06 * patches)
        tracks = np.exp(-(((np.abs(np.abs(right) - self.half_width / 2) - 0.8) / 0.35) ** 2))
        tar = self.climate.air + self.climate.sun * (1 + 0.06 * patches) + 1.2 * tracks + 0.2 * grain
        colour = np.where(road[..., None], tone[..., None] * rgb(1, 1, 1.04), colour)
        heat = np.where(road, tar, heat)
        marks = self._markings(away, right)
        colour = np.where(marks[..., None], rgb(0.75, 0.74, 0.68) * (1 + 0.08 * grain[..., None]), colour)
        heat = np.where(marks, heat - 0.15 * self.climate.sun - 0.4, heat)
        canvas.paint(np.ones_like(road), colour, heat, np.minimum(away, _FAR))

    def _beside(self, grain: Array, patches: Array) -> tuple[Array, Array]:
        """Colour and heat of what lies beside the road: grass or paving."""
        if self.rng.random() < 0.6:
            green = rgb(*self.rng.uniform([0.1, 0.16, 0.05], [0.28, 0.27, 0.12]))
            colour = green * (1 + 0.35 * grain + 0.2 * patches)[..., None]
            return colour, self.climate.air + 0.35 * self.climate.sun + 1.2 * grain + 1.0 * patches
        grey = rgb(0.42, 0.4, 0.37) * self.rng.uniform(0.7, 1.2)
        return grey * (1 + 0.12 * grain[..., None]), self.climate.air + 0.8 * self.climate.sun + 0.5 * grain

    def _markings(self, away: Array, right: Array) -> Array:
        """Lines on the road: dashed in the middle, whole at the edges, sometimes a crossing."""
        dashed = (np.abs(right) < 0.09) & ((away + self.rng.uniform(0, 6)) % 6 < 3)
        edges = np.abs(np.abs(right) - 0.92 * self.half_width) < 0.07
        start = self.rng.uniform(6, 40)
        crossing = (np.abs(away - start) < 1.5) & (right % 1.2 < 0.6) & (np.abs(right) < 0.9 * self.half_width)
        return dashed | edges | crossing if self.rng.random() < 0.5 else dashed | edges

    def _houses(self, canvas: Canvas, side: int) -> None:
        """A row of facades along the street, with gaps; `side` is -1 (left) or 1."""
        middle = int(canvas.camera.vanishing)
        canvas = canvas.part(columns=slice(middle + 1, None) if side > 0 else slice(0, middle))
        beside, length = self.half_width + self.rng.uniform(2, 9), self.rng.uniform(8, 18)
        away = beside * canvas.camera.focal / np.maximum(side * (canvas.x - canvas.camera.vanishing), 1e-3)
        up = EYE + (canvas.camera.horizon - canvas.y) * away / canvas.camera.focal
        house = np.minimum(away / length, _HOUSES - 1).astype(int)
        stands = self.rng.random(_HOUSES) < 0.65
        tall = (stands * self.rng.uniform(3.5, 16, _HOUSES)).astype(np.float32)[house]
        wall = (away < _FAR) & (up > 0) & (up < tall)
        window = (np.abs(away % length % 2.8 - 1.55) < 0.65) & (np.abs(up % 3 - 1.6) < 0.7) & (up < tall - 0.5)
        bricks = self.fine.at(up * 12, away * 12) + 1.5 * ((up % 0.35 < 0.05) & (away < 15))
        warm = self.climate.air + self.climate.sun * (0.45 if side > 0 else 0.15)
        heat = (warm + self.rng.uniform(-1, 3, _HOUSES)).astype(np.float32)[house] + 0.5 * bricks
        heat = heat + window * np.float32(self._window_heat())
        canvas.paint(wall, self._facades(house, window, bricks), heat, np.broadcast_to(away, wall.shape))
        if self.climate.night:
            lit = self.fine.at(np.floor(up / 3) * 37 + 5, np.floor(away / 2.8) * 53) > 0.9
            canvas.glow[wall & window & lit] = self.rng.uniform(0.2, 0.8) * rgb(1, 0.8, 0.45)

    def _facades(self, house: Array, window: Array, bricks: Array) -> Array:
        """A colour for every house, and dark glass; (H, W, 3)."""
        tints = self.rng.uniform(-0.08, 0.1, (_HOUSES, 3)) * [1, 0.4, -0.6]
        paints = (self.rng.uniform(0.15, 0.75, (_HOUSES, 1)) + tints).astype(np.float32)
        return np.where(window[..., None], rgb(0.09, 0.1, 0.12), paints[house] * (1 - 0.1 * bricks[..., None]))

    def _window_heat(self) -> float:
        """Glass shows the warm room by night and the cold sky by day."""
        return self.rng.uniform(1, 4) if self.climate.night else self.rng.uniform(-6, -2)
