"""Reads a checkpoint in the layout of the authors' release into our network."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assay.config.errors import UserError
from smfnet.config.kinds import ReasoningConfig
from smfnet.config.model import ModelConfig
from smfnet.config.slots import GraphConfig
from smfnet.model.factory import build
from smfnet.model.network import SMFNet
from smfnet.model.released_names import PARTS, released_name

__all__ = ["RELEASED", "load_released_checkpoint"]

RELEASED = ModelConfig(graph=GraphConfig(reasoning=ReasoningConfig(gate_layout="interleaved")))
PREFIX = "module."  # what DataParallel puts before every name


def load_released_checkpoint(path: str | Path) -> SMFNet:
    """Read the weights of the authors' release into the network of the profile `released`, on the CPU, for inference.

    The file is a dictionary of one state dict per part; what else is in it, dead weights included, is left aside.
    Only tensors are unpickled: a file with anything that could run code is refused.

    Args:
        path: file of `torch.save`.

    Raises:
        UserError: no such file, or not such a checkpoint; the message names the first thing that is wrong.
    """
    parts = _read(Path(path))
    network = build(RELEASED)
    tensors = {name: _taken(parts, name, ours, path) for name, ours in network.state_dict().items()}
    network.load_state_dict(tensors)
    return network.eval()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Release part -> its state dict, without the prefix of DataParallel."""
    wanted = f"expected a checkpoint with the parts {', '.join(PARTS.values())}"
    if not path.is_file():
        raise UserError(f"{path}: {wanted}; got {'a folder' if path.is_dir() else 'no file'}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(f"{path}: {wanted}; got something else than tensors, which is not unpickled") from error
    except Exception as error:  # there is no end to what a damaged file makes the reader raise
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(f"{path}: {wanted}; it cannot be read ({reason})") from error
    if not isinstance(content, Mapping):
        raise UserError(f"{path}: {wanted}; got a {type(content).__name__}")
    missing = [part for part in PARTS.values() if not isinstance(content.get(part), Mapping)]
    if missing:
        raise UserError(f"{path}: {wanted}; there is no state dict {missing[0]}")
    return {part: {str(k).removeprefix(PREFIX): v for k, v in content[part].items()} for part in PARTS.values()}


def _taken(parts: Mapping[str, Mapping[str, Any]], name: str, ours: Tensor, path: str | Path) -> Tensor:
    """The release's tensor for the tensor `ours` called `name`."""
    part, theirs = released_name(name)
    tensor = parts[part].get(theirs)
    if tensor is None and name.endswith("num_batches_tracked"):
        return ours  # a counter that old versions of PyTorch did not write, and that nothing here depends on
    if not isinstance(tensor, Tensor) or tensor.shape != ours.shape:
        got = (
            f"shape {tuple(tensor.shape)}" if isinstance(tensor, Tensor) else "none" if tensor is None else "no tensor"
        )
        raise UserError(f"{path}: expected a tensor {theirs} of shape {tuple(ours.shape)} in {part}; got {got}")
    return tensor
