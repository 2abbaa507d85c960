"""Things that stand on the ground: trees, lamps, cars and people."""

from __future__ import annotations

import numpy as np

from smfnet.data.scenes.canvas import Canvas
from smfnet.data.scenes.noise import Texture
from smfnet.data.scenes.street import Climate

__all__ = ["bush", "car", "lamp", "person", "tree"]


def tree(
    canvas: Canvas, right: float, away: float, climate: Climate, leaves: Texture, rng: np.random.Generator
) -> None:
    """A trunk and a crown with holes."""
    radius, middle = rng.uniform(1.2, 3), rng.uniform(3.2, 6)
    part = canvas.stand(right, away, radius * 1.5, middle + radius * 1.6)
    if not part.heat.size:
        return
    trunk = (np.abs(part.x + 0.06 * np.sin(2 * part.y)) < 0.16) & (part.y < middle)
    part.paint(trunk, (0.14, 0.11, 0.08), climate.air + 1 + 0.1 * climate.sun, away)
    lumps, fine = leaves.at(part.y * 5, part.x * 5), leaves.at(part.y * 24 + 31, part.x * 24 + 17)
    shape = (part.x / radius) ** 2 + ((part.y - middle) / (radius * 1.2)) ** 2 + 0.3 * lumps
    crown = (shape < 1) & (fine < 1.3 - 0.6 * np.clip(shape, 0, 1))
    shade = (0.75 + 0.22 * (part.y - middle) / radius) * (1 + 0.4 * fine)
    green = np.float32(rng.uniform([0.08, 0.13, 0.04], [0.25, 0.26, 0.1]))
    part.paint(crown, green * np.clip(shade, 0.15, 2)[..., None], climate.air - 0.5 + 0.9 * fine + 0.8 * lumps, away)


def bush(canvas: Canvas, right: float, away: float, leaves: Texture, rng: np.random.Generator) -> None:
    """Thin leaves that hide what is behind them from the visible camera, and let half of its warmth through."""
    part = canvas.stand(right, away, 1.3, 1.7)
    if not part.heat.size:
        return
    fine = leaves.at(part.y * 24 + 3, part.x * 24)
    shape = (part.x / 1.1) ** 2 + (np.maximum(part.y - 0.4, 0) / 1.05) ** 2 + 0.25 * leaves.at(part.y * 8, part.x * 8)
    green = np.float32(rng.uniform([0.08, 0.13, 0.04], [0.22, 0.26, 0.1]))
    warmth = part.heat.copy()
    part.paint(shape < 1, green * (1 + 0.4 * fine[..., None]), 0, away - 0.1)
    seen = np.clip(0.55 + 0.25 * fine, 0.1, 0.95)
    part.heat[:] = np.where(shape < 1, warmth * seen + (1 - seen) * np.quantile(warmth, 0.3), warmth)


def lamp(canvas: Canvas, right: float, away: float, climate: Climate, tall: float) -> None:
    """A post with a lamp on top, lit by night."""
    part = canvas.stand(right, away, 0.6, tall + 0.3)
    if not part.heat.size:
        return
    post = (np.abs(part.x) < 0.07) & (part.y < tall)
    part.paint(post, (0.25, 0.26, 0.27), climate.air + 0.3 * climate.sun, away)
    head = (np.abs(part.x) < 0.4) & (np.abs(part.y - tall) < 0.14)
    part.paint(head, (0.4, 0.4, 0.4), climate.air + (18 if climate.night else 2), away)
    if climate.night:
        part.glow[head] = 6 * np.float32([1, 0.9, 0.65])


