"""Initial weights that depend on a seed and on a module's name, and on nothing else."""

from __future__ import annotations

import hashlib

import torch
from torch import nn

__all__ = ["initialise"]


def initialise(network: nn.Module, seed: int) -> None:
    """Draw the weights of every layer anew, by PyTorch's rule for it, from a generator of its own.

    A layer's generator is seeded with a hash of `seed` and its name in the network. So two variants of a network begin
    with equal weights wherever both have a layer of the same name and size, whatever else one of them adds or leaves
    out, and the rows of an ablation differ in what they name only.

    Weights without chance (norms, temperatures, Sobel filters, gamma) keep what they are made with. The state of the
    global generators is as before.
    """
    with torch.random.fork_rng(devices=()):
        for name, module in network.named_modules():
            reset = getattr(module, "reset_parameters", None)
            if reset is not None:
                torch.default_generator.manual_seed(_seed_of(name, seed))  # torch.manual_seed would seed GPUs as well
                reset()


def _seed_of(name: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:8], "little")
