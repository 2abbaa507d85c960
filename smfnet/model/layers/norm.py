"""Layer norm over the channels of every pixel."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["ChannelNorm"]


class ChannelNorm(nn.LayerNorm):
    """Subtract the mean over channels and divide by the (biased) standard deviation, pixel by pixel; scale and shift.

    Takes and gives (B, C, H, W); 1e-5 is added to the variance.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Features of any range, (B, C, H, W)."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
