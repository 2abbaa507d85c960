"""Segmentation of fused images as a study of the engine: a row per method, a seed per network that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assay.study import TEST, TRAIN
from assay.training.shuffled import Shuffled
from smfnet.tasks.config import FROZEN
from smfnet.tasks.reader_study import ReaderStudy
from smfnet.tasks.rows import suite_of_methods
from smfnet.tasks.segmentation.classes import CLASSES, METRICS, UNKNOWN
from smfnet.tasks.segmentation.config import SegmentationConfig
from smfnet.tasks.segmentation.confusion import confusion, split_values
from smfnet.tasks.segmentation.pictures import (
    Pictures,
    check_pictures,
    counted_classes,
    effective_pictures,
    files_of,
    pictures_of,
)
from smfnet.tasks.segmentation.reader import DeepLabV3Plus

__all__ = ["BACKGROUND", "SegmentationStudy", "guessed"]

BACKGROUND = "background"
_AT_ONCE = 8  # test pictures


class SegmentationStudy(ReaderStudy):
    """DeepLabv3+ trained on labels with plain cross-entropy, and the IoU of what it reads."""

    name = "segmentation"
    config = SegmentationConfig
    metrics = METRICS
    parts = ("pyramid", "low")
    splits = (TEST,)
    sample = "picture"
    decisive = ("torch", "transformers", "numpy", "pillow")
    rules: Mapping[str, str] = MappingProxyType({BACKGROUND: "background everywhere"})

    @cached_property
    def suite(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The five images that need no training, under the frozen protocol."""
        return self.suite_of(FROZEN, (), SegmentationConfig().images.data)

    @staticmethod
    def suite_of(protocol: str, methods: Iterable[str], data: str) -> Mapping[str, Any]:
        """The rows of a protocol on a data set, with further methods; see `suite_of_methods`."""
        return suite_of_methods("Segmentation", protocol, methods, data, "table3", (BACKGROUND,))

    def effective_pictures(self, images: Any) -> Mapping[str, float]:
        """See `effective_pictures` of the pictures."""
        return effective_pictures(images)

    def check_pictures(self, images: Any, part: str, method: str) -> None:
        """See `check_pictures` of the pictures."""
        check_pictures(images, part, method)

    def build(self, config: SegmentationConfig) -> nn.Module:
        """The network."""
        return DeepLabV3Plus(config.reader, 1 if config.images.colour == "grey" else 3, len(CLASSES))

    def batches(self, config: SegmentationConfig, seed: int, epoch: int) -> Shuffled:
        """Every labelled training picture once."""
        pictures, shrink = pictures_of(config.images, TRAIN, config.images.trained_on), config.images.shrink
        labels = _labels_of(pictures, shrink)
        return Shuffled(pictures.images, labels, batch=config.reader.batch, seed=seed, epoch=epoch)

    def terms(self, network: nn.Module, batch: Sequence[Tensor], config: SegmentationConfig) -> Mapping[str, Any]:
        """Cross-entropy of a part of each picture that is cut out and mirrored at random."""
        images, labels = _cut(batch, config.reader.crop)
        scores = network(images.float() / 255)
        return {"cross-entropy": F.cross_entropy(scores, labels.long(), ignore_index=UNKNOWN)}

    def output(self, network: nn.Module, batch: Sequence[Tensor]) -> Tensor:
        """Scores."""
        scores: Tensor = network(batch[0].float() / 255)
        return scores

    def evaluate(self, network: nn.Module, config: SegmentationConfig, split: str) -> Mapping[str, Any]:
        """Leave-one-out values of the split."""
        pictures = pictures_of(config.images, split, config.images.read)
        guesses = (guessed(network, some, pictures.labels.shape[1:]) for some in pictures.images.split(_AT_ONCE))
        return self._values(config, pictures, torch.cat(list(guesses)))

    def evaluate_rule(self, rule: str, config: SegmentationConfig, split: str) -> Mapping[str, Any]:
        """The same of a guess that needs no network: the most frequent class everywhere."""
        pictures = pictures_of(config.images, split, config.images.read)
        return self._values(config, pictures, torch.zeros_like(pictures.labels))

    def files(self, config: SegmentationConfig, split: str) -> Iterable[Path]:
        """Labels, and the images that are learned from or read."""
        images = config.images
        return files_of(images, split, images.trained_on if split == TRAIN else images.read)

    def _values(self, config: SegmentationConfig, pictures: Pictures, guesses: Tensor) -> Mapping[str, Any]:
        pairs = zip(pictures.labels.numpy(), guesses.numpy(), strict=True)
        counts = np.stack([confusion(label, guess, len(CLASSES)) for label, guess in pairs])
        values = split_values(counts, counted_classes(config.images))
        names = [metric.name for metric in self.measures(config)]
        lines = zip(pictures.names, values.tolist(), strict=True)
        return {name: dict(zip(names, line, strict=True)) for name, line in lines}


def guessed(network: nn.Module, images: Tensor, size: Sequence[int]) -> Tensor:
    """Class of each pixel at the labels' size, (N, H, W) uint8."""
    device = next(network.parameters()).device
    scores = network(images.to(device).float() / 255)
    full = F.interpolate(scores, size=tuple(size), mode="bilinear", align_corners=False)
    return full.argmax(1).to(torch.uint8).cpu()


def _labels_of(pictures: Pictures, shrink: int) -> Tensor:
    """The label in the middle of each pixel that the network reads; none where the last ones reach beyond a picture."""
    beyond = [
        small * shrink - whole
        for small, whole in zip(pictures.images.shape[-2:], pictures.labels.shape[-2:], strict=True)
    ]
    labels = F.pad(pictures.labels, (0, beyond[1], 0, beyond[0]), value=UNKNOWN)
    return labels[:, shrink // 2 :: shrink, shrink // 2 :: shrink]


def _cut(batch: Sequence[Tensor], side: int) -> list[Tensor]:
    """One window of all pictures of a batch, mirrored or not; torch's generator decides."""
    height, width = batch[0].shape[-2:]
    top, left = (int(torch.randint(max(extent - side, 0) + 1, ())) for extent in (height, width))
    cut = [each[..., top : top + side, left : left + side] for each in batch]
    return [each.flip(-1) for each in cut] if torch.rand(()) < 0.5 else cut
