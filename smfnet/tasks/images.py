"""Where the images that a task reads come from: a rule that needs no training, a folder of a method, a row of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assay.config.errors import UserError
from smfnet.config.test_step import InferConfig
from smfnet.data.folder import FilePair, images_in
from smfnet.data.images import luma, read_pixels
from smfnet.data.sources import look
from smfnet.fusion.titles import TITLES
from smfnet.methods.layout import PARTS
from smfnet.methods.named import Method

if TYPE_CHECKING:
    from assay.runs import Run
    from smfnet.fusion.fuse import Fuser

__all__ = [
    "COLOURS",
    "Images",
    "check_size",
    "fused_by",
    "fusers_of_run",
    "images_of_folder",
    "images_of_rule",
    "images_of_run",
    "in_colour",
    "place_of",
    "sources_of",
]

COLOURS = ("rgb", "grey")
Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Images:
    """The images of one row of a table.

    Attributes:
        title: of the row.
        read: from the two files of a scene to its image: (H, W), or (H, W, 3) RGB.
        scenes: that it has; None: all.
        files: scene -> its image, of a row whose images are files of a method.
    """

    title: str
    read: Callable[[FilePair], Image]
    scenes: frozenset[str] | None = None
    files: Mapping[str, Path] = field(default_factory=dict)


def images_of_rule(rule: str, colour: str) -> Images:
    """Of a training-free rule, see `smfnet.fusion.rules`; the two sources alone are read as they are.

    Args:
        rule: its name.
        colour: `rgb`: fused images have the colour of the visible one, as the test step gives them; `grey`: luma.
    """

    def source(scene: FilePair) -> Image:
        return in_colour(_levels(read_pixels(scene.vi if rule == "visible_only" else scene.ir)), colour)

    return Images(TITLES[rule], source if rule in ("visible_only", "infrared_only") else _fused(rule, colour))


def images_of_folder(method: Method, part: str, colour: str) -> Images:
    """Fused images of a method, called as their scenes are.

    Args:
        method: its name and folder, which may have a folder of each part.
        part: `train` or `test`.
        colour: see `images_of_rule`.

    Raises:
        UserError: the folder is missing or empty.
    """
    files = images_in(place_of(method.place, part))

    def read(scene: FilePair) -> Image:
        return in_colour(_levels(read_pixels(files[scene.name])), colour)

    return Images(method.name, read, frozenset(files), files)


def images_of_run(run: Run, rows: Sequence[str], colour: str) -> list[Images]:
    """What the trained rows of a run fuse, each by the network of its first finished seed.

    Args:
        run: of this study.
        rows: names; none: the base alone.
        colour: see `images_of_rule`.

    Raises:
        UserError: no such row, or its weights are not in the store.
    """
    return [Images(each.title, partial(fused_by, each)) for each in fusers_of_run(run, rows, colour)]


def fusers_of_run(run: Run, rows: Sequence[str], colour: str) -> list[Fuser]:
    """What fuses the images of `images_of_run`, which has arguments and errors."""
    import torch

    from assay.training.precision import device_here
    from smfnet.fusion.fuse import row_fuser

    device = torch.device(device_here("device", "auto"))
    fusers = [row_fuser(run, row, None, device) for row in rows or (run.record.base_row,)]
    return [replace(each, infer=replace(each.infer, colour=_INFER[colour])) for each in fusers]


def fused_by(fuser: Fuser, scene: FilePair) -> Image:
    """The image that a network makes of a scene."""
    return fuser.image(sources_of(fuser, scene).read(training=False))


def sources_of(fuser: Fuser, scene: FilePair) -> FilePair:
    """A scene with the ranges that the network was trained with."""
    return replace(scene, ir_range=fuser.ranges[0], vi_range=fuser.ranges[1])


def check_size(image: Path, scene: FilePair) -> None:
    """Labels and boxes are of images as large as the visible one.

    Raises:
        UserError: an image of the scene is damaged, or of another size.
    """
    (height, width), (tall, wide) = look(image).size, look(scene.vi).size
    if (height, width) != (tall, wide):
        raise UserError(f"{image} has {width}x{height} pixels: expected {wide}x{tall}, as {scene.vi} has")


def place_of(folder: Path, part: str) -> Path:
    """The folder of a part, where the images are not in the folder itself.

    Raises:
        UserError: the folder has another part, and neither this one nor files of its own.
    """
    if (folder / part).is_dir():
        return folder / part
    files = folder.is_dir() and any(path.is_file() and not path.name.startswith(".") for path in folder.iterdir())
    if not files and (others := [f"{other}/" for other in PARTS if other != part and (folder / other).is_dir()]):
        raise UserError(f"expected {folder / part}, as {folder} has {' and '.join(others)}")
    return folder


def in_colour(image: Image, colour: str) -> Image:
    """Grey of an image with colours where grey is wanted; a grey image stays grey."""
    return _levels(luma(image)) if colour == "grey" and image.ndim == 3 else image


_INFER = {"rgb": "ycrcb", "grey": "grey"}


def _fused(rule: str, colour: str) -> Callable[[FilePair], Image]:
    import torch

    from smfnet.fusion.rules import fusion_of
    from smfnet.fusion.test_step import fused_image

    fuse, infer = fusion_of(rule, InferConfig(colour=_INFER[colour]))

    def read(scene: FilePair) -> Image:
        return fused_image(fuse, scene.read(training=False), infer, torch.device("cpu"))

    return read


def _levels(pixels: NDArray[np.float32]) -> Image:
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
