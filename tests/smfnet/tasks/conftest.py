"""A small data set with labels and boxes, and a detector that finds one thing whatever it sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.smfnet.tasks.constant_network import constant_network

WriteWorld = Callable[[Path], Path]
SCENES = {"train": ("00001D", "00002D", "00003N"), "test": ("00004D", "00005D", "00006N", "00007N")}


@pytest.fixture
def world(tmp_path: Path, write_world: WriteWorld) -> Path:
    """See `write_world`."""
    return write_world(tmp_path)


@pytest.fixture(scope="session")
def write_world() -> WriteWorld:
    """What writes the small data set into a folder, and returns it."""
    return _written


def _written(folder: Path) -> Path:
    """`msrs` in the layout of this platform: streets of grey noise with a bright car, and its label and box.

    Bike is in no test picture, Person in one, Car in all.
    """
    rng = np.random.default_rng(5)
    for part, names in SCENES.items():
        for place, name in enumerate(names):
            left = 8 + 4 * place
            label = np.zeros((64, 80), dtype=np.uint8)
            label[24:40, left : left + 24] = 1
            if (part, place) == ("test", 0):
                label[50:60, 60:66] = 2
            noise = rng.integers(0, 60, label.shape)
            images = {"vi": noise + 150 * (label == 1), "ir": noise + 150 * (label == 2), "label": label}
            for kind, image in images.items():
                place_of = folder / "msrs" / part / kind
                place_of.mkdir(parents=True, exist_ok=True)
                Image.fromarray(np.asarray(image, dtype=np.uint8)).save(place_of / f"{name}.png")
            boxes = folder / "msrs" / part / "boxes" / "fusion"
            boxes.mkdir(parents=True, exist_ok=True)
            (boxes / f"{name}.txt").write_text(f"2 {(left + 12) / 80} 0.5 {24 / 80} 0.25\n")
    return folder


@pytest.fixture(scope="session")
def detector_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ONNX file with FastestDet's input and output: a car in the middle cell, and a person that is less sure."""
    cells = np.zeros((1, 85, 22, 22), dtype=np.float32)
    for (row, column), place, sure in (((11, 11), 2, 0.9), ((4, 4), 0, 0.5)):
        cells[0, 0, row, column] = cells[0, 5 + place, row, column] = sure
    return constant_network(tmp_path_factory.mktemp("detector"), cells)
