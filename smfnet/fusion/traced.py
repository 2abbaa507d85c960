"""A network as a graph of tensor operations, for any height and width."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from assay.config.errors import UserError

__all__ = ["INPUTS", "flat", "free_sizes", "traced"]

INPUTS = ("ir", "vi")
_EXAMPLE = (1, 1, 48, 56)
_LARGEST = 1 << 20

Fuse = Callable[[Tensor, Tensor], Tensor]


class _Flat(nn.Module):
    """A network whose tensors are called `enc_embed_weight`: dotted names need not be Python (`tail.in.weight`)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = (network,)  # in a tuple, so that it is no module of this one
        self._names = {}
        for name, tensor in (*network.named_parameters(), *network.named_buffers()):
            self._names[name] = name.replace(".", "_")
            self.register_buffer(self._names[name], tensor.detach())

    def forward(self, ir: Tensor, vi: Tensor) -> Tensor:
        """The fused image."""
        tensors = {name: self.get_buffer(flat) for name, flat in self._names.items()}
        fused: Tensor = torch.func.functional_call(self._network[0], tensors, (ir, vi))
        return fused


class _Call(nn.Module):
    """A rule as a module."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    def forward(self, ir: Tensor, vi: Tensor) -> Tensor:
        """The fused image."""
        return self._fuse(ir, vi)


def traced(fuse: Fuse) -> ExportedProgram:
    """The operations of a network, or of a rule, from two images (1, 1, H, W) to the fused one.

    Args:
        fuse: a network's `fuse`, the network being in evaluation mode, or a function of two images.

    Raises:
        UserError: PyTorch cannot tell them for any size.
    """
    module = flat(fuse)
    device = next((each.device for each in module.buffers()), torch.device("cpu"))
    images = tuple(torch.rand(_EXAMPLE, device=device) for _ in INPUTS)
    try:
        with torch.inference_mode(mode=False), torch.no_grad():
            return torch.export.export(module, images, dynamic_shapes=free_sizes())
    except Exception as error:  # there is no end to what a component of a user's can do that has no graph
        reason = (str(error) or type(error).__name__).strip().splitlines()[0]
        raise UserError(f"the network's operations cannot be told for any size of image ({reason})") from error


def flat(fuse: Fuse) -> nn.Module:
    """A module that does as `fuse` does, with plain names."""
    network = getattr(fuse, "__self__", None)
    return _Flat(network) if isinstance(network, nn.Module) else _Call(fuse)


def free_sizes() -> tuple[dict[int, Dim], ...]:
    """Height and width of both images, which are free."""
    free = {2: Dim("height", min=2, max=_LARGEST), 3: Dim("width", min=2, max=_LARGEST)}
    return tuple(dict(free) for _ in INPUTS)
