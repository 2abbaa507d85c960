"""Checkpoints in the layout of the authors' release, made up here, are read; anything else is refused in one line."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.config.errors import UserError
from smfnet.config.model import ModelConfig
from smfnet.model import SMFNet, build, load_released_checkpoint
from smfnet.model.released_names import PARTS, released_name

Checkpoint = dict[str, dict[str, Tensor]]


@pytest.fixture(scope="session")
def names(shared: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Part -> release name -> our name (or None) and shape."""
    return json.loads((shared / "oracle" / "release_names.json").read_text(encoding="utf-8"))


@pytest.fixture
def checkpoint() -> Checkpoint:
    """A checkpoint made from our own names."""
    parts: Checkpoint = {part: {} for part in PARTS.values()}
    for name, tensor in build(ModelConfig()).state_dict().items():
        part, theirs = released_name(name)
        parts[part][f"module.{theirs}"] = tensor
    return parts


@pytest.mark.shared
def test_every_name_of_the_release_is_known(names: dict[str, dict[str, dict[str, Any]]]) -> None:
    ours = {name for name in build(ModelConfig()).state_dict() if not name.endswith("num_batches_tracked")}
    released = {
        entry["canonical"]: (part, theirs.removeprefix("module."))
        for part, tensors in names.items()
        for theirs, entry in tensors.items()
        if entry["canonical"]
    }
    assert {name: released_name(name) for name in ours} == released


@pytest.mark.shared
@pytest.mark.slow
def test_a_released_checkpoint_gives_the_references_image(
    names: dict[str, dict[str, dict[str, Any]]],
    formula_weights: dict[str, Tensor],
    golden: dict[str, Tensor],
    tmp_path: Path,
) -> None:
    """Dead tensors and counters are there as in the release."""
    parts = {
        part: {
            theirs: formula_weights[entry["canonical"]].float() if entry["canonical"] else torch.ones(entry["shape"])
            for theirs, entry in tensors.items()
        }
        for part, tensors in names.items()
    }
    torch.save(parts, tmp_path / "released.pth")
    network = load_released_checkpoint(tmp_path / "released.pth")
    assert not network.training
    with torch.no_grad():
        fused = network.fuse(golden["I"].float(), golden["V"].float())
    torch.testing.assert_close(fused.double(), golden["eval.s2.fused"], rtol=0, atol=1e-4)


def _equal(network: SMFNet, checkpoint: Checkpoint) -> bool:
    flat = {
        (part, name.removeprefix("module.")): t for part, tensors in checkpoint.items() for name, t in tensors.items()
    }
    return all(torch.equal(tensor, flat[released_name(name)]) for name, tensor in network.state_dict().items())


@pytest.mark.parametrize("prefix", ["module.", ""])
def test_names_may_carry_the_prefix_of_data_parallel(checkpoint: Checkpoint, tmp_path: Path, prefix: str) -> None:
    renamed = {
        part: {prefix + name.removeprefix("module."): tensor for name, tensor in tensors.items()}
        for part, tensors in checkpoint.items()
    }
    torch.save(renamed, tmp_path / "released.pth")
    assert _equal(load_released_checkpoint(tmp_path / "released.pth"), checkpoint)


def test_counters_of_the_batch_norms_may_be_missing_and_optimisers_be_there(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    for tensors in checkpoint.values():
        for name in [name for name in tensors if name.endswith("num_batches_tracked")]:
            del tensors[name]
    torch.save({**checkpoint, "optimizer1": {"state": {}}, "epoch": 119}, tmp_path / "released.pth")
    assert load_released_checkpoint(str(tmp_path / "released.pth")).graph is not None


class _Code:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return print, ("this ran",)


def _without_a_tensor(checkpoint: Checkpoint) -> object:
    del checkpoint["DIDF_Decoder"]["module.output.2.weight"]
    return checkpoint


def _with_a_wrong_shape(checkpoint: Checkpoint) -> object:
    checkpoint["DIDF_Decoder"]["module.output.2.weight"] = torch.ones(16, 31, 3, 3)
    return checkpoint


def _with_a_number(checkpoint: Checkpoint) -> object:
    checkpoint["DIDF_Decoder"]["module.output.2.weight"] = 3  # type: ignore[assignment]
    return checkpoint


def _without_a_part(checkpoint: Checkpoint) -> object:
    del checkpoint["GraphModel"]
    return checkpoint


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without_a_tensor, r"expected a tensor output\.2\.weight of shape \(16, 32, 3, 3\) in DIDF_Decoder; got none"),
        (_with_a_wrong_shape, r"output\.2\.weight of shape .* got shape \(16, 31, 3, 3\)"),
        (_with_a_number, r"output\.2\.weight of shape .* got no tensor"),
        (_without_a_part, r"there is no state dict GraphModel"),
        (lambda checkpoint: [1, 2], r"expected a checkpoint with the parts DIDF_Encoder, .* got a list"),
        (lambda checkpoint: {**checkpoint, "extra": _Code()}, r"something else than tensors"),
    ],
)
def test_what_is_no_such_checkpoint_is_refused(
    checkpoint: Checkpoint,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Checkpoint], object],
    message: str,
) -> None:
    path = tmp_path / "spoiled.pth"
    torch.save(spoil(checkpoint), path)
    with pytest.raises(UserError, match=message) as caught:
        load_released_checkpoint(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert not capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize(
    "content", [b"", b"no checkpoint at all", b"PK\x03\x04 torn", pickle.dumps({"a": 1}), pickle.dumps(_Code())]
)
def test_files_of_other_kinds_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.pth"
    path.write_bytes(content)
    with pytest.raises(UserError, match="expected a checkpoint"):
        load_released_checkpoint(path)


def test_a_truncated_checkpoint_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "torn.pth"
    torch.save(checkpoint, path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(UserError, match="expected a checkpoint"):
        load_released_checkpoint(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="got no file"):
        load_released_checkpoint(tmp_path / "none.pth")
    with pytest.raises(UserError, match="got a folder"):
        load_released_checkpoint(tmp_path)
