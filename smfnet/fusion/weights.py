"""A network in one file: its weights, its configuration, and how its images are stretched and coloured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.section import paths_of
from smfnet.config.model import ModelConfig
from smfnet.config.test_step import InferConfig
from smfnet.config.value_range import ValueRange
from smfnet.model import SMFNet, build

__all__ = ["Weights", "is_of_this_project", "packed_weights", "read_weights"]

_KEY = "smfnet"
_RANGES = ("ir_range", "vi_range")
_LONGEST_HEADER = 100_000_000  # of safetensors itself


@dataclass(frozen=True)
class Weights:
    """What is in the file.

    Attributes:
        title: what the network is, in words.
        network: itself.
        model: its configuration.
        infer: colour and stretch.
        ranges: which values of infrared and visible files were black and white where it was trained.
    """

    title: str
    network: SMFNet
    model: ModelConfig
    infer: InferConfig
    ranges: tuple[ValueRange | None, ValueRange | None] = (None, None)


def packed_weights(weights: Weights) -> bytes:
    """A file, for `read_weights`; equal weights give equal bytes."""
    ranges = [None if span is None else str(span) for span in weights.ranges]
    told = {
        "title": weights.title,
        "model": _plain(paths_of(weights.model)),
        "infer": _plain(paths_of(weights.infer)),
        **dict(zip(_RANGES, ranges, strict=True)),
    }
    tensors = {name: each.detach().cpu().contiguous() for name, each in weights.network.state_dict().items()}
    packed: bytes = safetensors.torch.save(tensors, metadata={_KEY: json.dumps(told, sort_keys=True)})
    return packed


def read_weights(path: Path) -> Weights:
    """What `packed_weights` made; the network is on the CPU in evaluation mode.

    Raises:
        UserError: it is damaged, or of another kind.
    """
    wanted = f"{path}: expected weights that `fuse --save-weights` wrote"
    try:
        tensors = safetensors.torch.load(path.read_bytes())
        told = json.loads(_metadata(path)[_KEY])
        model, infer = apply(ModelConfig(), told["model"]), apply(InferConfig(), told["infer"])
        ir, vi = (ValueRange.parse(told[key], key) if told[key] is not None else None for key in _RANGES)
        network: SMFNet = build(model)
        network.load_state_dict(tensors)
        return Weights(str(told["title"]), network.eval(), model, infer, (ir, vi))
    except KeyError as error:
        raise UserError(f"{wanted}; this one has none of {error} (the state of a stage is fused by its run)") from error
    except (safetensors.SafetensorError, RuntimeError, ValueError, TypeError, AttributeError, RecursionError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(f"{wanted}; it cannot be read ({reason})") from error


def is_of_this_project(path: Path) -> bool:
    """Whether a file is in the format of safetensors, as files of this project are."""
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    return len(start) == 9 and start[8:] == b"{" and int.from_bytes(start[:8], "little") < _LONGEST_HEADER


def _metadata(path: Path) -> dict[str, str]:
    with safetensors.safe_open(path, framework="pt") as file:
        return dict(file.metadata() or {})


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {path: list(value) if isinstance(value, tuple) else value for path, value in values.items()}
