"""Threads, TF32 and bf16 for the length of a stage, put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from smfnet.config.errors import UserError
from smfnet.config.training import TrainConfig

__all__ = ["device_of", "numeric_mode"]


def device_of(train: TrainConfig) -> torch.device:
    """The device that `train.device` names; `auto` takes a GPU if there is one.

    Raises:
        UserError: `cuda` without a GPU.
    """
    available = torch.cuda.is_available()
    if train.device == "cuda" and not available:
        raise UserError("train.device=cuda, but torch finds no GPU here: use train.device=cpu or auto")
    return torch.device("cuda" if available and train.device != "cpu" else "cpu")


@contextmanager
def numeric_mode(train: TrainConfig, device: torch.device) -> Iterator[None]:
    """Set threads, TF32 and autocast as configured."""
    threads = torch.get_num_threads()
    matmul, cudnn = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.set_num_threads(train.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = train.tf32
    try:
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=train.bf16):
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = matmul, cudnn
