"""The pictures of a split with their labels, as tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.config.errors import UserError
from smfnet.data.folder import FilePair, images_in
from smfnet.data.sources import look
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.given import notes_on_pairs
from smfnet.tasks.leave_one_out import effective_samples
from smfnet.tasks.segmentation.classes import CLASSES, FEWEST_PICTURES, MEANS, UNKNOWN
from smfnet.tasks.segmentation.labels import counted_in, label_folder, label_in, pictures_with, pixels_of
from smfnet.tasks.stacked import TEST, TRAIN, Stamps, check_sizes, image_files, images_stacked, scenes_of, stamps_of

__all__ = [
    "Pictures",
    "check_pictures",
    "counted_classes",
    "effective_pictures",
    "files_of",
    "labelled_in",
    "notes_on_labels",
    "pictures_of",
]


@dataclass(frozen=True)
class Pictures:
    """A split in memory.

    Attributes:
        names: of the scenes.
        images: (N, C, H, W) uint8, as small as the network reads them.
        labels: (N, H, W) uint8, full size; `UNKNOWN` where a pixel has no class.
    """

    names: tuple[str, ...]
    images: Tensor
    labels: Tensor


def pictures_of(config: ImagesConfig, part: str, method: str) -> Pictures:
    """The pictures of a part that have a label, read once; see `images_stacked` for arguments and errors."""
    return _pictures(config, part, method, stamps_of(files_of(config, part, method)))


@lru_cache(maxsize=4)
def _pictures(config: ImagesConfig, part: str, method: str, files: Stamps) -> Pictures:
    labelled = labelled_in(config, part)
    labels = _sized(labelled)
    images = images_stacked(config, part, method, {name: scene for name, (scene, _) in labelled.items()})
    return Pictures(tuple(labelled), images, torch.from_numpy(np.stack(labels)))


def check_pictures(config: ImagesConfig, part: str, method: str) -> None:
    """Look at the labels of a part, and whether a method has all of its pictures.

    Raises:
        UserError: a label is damaged or of another size than its picture, or a picture is missing
            or of another size.
    """
    labelled = labelled_in(config, part)
    files = stamps_of(path for scene, label in labelled.values() for path in (label, scene.vi))
    _check_labels(config.data, config.root, part, files)
    scenes = {name: scene for name, (scene, _) in labelled.items()}
    check_sizes(config, part, method, scenes)


@lru_cache(maxsize=4)
def _check_labels(data: str, root: str | None, part: str, files: Stamps) -> None:
    """Once for all methods."""
    _sized(labelled_in(ImagesConfig(data, root), part))


def _sized(labelled: Mapping[str, tuple[FilePair, Path]]) -> list[NDArray[np.uint8]]:
    """The labels, each of its picture's size."""
    labels = []
    for scene, path in labelled.values():
        label, (height, width) = label_in(path), look(scene.vi).size
        if label.shape != (height, width):
            got = f"{label.shape[1]}x{label.shape[0]}"
            raise UserError(f"{path} has {got} pixels: expected {width}x{height}, as {scene.vi} has")
        labels.append(label)
    return labels


def files_of(config: ImagesConfig, part: str, method: str) -> Iterator[Path]:
    """Every file that `pictures_of` reads."""
    labelled = labelled_in(config, part)
    yield from (path for _, path in labelled.values())
    yield from image_files(config, part, method, {name: scene for name, (scene, _) in labelled.items()})


def counted_classes(config: ImagesConfig) -> tuple[int, ...]:
    """Places of the classes that are in the means: those with pixels in two test pictures or more.

    Raises:
        UserError: there are none.
    """
    return _counted(config.data, config.root, _labels(config))


@lru_cache(maxsize=4)
def _counted(data: str, root: str | None, files: Stamps) -> tuple[int, ...]:
    counted = counted_in(_pictures_with(ImagesConfig(data, root)))
    if not counted:
        raise UserError(f"no class is in {FEWEST_PICTURES} test pictures of {root}: nothing can be counted")
    return counted


def effective_pictures(config: ImagesConfig) -> Mapping[str, float]:
    """Name of each counted class, and of each mean -> how many test pictures of equal weight it rests on."""
    return _effective(config.data, config.root, _labels(config))


def _labels(config: ImagesConfig) -> Stamps:
    return stamps_of(path for _, path in labelled_in(config, TEST).values())


@lru_cache(maxsize=4)
def _effective(data: str, root: str | None, files: Stamps) -> Mapping[str, float]:
    counted = _counted(data, root, files)
    pixels = pixels_of(path for _, path in labelled_in(ImagesConfig(data, root), TEST).values())
    *each, mean = effective_samples(pixels[:, list(counted)]).tolist()
    names = [CLASSES[place] for place in counted]
    return {**dict(zip(names, each, strict=True)), **dict.fromkeys(MEANS, mean)}


def notes_on_labels(config: ImagesConfig) -> list[str]:
    """What is left out, a sentence each."""
    pictures = _pictures_with(config)
    notes = [
        f"{name} is left out: in {pictures[place]} of the test pictures, expected {FEWEST_PICTURES} or more."
        for place, name in enumerate(CLASSES)
        if pictures[place] < FEWEST_PICTURES
    ]
    for part in (TRAIN, TEST):
        scenes, labelled = scenes_of(config, part), labelled_in(config, part)
        notes += notes_on_pairs(config.data, Path(str(config.root)), part)
        if without := [name for name in scenes if name not in labelled]:
            notes.append(f"{part}: pictures without a label are left out, {len(without)}, such as {without[0]}.")
        odd = {name: count for name, (_, path) in labelled.items() if (count := int((label_in(path) == UNKNOWN).sum()))}
        if odd:
            pixels = f"{sum(odd.values())} in {len(odd)} of the labels, such as {next(iter(odd))}"
            notes.append(f"{part}: pixels with a number that no class has are not counted, {pixels}.")
    return notes


def _pictures_with(config: ImagesConfig) -> Counter[int]:
    """How many test pictures have a class."""
    return pictures_with(path for _, path in labelled_in(config, TEST).values())


def labelled_in(config: ImagesConfig, part: str) -> dict[str, tuple[FilePair, Path]]:
    """The scenes of a part that have a label, with it.

    Raises:
        UserError: there are no scenes, or none has a label.
    """
    scenes = scenes_of(config, part)
    place = next(iter(scenes.values())).vi.parent.parent
    folder = label_folder(place)
    if folder is None:
        raise UserError(f"expected labels of the {part} scenes in {place / 'label'}; there is no such folder")
    labels = images_in(folder)
    found = {name: (scene, labels[name]) for name, scene in scenes.items() if name in labels}
    if not found:
        raise UserError(f"no label in {folder} is called as a scene: expected {next(iter(scenes))}.png")
    return found
