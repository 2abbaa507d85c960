"""Folders of small image pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smfnet.config.data import DataConfig


def _noise(seed: int, shape: tuple[int, ...] = (24, 32)) -> np.ndarray:
    pixels: np.ndarray = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    return pixels


def _write(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]
WritePairs = Callable[..., Path]


@pytest.fixture(scope="session")
def noise() -> Noise:
    """`noise(seed, shape)`: random bytes."""
    return _noise


@pytest.fixture(scope="session")
def write() -> Write:
    """`write(path, pixels)`: save an image; the path comes back."""
    return _write


@pytest.fixture
def write_pairs(tmp_path: Path) -> WritePairs:
    """Writes pairs of noise into a folder under `tmp_path`: infrared grey, visible RGB, each picture another."""

    def write_all(folder: str, names: Iterable[str], shape: tuple[int, int] = (24, 32)) -> Path:
        for name in names:
            seed = sum(f"{folder}/{name}".encode()) + 1000 * len(name)
            _write(tmp_path / folder / "ir" / f"{name}.png", _noise(seed, shape))
            _write(tmp_path / folder / "vi" / f"{name}.png", _noise(seed + 1, (*shape, 3)))
        return tmp_path

    return write_all


@pytest.fixture
def config(write_pairs: WritePairs) -> DataConfig:
    """Six training and two test pairs on disk, a validation pair to be taken out of the six."""
    write_pairs("train", "abcdef")
    root = write_pairs("test", "xy")
    return DataConfig(source="folder", root=str(root), val_pairs=1, patch=16, stride=8)
