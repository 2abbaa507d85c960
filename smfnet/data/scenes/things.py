"""Things that stand on the ground: trees, bushes, lamps, cars and people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smfnet.data.scenes.canvas import Canvas
from smfnet.data.scenes.noise import Array, Texture, rgb
from smfnet.data.scenes.street import Climate

__all__ = ["Things"]


@dataclass(frozen=True)
class Things:
    """Puts things on a canvas; `right` and `away` are a place on the ground in metres.

    Attributes:
        canvas: to paint on; what is painted later stands in front.
        climate: for temperatures and lights.
        grain: texture of leaves and cloth.
        rng: decides shapes, colours and warmth.
    """

    canvas: Canvas
    climate: Climate
    grain: Texture
    rng: np.random.Generator

    def tree(self, right: float, away: float) -> None:
        """A trunk, and a crown with holes."""
        radius, middle = self.rng.uniform(1.2, 3), self.rng.uniform(3.2, 6)
        part = self.canvas.stand(right, away, radius * 1.5, middle + radius * 1.6)
        trunk = (np.abs(part.x + 0.06 * np.sin(2 * part.y)) < 0.16) & (part.y < middle)
        part.paint(trunk, rgb(0.14, 0.11, 0.08), self.climate.air + 1 + 0.1 * self.climate.sun, away)
        lumps, leaves = self.grain.at(part.y * 5, part.x * 5), self.grain.at(part.y * 24 + 31, part.x * 24 + 17)
        shape = (part.x / radius) ** 2 + ((part.y - middle) / (radius * 1.2)) ** 2 + 0.3 * lumps
        crown = (shape < 1) & (leaves < 1.3 - 0.6 * np.clip(shape, 0, 1))
        shade = np.clip((0.75 + 0.22 * (part.y - middle) / radius) * (1 + 0.4 * leaves), 0.15, 2)
        part.paint(crown, self._green() * shade[..., None], self.climate.air - 0.5 + 0.9 * leaves + 0.8 * lumps, away)

    def bush(self, right: float, away: float) -> None:
        """Thin leaves that hide what is behind them from the visible camera, and let half of its warmth through."""
        part = self.canvas.stand(right, away, 1.3, 1.7)
        if not part.heat.size:
            return
        leaves, lumps = self.grain.at(part.y * 24 + 3, part.x * 24), self.grain.at(part.y * 8, part.x * 8)
        where = (part.x / 1.1) ** 2 + (np.maximum(part.y - 0.4, 0) / 1.05) ** 2 + 0.25 * lumps < 1
        through = np.clip(0.55 + 0.25 * leaves, 0.1, 0.95)
        heat = part.heat * through + (1 - through) * np.quantile(part.heat, 0.3)
        part.paint(where, self._green() * (1 + 0.4 * leaves[..., None]), heat, away)

    def lamp(self, right: float, away: float) -> None:
        """A post with a lamp on top, lit by night."""
        night, tall = self.climate.night, self.rng.uniform(3.5, 6)
        part = self.canvas.stand(right, away, 0.6, tall + 0.3)
        post = (np.abs(part.x) < 0.07) & (part.y < tall)
        part.paint(post, rgb(0.25, 0.26, 0.27), self.climate.air + 0.3 * self.climate.sun, away)
        head = (np.abs(part.x) < 0.4) & (np.abs(part.y - tall) < 0.14)
        part.paint(head, rgb(0.4, 0.4, 0.4), self.climate.air + (18 if night else 2), away)
        if night:
            part.glow[head] = rgb(6, 5.4, 3.9)

    def car(self, right: float, away: float) -> None:
        """A car from behind or in front; engine, tyres and exhaust are warm if it has been driven."""
        coming, driven = self.rng.random() < 0.5, self.rng.random() < 0.75
        part = self.canvas.stand(right, away, 1.2, 1.8)
        side, up = np.abs(part.x) / 0.9, part.y / self.rng.uniform(1.35, 1.7)
        air, warm = self.climate.air, 1.0 if driven else 0.0
        part.paint((side < 1.15) & (up < 0.14), rgb(0.03, 0.03, 0.03), air + 7 * warm, away)
        cabin = (up > 0.5) & (up < 1) & (side < 0.92 - 0.45 * (up - 0.5))
        metal = air + self.rng.uniform(-2, 2) + 0.5 * self.climate.sun * np.clip(up, 0, 1) + 3.5 * warm * (up < 0.62)
        body = (side**8 + (np.abs(up - 0.36) / 0.3) ** 6 < 1) | cabin
        part.paint(body, self._varnish() * (0.7 + 0.5 * up[..., None]), metal, away)
        glass = (up > 0.6) & (up < 0.93) & (side < 0.82 - 0.45 * (up - 0.5))
        part.paint(glass, rgb(0.06, 0.07, 0.08), air - 3, away)
        part.paint((np.abs(side - 0.82) < 0.13) & (up < 0.28), rgb(0.02, 0.02, 0.02), air + 14 * warm, away)
        engine = (side < 0.55) & (np.abs(up - 0.4) < 0.12) if coming else np.hypot(part.x - 0.5, part.y - 0.3) < 0.1
        part.heat[engine] += warm * self.rng.uniform(12, 26)
        self._car_lights(part, (np.abs(side - 0.76) < 0.13) & (np.abs(up - 0.46) < 0.06), away, coming, driven)

    def person(self, right: float, away: float) -> None:
        """Somebody who walks or stands: warmer than the air, dressed in anything."""
        tall, stride = self.rng.uniform(1.5, 1.85), self.rng.uniform(0.02, 0.2)
        part = self.canvas.stand(right, away, 0.55, tall)
        side, up = part.x - self.rng.uniform(-0.05, 0.05) * part.y, part.y / tall
        foot = 0.07 + stride * np.clip(0.5 - up, 0, 1)
        legs = (np.minimum(np.abs(side - foot), np.abs(side + foot)) < 0.05 + 0.04 * up) & (up < 0.5)
        torso = (np.abs(up - 0.66) < 0.18) & (np.abs(side) < 0.1 + 0.22 * np.clip(up - 0.42, 0, 0.3))
        arms = (np.abs(np.abs(side) - 0.27 + 0.2 * up) < 0.045) & (np.abs(up - 0.62) < 0.19)
        head = (side / 0.085) ** 2 + ((part.y - 0.93 * tall) / 0.115) ** 2 < 1
        folds, warm = self.grain.at(part.y * 30 + 11, part.x * 30 + 3), max(self.climate.air + 6, 23.0)
        for where, heat in ((legs, warm - 1), (arms | torso, warm + 1)):
            cloth = self.rng.uniform(0.03, 0.4) * rgb(*self.rng.uniform(0.75, 1.15, 3))
            part.paint(where, cloth * (1 + 0.2 * folds[..., None]), heat + 1.3 * folds, away)
        part.paint(head, rgb(0.5, 0.36, 0.28) * self.rng.uniform(0.3, 1.1), 32.0, away)

    def _car_lights(self, part: Canvas, where: Array, away: float, coming: bool, lit: bool) -> None:
        part.paint(where, rgb(0.8, 0.8, 0.8) if coming else rgb(0.5, 0.05, 0.05), self.climate.air + 4, away)
        if self.climate.night and lit:
            part.glow[where] = rgb(12, 11.5, 10) if coming else rgb(2.2, 0.12, 0.1)

    def _green(self) -> Array:
        return rgb(*self.rng.uniform([0.08, 0.13, 0.04], [0.24, 0.26, 0.1]))

    def _varnish(self) -> Array:
        """Mostly a shade of grey, sometimes red, green or blue."""
        grey = self.rng.uniform(0.03, 0.8) * rgb(*self.rng.uniform(0.75, 1, 3))
        hue = rgb(*np.where(np.arange(3) == self.rng.integers(3), 1, 0.15))
        return grey * hue if self.rng.random() < 0.3 else grey
