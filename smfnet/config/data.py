"""Configuration of the image pairs."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.errors import UserError
from assay.config.section import EVERY, Section, at_least, choice, value
from smfnet.config.value_range import ValueRange

__all__ = ["DataConfig", "ScenesConfig"]


@dataclass(frozen=True)
class ScenesConfig(Section, at="data.scenes"):
    """Generated scenes (`data.source: generated`).

    Attributes:
        train_pairs, test_pairs: number of pairs; validation pairs (`data.val_pairs`) are made beside them.
        height, width: pixels.
        seed: of the program that makes the scenes; independent of the trial's seed.
    """

    train_pairs: int = at_least(1, 24, most=100_000, ignored_by=EVERY)
    test_pairs: int = at_least(1, 12, most=100_000, ignored_by=EVERY)
    height: int = at_least(17, 192, most=4096, ignored_by=EVERY)
    width: int = at_least(17, 256, most=4096, ignored_by=EVERY)
    seed: int = at_least(0, 2025, most=2**32 - 1, ignored_by=EVERY)


@dataclass(frozen=True)
class DataConfig(Section):
    """Where pairs come from, how they are split and cut.

    A list is a text file under `root`, a file name or stem a line, or one that ships with the package
    (`smfnet/data/splits`).

    Attributes:
        source: `generated` scenes, or `folder` pairs under `root`.
        root: folder that holds the folders named in `train` and `test`.
        train, test: folders under `root`, each with one folder of infrared and one of visible images, equal stems.
        ir, vi: names of these two folders; several with `|` between them where each folder has one of these (`ct|pet`).
        ir_range, vi_range: which values of the files are black and white: LOW:HIGH in their own values, or percentiles
            of the training images (0.1%:99.9%), which a run's configuration keeps as the numbers they are. If null,
            0..255 in files of 8 bits and 0..65535 in files of 16; raw counts of a camera fill little of that.
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

    source: str = choice("generated", "folder", ignored_by=EVERY)
    root: str | None = value(None, ignored_by=EVERY)
    train: tuple[str, ...] = value(("train",), ignored_by=EVERY)
    test: tuple[str, ...] = value(("test",), ignored_by=EVERY)
    ir: str = value("ir", ignored_by=EVERY)
    vi: str = value("vi", ignored_by=EVERY)
    ir_range: str | None = value(None, ignored_by=EVERY)
    vi_range: str | None = value(None, ignored_by=EVERY)
    train_names: tuple[str, ...] = value((), ignored_by=EVERY)
    test_names: tuple[str, ...] = value((), ignored_by=EVERY)
    exclude: tuple[str, ...] = value((), ignored_by=EVERY)
    same_scene: str | None = value(None, ignored_by=EVERY)
    frames: int = at_least(0, 0, ignored_by=EVERY)
    val_pairs: int = at_least(0, 8, ignored_by=EVERY)
    patch: int = at_least(8, 128, most=4096, ignored_by=EVERY)
    stride: int = at_least(1, 200, ignored_by=EVERY)
    drop_low_contrast: bool = value(True, ignored_by=EVERY)
    keep_black: bool = value(True, ignored_by=EVERY)
    limit_test: int | None = at_least(1, None, ignored_by=EVERY)
    scenes: ScenesConfig = field(default_factory=ScenesConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        for key in ("ir_range", "vi_range"):
            self.range_of(key)
        if self.source == "generated" and self.patch > min(self.scenes.height, self.scenes.width):
            raise UserError(
                f"data.patch: expected at most the size of a scene, {self.scenes.height}x{self.scenes.width}; "
                f"got {self.patch}"
            )

    def range_of(self, key: str) -> ValueRange | None:
        """`ir_range` or `vi_range`, read."""
        text: str | None = getattr(self, key)
        return None if text is None else ValueRange.parse(text, f"data.{key}")
