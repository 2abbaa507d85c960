"""Tensors in batches, in an order that seed and epoch decide."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor

__all__ = ["Shuffled"]


class Shuffled:
    """The batches of one epoch: every sample once, the last batch as small as it comes.

    Args:
        tensors: (N, ...) each, with as many samples.
        batch: samples in a batch.
        seed, epoch: decide the order; the same on every device.
    """

    def __init__(self, *tensors: Tensor, batch: int, seed: int, epoch: int) -> None:
        self._tensors, self._batch = tensors, batch
        self._key = f"batches {seed} {epoch}"

    def __len__(self) -> int:
        return -(-len(self._tensors[0]) // self._batch)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        seed = int.from_bytes(hashlib.sha256(self._key.encode()).digest()[:7], "big")
        order = torch.randperm(len(self._tensors[0]), generator=torch.Generator().manual_seed(seed))
        for index in order.split(self._batch):
            yield tuple(tensor[index.to(tensor.device)] for tensor in self._tensors)
