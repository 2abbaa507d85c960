"""RT-DETR (Zhao et al., CVPR 2024) of transformers, with the weights that a training from nothing begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from assay.config.errors import UserError
from smfnet.tasks.detection.config import DetectorConfig

__all__ = ["STRIDES", "RTDetr"]

STRIDES = (8, 16, 32)
"""Sides, in pixels, of what one place of each feature map stands for."""


class RTDetr(nn.Module):
    """Images of one or three channels to boxes with a score of each class."""

    def __init__(self, config: DetectorConfig, channels: int, classes: int) -> None:
        super().__init__()
        self.network = _network(config, channels, classes)
        self._queries = config.queries

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """What is found in images.

        Args:
            images: (B, channels, H, W) in 0..1.

        Returns:
            Scores (B, queries, classes) before the sigmoid, and boxes (B, queries, 4): centre, width and height in
            shares of the image.
        """
        found = self._read(images)
        return found.logits, found.pred_boxes

    def losses(self, images: Tensor, labels: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """RT-DETR's own loss, summed over the layers of the decoder and over what is denoised.

        Args:
            images: (B, channels, H, W) in 0..1.
            labels: of each image, as transformers takes them: `class_labels` (N,), `boxes` (N, 4) centre, width and
                height in shares of the image.

        Returns:
            `varifocal` of the scores, `l1` and `giou` of the boxes, each with its weight in it.
        """
        found = self._read(images, labels=list(labels)).loss_dict
        kinds = {"varifocal": "loss_vfl", "l1": "loss_bbox", "giou": "loss_giou"}
        return {
            name: sum((value for key, value in found.items() if key.startswith(kind)), images.new_zeros(()))
            for name, kind in kinds.items()
        }

    def _read(self, images: Tensor, **more: Any) -> Any:
        size = [-(-side // STRIDES[-1]) * STRIDES[-1] for side in images.shape[-2:]]
        if (places := sum(size[0] * size[1] // stride**2 for stride in STRIDES)) < self._queries:
            seen = f"images of {images.shape[-1]}x{images.shape[-2]} pixels"
            raise UserError(f"detector.queries: expected at most {places} for {seen}; got {self._queries}")
        if size != list(images.shape[-2:]):  # its feature maps must fit each other; boxes are shares of any size
            images = F.interpolate(images, size=size, mode="bilinear", align_corners=False)
        return self.network(pixel_values=(images - 0.5) / 0.25, **more)


def _network(config: DetectorConfig, channels: int, classes: int) -> Any:
    from transformers import RTDetrConfig, RTDetrForObjectDetection, RTDetrResNetConfig

    backbone = RTDetrResNetConfig(
        num_channels=channels,
        embedding_size=config.width,
        hidden_sizes=config.stages,
        depths=list(config.blocks),
        layer_type=config.layer,
        out_features=["stage2", "stage3", "stage4"],
    )
    network = RTDetrForObjectDetection(
        RTDetrConfig(
            backbone_config=backbone,
            freeze_backbone_batch_norms=False,
            num_labels=classes,
            encoder_in_channels=config.stages[1:],
            encoder_hidden_dim=config.hidden,
            encoder_ffn_dim=4 * config.hidden,
            encoder_attention_heads=config.heads,
            d_model=config.hidden,
            decoder_in_channels=[config.hidden] * len(STRIDES),
            decoder_ffn_dim=4 * config.hidden,
            decoder_attention_heads=config.heads,
            decoder_layers=config.layers,
            num_queries=config.queries,
            num_denoising=config.denoising,
            initializer_bias_prior_prob=0.01,  # at first nothing is there
            initializer_range=(3 * config.hidden) ** -0.5,  # the spread that torch gives a linear layer
        )
    )
    _begin(network)
    return network


def _begin(network: Any) -> None:
    """Convolutions and norms as He et al. begin: transformers gives norms a scale near 0, made to be overwritten.

    The first boxes are the anchors, as in the authors' own code.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)
    nn.init.zeros_(network.model.enc_bbox_head.layers[-1].weight)
