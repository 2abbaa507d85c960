"""Generated pairs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from smfnet.config.data import ScenesConfig
from smfnet.data.pair import Pair, pair_of

__all__ = ["ScenePair", "scene_pairs"]


@dataclass(frozen=True)
class ScenePair:
    """A generated pair.

    Attributes:
        name: of the pair.
        key: seeds of the generator.
        height, width: pixels.
    """

    name: str
    key: tuple[int, ...]
    height: int
    width: int

    def read(self, *, training: bool) -> Pair:
        """Make the pair; see `pair_of` for what `training` changes."""
        ir, vi = _scene(self)
        return pair_of(self.name, ir, vi, training=training)

    def digest(self) -> str:
        """Hash of the pixels."""
        ir, vi = _scene(self)
        return hashlib.blake2b(ir.tobytes() + vi.tobytes(), digest_size=16).hexdigest()


def scene_pairs(config: ScenesConfig, part: str, val_pairs: int) -> tuple[ScenePair, ...]:
    """The pairs of a part; no two parts share a scene."""
    count = {"train": config.train_pairs, "val": val_pairs, "test": config.test_pairs}[part]
    seed = ("train", "val", "test").index(part)
    return tuple(
        ScenePair(f"{part}_{k:03d}", (config.seed, seed, k), config.height, config.width) for k in range(count)
    )


@lru_cache(maxsize=256)
def _scene(pair: ScenePair) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(pair.key)
    base = rng.random((pair.height // 8 + 1, pair.width // 8 + 1)).repeat(8, 0).repeat(8, 1)
    base = base[: pair.height, : pair.width]
    vi = np.stack([base * 200 + rng.random(base.shape) * 40 for _ in range(3)], axis=-1)
    ir = (1 - base) * 200 + rng.random(base.shape) * 40
    return ir.astype(np.uint8), vi.astype(np.uint8)
