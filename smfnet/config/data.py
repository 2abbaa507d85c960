"""Configuration of the image pairs."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.errors import UserError
from assay.config.section import Section, at_least, choice

__all__ = ["DataConfig", "ScenesConfig"]


@dataclass(frozen=True)
class ScenesConfig(Section, at="data.scenes"):
    """Generated scenes (`data.source: generated`).

    Attributes:
        train_pairs, test_pairs: number of pairs; validation pairs (`data.val_pairs`) are made beside them.
        height, width: pixels.
        seed: of the program that makes the scenes; independent of the trial's seed.
    """

    train_pairs: int = at_least(1, 24)
    test_pairs: int = at_least(1, 12)
    height: int = at_least(17, 192)
    width: int = at_least(17, 256)
    seed: int = at_least(0, 2025)


@dataclass(frozen=True)
class DataConfig(Section):
    """Where pairs come from, how they are split and cut (specification sections 8 and 10).

    A list is a text file under `root`, a file name or stem a line, or one that ships with the package
    (`smfnet/data/splits`).

    Attributes:
        source: `generated` scenes, or `folder` pairs under `root`.
        root: folder that holds the folders named in `train` and `test`.
        train, test: folders under `root`, each with one folder of infrared and one of visible images, equal stems.
        ir, vi: names of these two folders.
        train_names, test_names: lists of pairs: only these of the folders are used (all of them if empty).
        exclude: lists of pairs that stay out of training.
        same_scene: CSV file with columns a, b: pairs of one place, kept on one side of the split into training and
            validation.
        frames: pairs whose names are equal up to their last number show one place if these numbers differ by at most
            so much (pictures of one drive); 0 if numbers say nothing.
        val_pairs: pairs taken out of training for validation (search); the test split is never touched.
        patch, stride: size and step of training patches, pixels.
        drop_low_contrast: leave out patches with (p90 - p10) / p90 < 0.1 in either image.
        keep_black: keep patches whose p90 is zero, as the release does.
        limit_test: use only so many test pairs (all of them if null).
    """

    source: str = choice("generated", "folder")
    root: str | None = None
    train: tuple[str, ...] = ("train",)
    test: tuple[str, ...] = ("test",)
    ir: str = "ir"
    vi: str = "vi"
    train_names: tuple[str, ...] = ()
    test_names: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    same_scene: str | None = None
    frames: int = at_least(0, 0)
    val_pairs: int = at_least(0, 8)
    patch: int = at_least(8, 128)
    stride: int = at_least(1, 200)
    drop_low_contrast: bool = True
    keep_black: bool = True
    limit_test: int | None = at_least(1, None)
    scenes: ScenesConfig = field(default_factory=ScenesConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source == "generated" and self.patch > min(self.scenes.height, self.scenes.width):
            raise UserError(
                f"data.patch: expected at most the size of a scene, {self.scenes.height}x{self.scenes.width}; "
                f"got {self.patch}"
            )
