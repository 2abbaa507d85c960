"""What a scene is painted on: colour, heat and distance of every pixel, before any light falls on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from smfnet.data.scenes.noise import Array

__all__ = ["EYE", "Camera", "Canvas"]

EYE = 1.6  # metres above the ground


@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks along a street; everything in pixels.

    Attributes:
        focal: focal length.
        horizon: row of the horizon.
        vanishing: column in which the street ends.
    """

    focal: float
    horizon: float
    vanishing: float


@dataclass(frozen=True)
class Canvas:
    """A scene, or a part of one: the arrays of a part are views into the whole.

    Attributes:
        camera: through which it is seen.
        y, x: row (H, 1) and column (1, W) of every pixel; in the frame of a standing object metres above its foot and
            to its right.
        colour: share of light that comes back, RGB, (H, W, 3) in [0, 1].
        heat: temperature in degrees Celsius, (H, W).
        glow: light of its own, RGB, (H, W, 3), at least 0.
        distance: metres, (H, W).
    """

    camera: Camera
    y: Array
    x: Array
    colour: Array
    heat: Array
    glow: Array
    distance: Array

    @classmethod
    def empty(cls, height: int, width: int, camera: Camera) -> Canvas:
        """Black, at 0 degrees, far away."""
        y, x = np.ogrid[:height, :width]
        colour, glow = np.zeros((2, height, width, 3), np.float32)
        heat, distance = np.zeros((2, height, width), np.float32)
        return cls(camera, y.astype(np.float32), x.astype(np.float32), colour, heat, glow, distance + 2000)

    def part(self, rows: slice = slice(None), columns: slice = slice(None)) -> Canvas:
        """Some rows and columns."""
        arrays = (array[rows, columns] for array in (self.colour, self.heat, self.glow, self.distance))
        return Canvas(self.camera, self.y[rows], self.x[:, columns], *arrays)

    def stand(self, right: float, away: float, half_width: float, height: float) -> Canvas:
        """The part in which an object stands on the ground; empty if it is out of sight.

        Args:
            right, away: place on the ground, metres.
            half_width, height: of the object, metres.
        """
        scale = self.camera.focal / away
        foot, middle = self.camera.horizon + EYE * scale, self.camera.vanishing + right * scale
        rows = _between(foot - height * scale, foot, self.heat.shape[0])
        columns = _between(middle - half_width * scale, middle + half_width * scale, self.heat.shape[1])
        part = self.part(rows, columns)
        return replace(part, y=(foot - part.y) / scale, x=(part.x - middle) / scale)

    def ground(self, across: float, away: float) -> tuple[float, float]:
        """Place on the ground (right, away) that is seen at a share of the picture's width."""
        return (across * self.x.size - self.camera.vanishing) * away / self.camera.focal, away

    def paint(self, where: Array, colour: Array, heat: Array | float, away: Array | float) -> None:
        """Cover some pixels with a surface.

        Args:
            where: (H, W) bool.
            colour: (3,) or (H, W, 3).
            heat, away: one value, or (H, W).
        """
        np.copyto(self.colour, np.asarray(colour, np.float32), where=where[..., None])
        np.copyto(self.heat, np.asarray(heat, np.float32), where=where)
        np.copyto(self.distance, np.asarray(away, np.float32), where=where)
        np.copyto(self.glow, np.float32(0), where=where[..., None])


def _between(low: float, high: float, size: int) -> slice:
    """Whole pixels from low to high within 0..size."""
    return slice(int(np.clip(np.floor(low), 0, size)), int(np.clip(np.ceil(high) + 1, 0, size)))
