"""The pairs of each part: a scene for every seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from smfnet.config.data import ScenesConfig
from smfnet.data.pair import Pair, pair_of
from smfnet.data.scenes.canvas import Camera, Canvas
from smfnet.data.scenes.noise import Array, Texture
from smfnet.data.scenes.sensors import infrared, visible
from smfnet.data.scenes.street import Climate, Street
from smfnet.data.scenes.things import Things

__all__ = ["ScenePair", "scene_pairs"]

_PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class ScenePair:
    """A pair that is made when it is asked for.

    Attributes:
        name: of the pair.
        key: of the random generator: the configured seed, the part, the number.
        height, width: pixels.
    """

    name: str
    key: tuple[int, int, int]
    height: int
    width: int

    def read(self, *, training: bool) -> Pair:
        """Make the pair; see `pair_of` for what `training` changes."""
        return pair_of(self.name, *self.images(), training=training)

    def images(self) -> tuple[Array, Array]:
        """Infrared (H, W) and visible (H, W, 3), uint8."""
        return _images(self.key, self.height, self.width)

    def digest(self) -> str:
        """Hash of the pixels."""
        return _digest(self.key, self.height, self.width)


def scene_pairs(config: ScenesConfig, part: str, val_pairs: int) -> tuple[ScenePair, ...]:
    """The pairs of a part, by day and by night in turn; no two parts share a scene.

    Args:
        config: how many, of what size, and from which seed.
        part: `train`, `val` or `test`.
        val_pairs: number of validation pairs.
    """
    count = {"train": config.train_pairs, "val": val_pairs, "test": config.test_pairs}[part]
    return tuple(
        ScenePair(f"{part}_{k + 1:03d}", (config.seed, _PARTS.index(part), k), config.height, config.width)
        for k in range(count)
    )


@lru_cache(maxsize=128)
def _images(key: tuple[int, int, int], height: int, width: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(key)
    night = key[2] % 2 == 1
    climate = Climate(night, rng.uniform(4, 16) if night else rng.uniform(12, 26), rng.uniform(0, 2 if night else 14))
    fine, coarse = Texture(rng, 0.8), Texture(rng, 1.6)
    camera = Camera(rng.uniform(0.8, 1.3) * width, rng.uniform(0.36, 0.52) * height, rng.uniform(0.3, 0.7) * width)
    canvas = Canvas.empty(height, width, camera)
    street = Street(rng, climate, fine, coarse)
    street.paint(canvas)
    people = _furnish(Things(canvas, climate, fine, rng), street.half_width)
    smoke = _smoke(canvas, people, coarse, rng)
    return infrared(canvas, smoke, coarse, rng), visible(canvas, climate, smoke, coarse, rng)


@cache
def _digest(key: tuple[int, int, int], height: int, width: int) -> str:
    return hashlib.blake2b(b"".join(image.tobytes() for image in _images(key, height, width))).hexdigest()


def _furnish(things: Things, edge: float) -> list[tuple[float, float]]:
    """Put things beside and on a road, far ones first; returns where people stand (right, away).

    Args:
        things: what there is.
        edge: of the road, metres from its middle.
    """
    rng = things.rng
    placed = [(things.tree, _side(rng) * (edge + rng.uniform(1, 8)), rng.uniform(9, 60)) for _ in _some(rng, 2, 8)]
    placed += [(things.lamp, _side(rng) * (edge + 0.8), rng.uniform(8, 50)) for _ in _some(rng, 1, 3)]
    placed += [(things.car, _side(rng) * edge * rng.uniform(0.3, 0.8), rng.uniform(6, 40)) for _ in _some(rng, 0, 3)]
    people = [things.canvas.ground(rng.uniform(0.06, 0.94), rng.uniform(6, 16)) for _ in _some(rng, 1, 4)]
    placed += [(things.person, right, away) for right, away in people]
    placed += [(things.bush, right, away - 0.3) for right, away in people if rng.random() < 0.12]
    for put, right, away in sorted(placed, key=lambda place: -place[2]):
        put(right, away)
    return people


def _some(rng: np.random.Generator, least: int, most: int) -> range:
    return range(rng.integers(least, most + 1))


def _side(rng: np.random.Generator) -> int:
    return 1 if rng.random() < 0.5 else -1


def _smoke(canvas: Canvas, people: list[tuple[float, float]], coarse: Texture, rng: np.random.Generator) -> Array:
    """In every third scene a cloud in front of somebody: share of light taken, (H, W) in [0, 1]."""
    if rng.random() > 0.35:
        return np.zeros_like(canvas.heat)
    right, away = people[rng.integers(len(people))]
    scale = canvas.camera.focal / away
    across = (canvas.x - canvas.camera.vanishing - right * scale) / (1.6 * scale)
    down = (canvas.y - canvas.camera.horizon - 0.5 * scale) / (1.3 * scale)
    wisps = coarse.at(canvas.y * 0.6 + 9, canvas.x * 0.6)
    cloud: Array = np.clip(1.25 - np.hypot(across, down) + 0.28 * wisps, 0, 1) * rng.uniform(0.75, 0.97)
    return cloud.astype(np.float32)
