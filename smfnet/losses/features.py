"""What the losses want to know of a network's pass."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

__all__ = ["Features", "Fused", "Reconstructed"]


class Features(Protocol):
    """Features of both sources, (B, C, H, W) each; those of the graph are None where a network has none."""

    @property
    def base_ir(self) -> Tensor: ...
    @property
    def base_vi(self) -> Tensor: ...
    @property
    def detail_ir(self) -> Tensor: ...
    @property
    def detail_vi(self) -> Tensor: ...
    @property
    def graph_ir(self) -> Tensor | None: ...
    @property
    def graph_vi(self) -> Tensor | None: ...


class Reconstructed(Features, Protocol):
    """A pass of stage I: both images again, (B, 1, H, W) in [0, 1]."""

    @property
    def ir_hat(self) -> Tensor: ...
    @property
    def vi_hat(self) -> Tensor: ...


class Fused(Features, Protocol):
    """A pass of stage II: the fused image, (B, 1, H, W) in [0, 1]."""

    @property
    def fused(self) -> Tensor: ...
