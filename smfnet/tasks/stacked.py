"""The images of one row as a tensor, for networks that learn from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from assay.config.errors import UserError, unknown
from smfnet.data.folder import FilePair, images_in
from smfnet.fusion.titles import TITLES
from smfnet.methods.layout import PARTS
from smfnet.methods.named import Method, methods_from
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.given import known_scenes
from smfnet.tasks.images import Images, check_size, images_of_folder, images_of_rule, place_of

__all__ = [
    "TEST",
    "TRAIN",
    "Stamps",
    "check_sizes",
    "image_files",
    "images_stacked",
    "scenes_of",
    "shrunk",
    "stamps_of",
]

TEST, TRAIN = PARTS[:2]
Stamps = tuple[tuple[str, int, int], ...]
"""Path, size in bytes and time of the last change of each of some files."""


def scenes_of(config: ImagesConfig, part: str) -> dict[str, FilePair]:
    """The pairs of a part, by name.

    Raises:
        UserError: there is no root, or no such part in it.
    """
    if config.root is None:
        raise UserError(f"images.root: expected the folder of {config.data}; there is none")
    return known_scenes(config.data, Path(config.root), part)[1]


def images_stacked(config: ImagesConfig, part: str, method: str, scenes: Mapping[str, FilePair]) -> Tensor:
    """The images of some scenes, as small as a network reads them.

    Args:
        config: where they are.
        part: `train` or `test`.
        method: whose images: a training-free rule, or a name of `config.folders`.
        scenes: of the part.

    Returns:
        (N, C, H, W) uint8, one channel of grey, three of colour.

    Raises:
        UserError: an image is missing, or the images have several sizes.
    """
    images = _images_of(config, part, method, scenes)
    pixels = [shrunk(images.read(scene), config) for scene in scenes.values()]
    for name, image in zip(scenes, pixels, strict=True):
        if image.shape != pixels[0].shape:
            raise UserError(f"{name} has another size than {next(iter(scenes))}: expected images of one size")
    return torch.from_numpy(np.stack(pixels))


def _images_of(config: ImagesConfig, part: str, method: str, scenes: Iterable[str]) -> Images:
    """Where the images of a method come from, of which there is one of every scene.

    Args:
        config, part, method: see `images_stacked`.
        scenes: names.

    Raises:
        UserError: one is missing.
    """
    colour, rule = config.colour, method in TITLES
    images = images_of_rule(method, colour) if rule else images_of_folder(_method(config, method), part, colour)
    if lacking := [name for name in scenes if images.scenes is not None and name not in images.scenes]:
        more = f" (and {len(lacking) - 1} more)" if len(lacking) > 1 else ""
        raise UserError(f"{method} has no image of {lacking[0]}{more}: expected one of every labelled {part} scene")
    return images


def check_sizes(config: ImagesConfig, part: str, method: str, scenes: Mapping[str, FilePair]) -> None:
    """Look at the files of a method: labels and boxes are of images as large as the visible ones.

    Raises:
        UserError: an image is missing, damaged, or of another size.
    """
    files = _images_of(config, part, method, scenes).files
    for name, scene in scenes.items() if method != "visible_only" else ():
        check_size(files.get(name, scene.ir), scene)


def image_files(config: ImagesConfig, part: str, method: str, scenes: Mapping[str, FilePair]) -> Iterator[Path]:
    """Every image file that `images_stacked` reads; of a method those that are there."""
    if method not in TITLES:
        found = images_in(place_of(_method(config, method).place, part))
        yield from (path for name, path in found.items() if name in scenes)
        return
    for scene in scenes.values():
        yield from [] if method == "infrared_only" else [scene.vi]
        yield from [] if method == "visible_only" else [scene.ir]


def stamps_of(files: Iterable[Path]) -> Stamps:
    """What tells whether files have changed, without a look into them: what is kept of them in memory is kept by it.

    Raises:
        UserError: one is not there.
    """
    return tuple(_stamp(path) for path in files)


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        state = path.stat()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    return str(path), state.st_size, state.st_mtime_ns


def _method(config: ImagesConfig, name: str) -> Method:
    known = {each.name: each for each in methods_from(config.folders, "images.folders")} if config.folders else {}
    if name not in known:
        raise unknown("images", name, [*TITLES, *known])
    return known[name]


def shrunk(image: NDArray[np.uint8], config: ImagesConfig) -> NDArray[np.uint8]:
    """(C, H, W), each pixel the mean of a square of `shrink` pixels a side."""
    made = Image.fromarray(image).convert("L" if config.colour == "grey" else "RGB")
    pixels = np.asarray(made.reduce(config.shrink) if config.shrink > 1 else made)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
