"""Threads, TF32, bf16 and choice of algorithms for the length of some work, put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import torch

from assay.config.errors import UserError

__all__ = ["NumericSettings", "autocast", "device_here", "device_of", "numeric_mode", "of_any_size"]


class NumericSettings(Protocol):
    """What a study's section says of device, precision and threads; see `assay.config.training.TrainConfig`."""

    @property
    def device(self) -> str: ...
    @property
    def threads(self) -> int: ...
    @property
    def bf16(self) -> bool: ...
    @property
    def tf32(self) -> bool: ...
    @property
    def channels_last(self) -> bool: ...
    @property
    def cuda_graph(self) -> bool: ...
    @property
    def cudnn(self) -> bool: ...
    @property
    def checkpoint_s(self) -> float: ...


def device_of(train: NumericSettings) -> torch.device:
    """The device that `train.device` names; `auto` takes a GPU if there is one.

    Raises:
        UserError: `cuda` without a GPU.
    """
    return torch.device(device_here("train.device", train.device))


def device_here(path: str, wanted: str) -> str:
    """`cpu` or `cuda`, where `auto` takes a GPU if there is one.

    Args:
        path: of the value, for messages.
        wanted: `auto`, `cpu` or `cuda`.

    Raises:
        UserError: `cuda` without a GPU.
    """
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise UserError(f"{path}=cuda, but torch finds no GPU here: use {path}=cpu or auto")
    return "cuda" if available and wanted != "cpu" else "cpu"


@contextmanager
def numeric_mode(train: NumericSettings) -> Iterator[None]:
    """Set threads and TF32 as configured, and cuDNN's deterministic algorithms; all of it decides the last bits."""
    threads, matmul, cudnn = torch.get_num_threads(), torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark, cudnn.enabled
    torch.set_num_threads(train.threads)
    matmul.allow_tf32 = cudnn.allow_tf32 = train.device != "cpu" and train.tf32
    cudnn.deterministic, cudnn.benchmark, cudnn.enabled = True, False, train.device == "cpu" or train.cudnn
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        matmul.allow_tf32, cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark, cudnn.enabled = before


@contextmanager
def of_any_size(train: NumericSettings) -> Iterator[None]:
    """The same for inputs of many sizes, without cuDNN: it plans anew for each, ten times as long as it computes."""
    with numeric_mode(train):
        torch.backends.cudnn.enabled = False
        yield


def autocast(train: NumericSettings, device: torch.device) -> torch.autocast:
    """The network's forward pass in bf16 if `train.bf16` says so; weights, losses and updates stay in float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=train.bf16)
