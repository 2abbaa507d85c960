"""DeepLabv3+ (Chen et al., ECCV 2018): a residual backbone of transformers, an atrous pyramid, and a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from smfnet.tasks.segmentation.config import ReaderConfig

__all__ = ["DeepLabV3Plus"]


class DeepLabV3Plus(nn.Module):
    """Images to the score of each class at each pixel.

    Args:
        config: widths and depths.
        channels: of the images, 1 or 3.
        classes: how many there are.
    """

    def __init__(self, config: ReaderConfig, channels: int, classes: int) -> None:
        super().__init__()
        self.backbone = _backbone(config, channels)
        low, high = self.backbone.channels
        self.pyramid = AtrousPyramid(high, config.pyramid, config.rates)
        self.low = _block(low, config.low, 1)
        self.decoder = nn.Sequential(
            _block(config.pyramid + config.low, config.pyramid, 3), _block(config.pyramid, config.pyramid, 3)
        )
        self.scores = nn.Conv2d(config.pyramid, classes, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, classes, H, W) of images (B, channels, H, W) in 0..1."""
        low, high = self.backbone(pixel_values=(images - 0.5) / 0.25).feature_maps
        seen = _resized(self.pyramid(high), low)
        return _resized(self.scores(self.decoder(torch.cat([seen, self.low(low)], 1))), images)


class AtrousPyramid(nn.Module):
    """Atrous spatial pyramid pooling: a point, several dilations and the whole image, side by side."""

    def __init__(self, inputs: int, outputs: int, rates: Sequence[int]) -> None:
        super().__init__()
        self.branches = nn.ModuleList([_block(inputs, outputs, 1), *(_block(inputs, outputs, 3, r) for r in rates)])
        # Without a norm: an epoch's last batch may hold one picture, which has no variance once it is pooled.
        self.whole = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(inputs, outputs, 1), nn.ReLU())
        self.joined = _block((len(rates) + 2) * outputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, outputs, H, W) of (B, inputs, H, W)."""
        seen = [branch(x) for branch in self.branches]
        joined: Tensor = self.joined(torch.cat([*seen, self.whole(x).expand_as(seen[0])], 1))
        return joined


def _backbone(config: ReaderConfig, channels: int) -> Any:
    """A residual network whose last stage is dilated in place of its stride: outputs at 1/4 and at 1/16 of the size."""
    from transformers import ResNetBackbone, ResNetConfig

    network = ResNetBackbone(
        ResNetConfig(
            num_channels=channels,
            embedding_size=config.width,
            hidden_sizes=config.stages,
            depths=list(config.blocks),
            layer_type=config.layer,
            out_features=["stage1", "stage4"],
        )
    )
    for layer in network.encoder.stages[-1].modules():
        if isinstance(layer, nn.Conv2d):
            layer.stride = (1, 1)
            if layer.kernel_size == (3, 3):
                layer.dilation = layer.padding = (2, 2)
    return network


def _block(inputs: int, outputs: int, size: int, rate: int = 1) -> nn.Sequential:
    padding = rate if size == 3 else 0
    convolution = nn.Conv2d(inputs, outputs, size, padding=padding, dilation=rate, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
