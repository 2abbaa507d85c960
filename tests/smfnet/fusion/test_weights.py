"""A network in a file of its own comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.training.state import State
from smfnet.config.model import ModelConfig
from smfnet.config.test_step import InferConfig
from smfnet.config.value_range import ValueRange
from smfnet.fusion.weights import Weights, is_of_this_project, packed_weights, read_weights
from smfnet.model import build

MODEL = apply(ModelConfig(), {"network.width": 4, "network.heads": 1, "graph.enabled": False})


@pytest.fixture
def weights() -> Weights:
    ranges = (ValueRange(7000, 8020), None)
    return Weights("Ours, seed 5", build(MODEL, seed=5).eval(), MODEL, InferConfig(rescale="clip"), ranges)


def test_what_is_written_is_read_again(weights: Weights, tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(packed_weights(weights))
    assert is_of_this_project(tmp_path / "w")
    found = read_weights(tmp_path / "w")
    assert replace(found, network=weights.network) == weights
    images = torch.rand(2, 1, 1, 20, 24).unbind()
    torch.testing.assert_close(found.network.fuse(*images), weights.network.fuse(*images), rtol=0, atol=0)


def test_equal_weights_are_equal_bytes(weights: Weights, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(packed_weights(weights))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_state_of_a_stage_is_told_apart(weights: Weights, tmp_path: Path) -> None:
    tensors = {f"model.{name}": each for name, each in weights.network.state_dict().items()}
    (tmp_path / "state.safetensors").write_bytes(State(tensors, 1, 0).to_bytes())
    with pytest.raises(UserError, match="the state of a stage is fused by its run"):
        read_weights(tmp_path / "state.safetensors")


@pytest.mark.parametrize("damage", ["cut", "spoiled", "of another network", "unknown setting"])
def test_a_file_that_is_damaged_is_one_line(weights: Weights, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "w"
    file.write_bytes(packed_weights(weights))
    data = file.read_bytes()
    swaps = {"of another network": (b'width\\": 4', b'width\\": 8'), "unknown setting": (b"network.w", b"network.q")}
    if damage in swaps:
        data = data.replace(*swaps[damage])
    file.write_bytes({"cut": data[:-9], "spoiled": data[:30] + b"\xff" + data[31:]}.get(damage, data))
    with pytest.raises(UserError, match="expected weights that `fuse --save-weights` wrote") as raised:
        read_weights(file)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and more of it", b"\xff" * 20])
def test_other_files_are_not_of_this_project(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "w").write_bytes(data)
    assert not is_of_this_project(tmp_path / "w")
