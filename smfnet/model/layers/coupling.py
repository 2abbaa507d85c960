"""Coupling layers: the affine node of the detail branch, the invertible blocks of the fusion layer (eqs. 5 to 8)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfnet.model.layers.bottleneck import Bottleneck
from smfnet.model.layers.convolution import conv

__all__ = ["AffineNode", "InvertibleBlock", "bounded_scale"]

Halves = tuple[Tensor, Tensor]


def bounded_scale(s: Tensor) -> Tensor:
    """exp(4 (sigmoid(s) - 1/2)): a factor within [e^-2, e^2], whatever s is."""
    return torch.exp(4 * (torch.sigmoid(s) - 0.5))


class AffineNode(nn.Module):
    """Mix the halves, then f2 + phi(f1), then f1 * exp(rho(f2)) + eta(f2) with the new f2.

    Eqs. (5) and (6) call all three maps psi; names and order are the figure's and the release's.

    Args:
        half: channels of each half.
        clamp: bound the factor as `bounded_scale` does; exp can overflow without it.
    """

    def __init__(self, half: int, *, clamp: bool = False) -> None:
        super().__init__()
        self.phi, self.rho, self.eta = Bottleneck(half), Bottleneck(half), Bottleneck(half)
        self.mix = conv(1, 2 * half, 2 * half)
        self.scale = bounded_scale if clamp else torch.exp

    def forward(self, f1: Tensor, f2: Tensor) -> Halves:
        """Both halves (B, half, H, W), any range; gives the same shapes."""
        f1, f2 = self.mix(torch.cat([f1, f2], dim=1)).chunk(2, dim=1)
        f2 = f2 + self.phi(f1)
        return f1 * self.scale(self.rho(f2)) + self.eta(f2), f2


class InvertibleBlock(nn.Module):
    """Mix the halves, then run an affine coupling backwards (the invertible fusion layer).

    Eq. (8) updates the second half with the old first half; the release takes the new one, which can be inverted.
    """

    def __init__(self, half: int) -> None:
        super().__init__()
        self.s_of_1, self.t_of_1 = Bottleneck(half), Bottleneck(half)
        self.t_of_2, self.s_of_2 = Bottleneck(half), Bottleneck(half)
        self.mix = conv(1, 2 * half, 2 * half)

    def forward(self, x1: Tensor, x2: Tensor) -> Halves:
        """Both halves (B, half, H, W), any range; gives the same shapes."""
        x1, x2 = self.mix(torch.cat([x1, x2], dim=1)).chunk(2, dim=1)
        return self.uncouple(x1, x2)

    def couple(self, x1: Tensor, x2: Tensor) -> Halves:
        """y1 = x1 e(S2(x2)) + T2(x2), then y2 = x2 e(S1(y1)) + T1(y1): what `uncouple` undoes."""
        y1 = x1 * bounded_scale(self.s_of_2(x2)) + self.t_of_2(x2)
        return y1, x2 * bounded_scale(self.s_of_1(y1)) + self.t_of_1(y1)

    def uncouple(self, y1: Tensor, y2: Tensor) -> Halves:
        """x2 = (y2 - T1(y1)) / e(S1(y1)), then x1 = (y1 - T2(x2)) / e(S2(x2))."""
        x2 = (y2 - self.t_of_1(y1)) * bounded_scale(-self.s_of_1(y1))  # sigmoid(-s) - 1/2 = -(sigmoid(s) - 1/2)
        return (y1 - self.t_of_2(x2)) * bounded_scale(-self.s_of_2(x2)), x2
