"""Detection in fused images as a study of the engine: a row per method, a seed per detector that is trained for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from assay.study import TEST, TRAIN
from assay.training.shuffled import Shuffled
from smfnet.tasks.config import RETRAINED
from smfnet.tasks.detection.average_precision import AveragePrecision
from smfnet.tasks.detection.boxes import Boxes
from smfnet.tasks.detection.classes import BOXED, METRICS
from smfnet.tasks.detection.config import DetectionConfig
from smfnet.tasks.detection.network import RTDetr
from smfnet.tasks.detection.pictures import (
    Pictures,
    check_pictures,
    counted_classes,
    effective_pictures,
    files_of,
    pictures_of,
)
from smfnet.tasks.detection.targets import found_in, labels_of, mirrored, padded, window
from smfnet.tasks.reader_study import ReaderStudy
from smfnet.tasks.rows import suite_of_methods

__all__ = ["DetectionStudy"]

_AT_ONCE = 8  # test pictures


class DetectionStudy(ReaderStudy):
    """RT-DETR trained on boxes by its own loss, and the AP@.5 of what it finds."""

    name = "detection"
    config = DetectionConfig
    metrics = METRICS
    splits = (TEST,)
    sample = "picture"
    decisive = ("torch", "transformers", "scipy", "numpy", "pillow", "faster-coco-eval")

    @cached_property
    def suite(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The five images that need no training, each with detectors of its own."""
        return self.suite_of(RETRAINED, (), DetectionConfig().images.data)

    @staticmethod
    def suite_of(protocol: str, methods: Iterable[str], data: str) -> Mapping[str, Any]:
        """The rows of a protocol on a data set, with further methods; see `suite_of_methods`."""
        return suite_of_methods("Detection", protocol, methods, data, "table2")

    def effective_pictures(self, images: Any) -> Mapping[str, float]:
        """See `effective_pictures` of the pictures."""
        return effective_pictures(images)

    def check_pictures(self, images: Any, part: str, method: str) -> None:
        """See `check_pictures` of the pictures."""
        check_pictures(images, part, method)

    def build(self, config: DetectionConfig) -> nn.Module:
        """The network."""
        channels = 1 if config.images.colour == "grey" else 3
        return RTDetr(config.detector, channels, len(BOXED[config.images.data].classes))

    def batches(self, config: DetectionConfig, seed: int, epoch: int) -> Shuffled:
        """Every training picture with boxes once."""
        pictures = pictures_of(config.images, TRAIN, config.images.trained_on)
        targets = padded(list(pictures.boxes.values()), pictures.frame)
        return Shuffled(pictures.images, *targets, batch=config.detector.batch, seed=seed, epoch=epoch)

    def terms(self, network: nn.Module, batch: Sequence[Tensor], config: DetectionConfig) -> Mapping[str, Any]:
        """RT-DETR's loss of a part of each picture that is cut out and mirrored at random."""
        assert isinstance(network, RTDetr)
        images, corners, classes = _seen(batch, config.detector.crop)
        return network.losses(images, labels_of(corners, classes))

    def output(self, network: nn.Module, batch: Sequence[Tensor]) -> Tensor:
        """Scores."""
        scores: Tensor = network(batch[0].float() / 255)[0]
        return scores

    def evaluate(self, network: nn.Module, config: DetectionConfig, split: str) -> Mapping[str, Any]:
        """Leave-one-out values of the split."""
        pictures = pictures_of(config.images, split, config.images.read)
        precision = AveragePrecision(pictures.boxes, _found(network, pictures), counted_classes(config.images))
        names = [metric.name for metric in self.measures(config)]
        lines = zip(pictures.boxes, precision.values().tolist(), strict=True)
        return {name: dict(zip(names, line, strict=True)) for name, line in lines}

    def files(self, config: DetectionConfig, split: str) -> Iterable[Path]:
        """Boxes, and the images that are learned from or read."""
        images = config.images
        return files_of(images, split, images.trained_on if split == TRAIN else images.read)


def _found(network: nn.Module, pictures: Pictures) -> dict[str, Boxes]:
    """What a network finds in each scene."""
    device = next(network.parameters()).device
    read = [network(some.to(device).float() / 255) for some in pictures.images.split(_AT_ONCE)]
    scores, boxes = (torch.cat(each) for each in zip(*read, strict=True))
    found = zip(pictures.boxes, scores, boxes, pictures.sizes, strict=True)
    return {name: found_in(score, box, pictures.frame, size) for name, score, box, size in found}


def _seen(batch: Sequence[Tensor], least: float) -> tuple[Tensor, Tensor, Tensor]:
    """Images and targets as a step sees them: one window of all, each mirrored or not; torch's generator decides."""
    images, corners, classes = batch[0].float() / 255, *batch[1:]
    images, corners = mirrored(images, corners, torch.rand(len(images), device=images.device) < 0.5)
    share = least + (1 - least) * float(torch.rand(()))
    height, width = (max(1, round(share * side)) for side in images.shape[-2:])
    top, left = (
        int(torch.randint(side - part + 1, ())) for side, part in zip(images.shape[-2:], (height, width), strict=True)
    )
    return window(images, corners, classes, (top, left), (height, width))
