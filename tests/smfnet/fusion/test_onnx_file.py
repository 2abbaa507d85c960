"""The ONNX file gives what PyTorch gives on images of any size, or it is not written."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.config.errors import UserError
from smfnet.cli.fuse import main
from smfnet.config.test_step import InferConfig
from smfnet.fusion import onnx_file
from smfnet.fusion.fuse import Fuser, network_fuser
from smfnet.fusion.onnx_file import TOLERANCE, onnx_of_fuser
from smfnet.fusion.rules import fusion_of
from tests.smfnet.fusion.tiles.conftest import small_network

pytest.importorskip("onnxscript")
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def fuser() -> Fuser:
    return network_fuser(small_network(), CPU)


@pytest.fixture(scope="module")
def file(fuser: Fuser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "ours.onnx"
    model, difference = onnx_of_fuser(fuser)
    assert difference <= TOLERANCE
    path.write_bytes(model)
    return path


@pytest.mark.parametrize("size", [(40, 60), (97, 33), (2, 3)])
def test_it_equals_pytorch_on_sizes_that_it_was_not_made_with(fuser: Fuser, file: Path, size: tuple[int, int]) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    images = {name: np.random.default_rng(size).random((1, 1, *size), np.float32) for name in ("ir", "vi")}
    (theirs,) = session.run(["fused"], images)
    with torch.inference_mode():
        ours = fuser.fuse(*map(torch.from_numpy, images.values()))
    np.testing.assert_allclose(theirs, ours, atol=TOLERANCE)


def test_its_sizes_are_free_and_it_tells_nothing_of_this_machine(file: Path) -> None:
    import onnx

    model = onnx.load(file)
    onnx.checker.check_model(model)
    for value in (*model.graph.input, *model.graph.output):
        assert [side.dim_param or side.dim_value for side in value.type.tensor_type.shape.dim[2:]] == [
            "height",
            "width",
        ]
    assert str(Path(onnx_file.__file__).parent).encode() not in file.read_bytes()


def test_a_file_that_differs_is_refused(fuser: Fuser, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "_exported", lambda network: file.read_bytes())
    other = network_fuser(small_network({"graph.reasoning.cross_steps": 1}), CPU)
    with pytest.raises(UserError, match=r"would differ from PyTorch by .*: expected at most 0.0001; nothing"):
        onnx_of_fuser(other)


def test_a_rule_has_nothing_to_export() -> None:
    with pytest.raises(UserError, match="Maximum has no weights"):
        onnx_of_fuser(Fuser("Maximum", *fusion_of("max", InferConfig()), CPU))


def test_what_is_missing_is_said_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    weights = tmp_path / "w.safetensors"
    from smfnet.config.model import ModelConfig
    from smfnet.fusion.weights import Weights, packed_weights
    from smfnet.model import build

    weights.write_bytes(packed_weights(Weights("Ours", build(ModelConfig(), seed=1), ModelConfig(), InferConfig())))
    assert main([f"--weights={weights}", f"--onnx={tmp_path / 'x.onnx'}"]) == 2
    assert "make setup" in capsys.readouterr().err
