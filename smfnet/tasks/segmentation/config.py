"""Configuration of a segmentation network and of its training."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.section import at_least
from assay.config.training import OptimConfig, TorchConfig, TrainConfig
from smfnet.tasks.config import ImagesConfig, ResidualConfig

__all__ = ["DIFFERS", "PAPER", "ReaderConfig", "SegmentationConfig"]


@dataclass(frozen=True)
class ReaderConfig(ResidualConfig):
    """DeepLabv3+ (Chen et al., ECCV 2018) on a residual network.

    Attributes:
        pyramid: channels of each branch of the atrous pyramid, and of the decoder.
        rates: dilations of its branches, at a sixteenth of the size.
        low: channels that the decoder takes from a quarter of the size.
        batch: pictures of a step.
        crop: height and width that are cut out of a picture at random, in pixels that the network reads.
    """

    pyramid: int = at_least(4, 32, most=1024)
    rates: tuple[int, ...] = at_least(1, (1, 2, 4), most=64)
    low: int = at_least(4, 16, most=256)
    batch: int = at_least(1, 4, most=1024)
    crop: int = at_least(32, 96, most=4096)


@dataclass(frozen=True)
class SegmentationConfig(TorchConfig):
    """The base is the preset `quick`: minutes on two cores."""

    images: ImagesConfig = field(default_factory=ImagesConfig)
    reader: ReaderConfig = field(default_factory=ReaderConfig)
    optim: OptimConfig = field(
        default_factory=lambda: OptimConfig(kind="sgd", lr=1e-2, weight_decay=1e-4, schedule="cosine")
    )
    train: TrainConfig = field(default_factory=lambda: TrainConfig(epochs=40))


PAPER: dict[str, object] = {
    "train.epochs": 300,
    "images.shrink": 1,
    "reader.width": 64,
    "reader.blocks": [3, 4, 6, 3],
    "reader.layer": "bottleneck",
    "reader.pyramid": 256,
    "reader.rates": [6, 12, 18],
    "reader.low": 48,
    "reader.batch": 8,
    "reader.crop": 480,
}
"""What the preset `paper` sets: ResNet-50, whole size, and the paper's 300 epochs; for a GPU."""

DIFFERS = (
    "Its mIoU is the mean over nine classes, the guardrail among them, which has no column in print: the eight columns "
    "and nine times the mean leave it 0.00 to 0.08.",
    "Not to be held against the numbers above: the paper trains on MFNet's own split for 300 epochs, from weights and "
    "by a schedule that it does not say; here no network has seen anything but the labelled pictures of this split.",
)
"""What is not as in the paper."""
