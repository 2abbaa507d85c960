"""Fixtures that all rooms share."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:  # torch takes seconds to import, and many tests do without
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from smfnet.model import SMFNet

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("no deadline", deadline=None)  # the first example pays for start-up
settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def ctrl_c_stays_as_it_was() -> Iterator[None]:
    """A command that is a whole process takes Ctrl-C; left behind, it would end a process of tests at the next one."""
    before = signal.getsignal(signal.SIGINT)
    yield
    after = signal.getsignal(signal.SIGINT)
    if after is not before:
        signal.signal(signal.SIGINT, before)
        pytest.fail(f"the test has left another answer to Ctrl-C: {after}")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder with a path short enough for sockets far below it."""
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def another_user() -> int:
    """The number of a user who has nothing; only root can act as one."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    return 65534


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with golden values of a reference and the real image pairs, which a user does not have."""
    folder = Path(os.environ.get("SMFNET_SHARED", ROOT.parent / "shared"))
    if folder.is_dir():
        return folder
    message = f"{folder} is not there; set SMFNET_SHARED"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def golden(shared: Path) -> dict[str, Tensor]:
    """Images, features and outputs of the reference: `V`, `I`, `train.*`, `eval.*`."""
    import numpy as np
    import torch

    with np.load(shared / "oracle" / "golden.npz") as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


@pytest.fixture(scope="session")
def formula_weights(shared: Path) -> dict[str, Tensor]:
    """The 286 weights and running statistics of the reference, made by formulas that the golden values come with."""
    import torch

    names = json.loads((shared / "oracle" / "canonical_names.json").read_text(encoding="utf-8"))
    return {name: torch.from_numpy(_formula(name, tuple(shape))) for name, shape in names.items()}


@pytest.fixture
def formula_network(formula_weights: dict[str, Tensor]) -> SMFNet:
    """The released network with those weights: float64, gates interleaved, batch norm in training mode."""
    from smfnet.config.kinds import ReasoningConfig
    from smfnet.config.model import ModelConfig
    from smfnet.config.slots import GraphConfig
    from smfnet.model import build

    network = build(ModelConfig(graph=GraphConfig(reasoning=ReasoningConfig(gate_layout="interleaved")))).double()
    network.load_state_dict(formula_weights, strict=False)  # lacks the batch norms' counters
    return network.train()


def _formula(name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    import numpy as np

    b = np.random.RandomState(zlib.crc32(name.encode())).uniform(-1, 1, size=shape)
    sobel = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
    if "sobel_" in name:
        return (sobel if "sobel_x" in name else sobel.T) + 0.05 * b
    if len(shape) == 4:
        return b * np.sqrt(3 / np.prod(shape[1:])) * (0.5 if ".project." in name else 1.0)
    centre, scale = {
        "running_mean": (0.0, 0.1),
        "running_var": (1.0, 0.5 * b),
        "temperature": (1.0, 0.5),
        "gamma": (0.5, 0.1),
        "bias": (0.0, 0.1),
        "weight": (1.0, 0.1),
    }[name.rpartition(".")[2]]
    return centre + scale * b