def car(canvas: Canvas, right: float, away: float, climate: Climate, rng: np.random.Generator) -> None:
    """A car from behind or in front; engine, tyres and exhaust are warm if it has been driven."""
    part = canvas.stand(right, away, 1.2, 1.8)
    if not part.heat.size:
        return
    coming, driven, tall = rng.random() < 0.5, rng.random() < 0.75, rng.uniform(1.35, 1.7)
    side, up = np.abs(part.x) / 0.9, part.y / tall
    shadow = (side < 1.15) & (up < 0.14)
    part.paint(shadow, (0.03, 0.03, 0.03), climate.air + (7 if driven else 0), away)
    body = (side**8 + (np.abs(up - 0.36) / 0.3) ** 6 < 1) | ((up > 0.5) & (up < 1) & (side < 0.92 - 0.45 * (up - 0.5)))
    paint = rng.uniform(0.03, 0.8) * rng.uniform(0.75, 1, 3) * (1 if rng.random() < 0.7 else np.eye(3)[rng.integers(3)])
    metal = climate.air + rng.uniform(-2, 2) + 0.5 * climate.sun * np.clip(up, 0, 1)
    part.paint(
        body, np.float32(paint) * (0.7 + 0.5 * up[..., None]), metal + (3.5 if driven else 0) * (up < 0.62), away
    )
    glass = (up > 0.6) & (up < 0.93) & (side < 0.82 - 0.45 * (up - 0.5))
    part.paint(glass, (0.06, 0.07, 0.08), climate.air - 3, away)
    wheels = (np.abs(side - 0.82) < 0.13) & (up < 0.28)
    part.paint(wheels, (0.02, 0.02, 0.02), climate.air + (14 if driven else 0), away)
    if driven:
        warm = (side < 0.55) & (np.abs(up - 0.4) < 0.12) if coming else (np.hypot(part.x - 0.5, part.y - 0.3) < 0.1)
        part.heat[warm] = climate.air + rng.uniform(14, 30)
    lights = (np.abs(side - 0.76) < 0.13) & (np.abs(up - 0.46) < 0.06)
    part.paint(lights, (0.8, 0.8, 0.8) if coming else (0.5, 0.05, 0.05), climate.air + 4, away)
    if climate.night and driven:
        part.glow[lights] = np.float32([12, 11.5, 10]) if coming else np.float32([2.2, 0.12, 0.1])


def person(
    canvas: Canvas, right: float, away: float, climate: Climate, cloth: Texture, rng: np.random.Generator
) -> None:
    """Somebody who walks or stands: warmer than the street, dressed in anything."""
    tall = rng.uniform(1.5, 1.85)
    part = canvas.stand(right, away, 0.55, tall)
    if not part.heat.size:
        return
    lean, stride = rng.uniform(-0.05, 0.05), rng.uniform(0.02, 0.2)
    side, up = part.x - lean * part.y, part.y / tall
    folds = cloth.at(part.y * 30 + 11, part.x * 30 + 3)
    spread = stride * np.clip(0.5 - up, 0, 1)
    legs = (np.minimum(np.abs(side - 0.07 - spread), np.abs(side + 0.07 + spread)) < 0.05 + 0.04 * up) & (up < 0.5)
    torso = (np.abs(up - 0.66) < 0.18) & (np.abs(side) < 0.1 + 0.22 * np.clip(up - 0.42, 0, 0.3))
    arms = (np.abs(np.abs(side) - 0.27 + 0.2 * up) < 0.045) & (np.abs(up - 0.62) < 0.19)
    head = (side / 0.085) ** 2 + ((part.y - 0.93 * tall) / 0.115) ** 2 < 1
    warm = max(climate.air + 6, 23)
    trousers, jacket = (rng.uniform(0.03, 0.4) * np.float32(rng.uniform(0.75, 1.15, 3)) for _ in range(2))
    for shape, cloths, heat in ((legs, trousers, warm - 1), (arms, jacket, warm), (torso, jacket, warm + 1.5)):
        part.paint(shape, cloths * (1 + 0.2 * folds[..., None]), heat + 1.3 * folds, away)
    part.paint(head, np.float32([0.5, 0.36, 0.28]) * rng.uniform(0.3, 1.1), 32.0, away)
