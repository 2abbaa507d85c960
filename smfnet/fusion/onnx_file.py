"""A network as an ONNX file, for any height and width, that gives what PyTorch gives."""

from __future__ import annotations

import copy
import logging
import warnings
from importlib import import_module
from typing import Any

import numpy as np
import torch

from assay.config.errors import UserError
from smfnet.fusion.fuse import Fuser
from smfnet.fusion.traced import INPUTS, flat, free_sizes
from smfnet.model import SMFNet

__all__ = ["TOLERANCE", "onnx_of", "onnx_of_fuser"]

TOLERANCE = 1e-4  # of images in [0, 1]
OUTPUT = "fused"
_SIZES = ((64, 80), (37, 53), (120, 91))
_PACKAGES = ("onnx", "onnxscript", "onnxruntime")


def onnx_of(network: SMFNet) -> tuple[bytes, float]:
    """A file with the inputs `ir` and `vi`, (1, 1, H, W) in [0, 1], and the output `fused`, before any stretch.

    Returns:
        The file, and the largest difference to PyTorch that was seen on images of three sizes.

    Raises:
        ModuleNotFoundError: a package is missing.
        UserError: the network cannot be exported, or the difference is above 1e-4.
    """
    for package in _PACKAGES:  # the command says how to install what is missing
        import_module(package)
    network = copy.deepcopy(network).cpu().eval()  # the other goes on where it is
    model = _exported(network)
    difference = max(_difference(network, model, size) for size in _SIZES)
    if not difference <= TOLERANCE:  # nan is none
        raise UserError(
            f"the ONNX file would differ from PyTorch by {difference:.2g}: expected at most {TOLERANCE:g}; nothing is "
            "written"
        )
    return model, difference


def onnx_of_fuser(fuser: Fuser) -> tuple[bytes, float]:
    """The same of the network of a fuser.

    Raises:
        ModuleNotFoundError, UserError: see there; or it is no network.
    """
    if fuser.network is None:
        raise UserError(f"{fuser.title} has no weights: expected a row that is trained")
    return onnx_of(fuser.network)


def _exported(network: SMFNet) -> bytes:
    images = (torch.rand(1, 1, 48, 56), torch.rand(1, 1, 48, 56))
    noise = logging.getLogger("torch.onnx")
    level = noise.level
    noise.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                flat(network.fuse),
                images,
                dynamo=True,
                dynamic_shapes=free_sizes(),
                input_names=list(INPUTS),
                output_names=[OUTPUT],
                verbose=False,
            )
        assert program is not None
        return _without_traces(program.model_proto)
    except Exception as error:  # there is no end to what a component of a user's can do that ONNX has not
        reason = (str(error) or type(error).__name__).strip().splitlines()[0]
        raise UserError(f"the network cannot be written as ONNX ({reason})") from error
    finally:
        noise.setLevel(level)


def _without_traces(model: Any) -> bytes:
    """The file without what the exporter notes of where every operation came from, paths of this machine among it."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    serialized: bytes = model.SerializeToString()
    return serialized


def _difference(network: SMFNet, model: bytes, size: tuple[int, int]) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(size)
    images = {name: random.random((1, 1, *size), np.float32) for name in INPUTS}
    (theirs,) = session.run([OUTPUT], images)
    with torch.inference_mode():
        ours = network.fuse(*(torch.from_numpy(image) for image in images.values()))
    return float(np.abs(theirs - ours.numpy()).max())
