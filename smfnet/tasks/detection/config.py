"""Configuration of a detector that is trained here, and of its training."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.errors import UserError
from assay.config.section import at_least, value
from assay.config.training import OptimConfig, TorchConfig, TrainConfig
from smfnet.tasks.config import ImagesConfig, ResidualConfig

__all__ = ["DIFFERS", "PAPER", "BoxedImagesConfig", "DetectionConfig", "DetectorConfig"]


@dataclass(frozen=True)
class BoxedImagesConfig(ImagesConfig, at="images"):
    """Images with boxes.

    Attributes:
        boxes: a folder of YOLO's files, which may have a folder of each part, or a JSON file of COCO's; none: where the
            data set has them. What is in the files decides results, with what is said of `root` in `ImagesConfig`.
        shrink: see `ImagesConfig`.
    """

    boxes: str | None = value(None, decides=False)
    shrink: int = at_least(1, 2, most=8)


@dataclass(frozen=True)
class DetectorConfig(ResidualConfig):
    """RT-DETR (Zhao et al., CVPR 2024) on a residual network.

    Attributes:
        hidden: channels of the encoder and of the decoder.
        heads: of their attention; `hidden` is a multiple of four times as many.
        layers: of the decoder, each of which refines the boxes.
        queries: boxes that are looked for in a picture.
        denoising: boxes of the labels, shifted at random, that the decoder learns to put right; 0: none.
        batch: pictures of a step.
        crop: least share of each side that is cut out of the pictures at random, and enlarged again; 1: nothing is cut.
    """

    hidden: int = at_least(8, 32, most=1024)
    heads: int = at_least(1, 4, most=32)
    layers: int = at_least(1, 2, most=12)
    queries: int = at_least(1, 60, most=1000)
    denoising: int = at_least(0, 40, most=1000)
    batch: int = at_least(1, 2, most=1024)
    crop: float = at_least(0.1, 0.6, most=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hidden % (4 * self.heads):
            raise UserError(
                f"detector.hidden: expected a multiple of {4 * self.heads}, 4 times detector.heads; got {self.hidden}"
            )


@dataclass(frozen=True)
class DetectionConfig(TorchConfig):
    """The base is the preset `quick`: minutes on two cores."""

    images: BoxedImagesConfig = field(default_factory=BoxedImagesConfig)
    detector: DetectorConfig = field(default_factory=DetectorConfig)
    optim: OptimConfig = field(
        default_factory=lambda: OptimConfig(kind="adamw", lr=5e-4, weight_decay=1e-4, clip_norm=1.0, schedule="cosine")
    )
    train: TrainConfig = field(default_factory=lambda: TrainConfig(epochs=40))


PAPER: dict[str, object] = {
    "train.epochs": 100,
    "images.shrink": 1,
    "optim.lr": 1e-4,
    "detector.width": 64,
    "detector.blocks": [3, 4, 6, 3],
    "detector.layer": "bottleneck",
    "detector.hidden": 256,
    "detector.heads": 8,
    "detector.layers": 6,
    "detector.queries": 300,
    "detector.denoising": 100,
    "detector.batch": 16,
}
"""What the preset `paper` sets: RT-DETR on ResNet-50, whole images, and the paper's 100 epochs; for a GPU."""

DIFFERS = (
    "Not to be held against the numbers above: the paper trains a detector whose kind it does not say on M3FD (4200 "
    "pairs, 100 epochs), from weights and by a schedule that it does not say; here RT-DETR has seen nothing but the "
    "pictures with boxes of this split.",
)
"""What is not as in the paper."""
