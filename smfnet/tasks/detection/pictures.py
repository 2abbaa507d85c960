"""The pictures of a split with their boxes, as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from torch import Tensor

from assay.config.errors import UserError
from smfnet.data.folder import FilePair
from smfnet.data.sets.known import known_set
from smfnet.data.sources import look
from smfnet.tasks.detection.boxes import Boxes, Truth
from smfnet.tasks.detection.classes import BOXED, FEWEST_PICTURES, MEAN
from smfnet.tasks.detection.config import BoxedImagesConfig
from smfnet.tasks.detection.truth import label_files, truth_of
from smfnet.tasks.given import notes_on_pairs
from smfnet.tasks.images import place_of
from smfnet.tasks.leave_one_out import effective_samples
from smfnet.tasks.stacked import TEST, TRAIN, Stamps, check_sizes, image_files, images_stacked, scenes_of, stamps_of

__all__ = ["Pictures", "check_pictures", "counted_classes", "files_of", "notes_on_boxes", "pictures_of"]


@dataclass(frozen=True)
class Pictures:
    """A split in memory.

    Attributes:
        images: (N, C, H, W) uint8, as small as the network reads them.
        boxes: scene -> its objects in pixels of the whole size, in the order of the images.
        sizes: height and width of each scene.
        frame: height and width that the images are of; a side that `images.shrink` does not divide is a bit shorter.
    """

    images: Tensor
    boxes: Mapping[str, Boxes]
    sizes: tuple[tuple[int, int], ...]
    frame: tuple[int, int]


def pictures_of(config: BoxedImagesConfig, part: str, method: str) -> Pictures:
    """The pictures of a part that have boxes, read once; see `images_stacked` for arguments and errors."""
    images = image_files(config, part, method, scenes_of(config, part))
    return _pictures(config, part, method, (*_drawn(config, part), *stamps_of(images)))


@lru_cache(maxsize=2)
def _pictures(config: BoxedImagesConfig, part: str, method: str, files: Stamps) -> Pictures:
    scenes, truth = _boxed(config, part)
    if part == TRAIN and not any(len(boxes.classes) for boxes in truth.boxes.values()):
        raise UserError(
            f"there is no box in the {len(scenes)} training pictures of {config.root}: nothing can be learned"
        )
    images = images_stacked(config, part, method, scenes)
    frame = (images.shape[-2] * config.shrink, images.shape[-1] * config.shrink)
    sizes = {name: look(scene.vi).size for name, scene in scenes.items()}
    for name, size in sizes.items():
        if any(not 0 <= whole - side < config.shrink for whole, side in zip(frame, size, strict=True)):
            height, width = size
            raise UserError(
                f"{method} has another size than the {width}x{height} pixels of {name}, whose boxes are known"
            )
    return Pictures(images, {name: truth.boxes[name] for name in scenes}, tuple(sizes.values()), frame)


def check_pictures(config: BoxedImagesConfig, part: str, method: str) -> None:
    """Look at the boxes of a part, and whether a method has all of its pictures.

    Raises:
        UserError: there are no boxes, or a picture is missing or of another size.
    """
    check_sizes(config, part, method, _boxed(config, part)[0])


def files_of(config: BoxedImagesConfig, part: str, method: str) -> Iterator[Path]:
    """Every file that `pictures_of` reads."""
    scenes, _ = _boxed(config, part)
    yield from label_files(known_set(config.data), scenes, _place(config, part))
    yield from image_files(config, part, method, scenes)


def counted_classes(config: BoxedImagesConfig) -> tuple[int, ...]:
    """Places of the classes that are in the mean: those with boxes in two test pictures or more.

    Raises:
        UserError: there are none.
    """
    return _counted(config.data, config.root, config.boxes, _drawn(config, TEST))


@lru_cache(maxsize=4)
def _counted(data: str, root: str | None, boxes: str | None, files: Stamps) -> tuple[int, ...]:
    scenes, truth = _boxed(BoxedImagesConfig(data, root, boxes=boxes), TEST)
    counted = tuple(map(int, np.flatnonzero(truth.pictures_with(scenes) >= FEWEST_PICTURES)))
    if not counted:
        what = f"no class is in {FEWEST_PICTURES} test pictures of {root}: nothing can be counted"
        raise UserError(". ".join((what, *truth.notes)))
    return counted


def effective_pictures(config: BoxedImagesConfig) -> Mapping[str, float]:
    """Name of each counted class, and of their mean -> how many test pictures of equal weight it rests on."""
    return _effective(config.data, config.root, config.boxes, _drawn(config, TEST))


@lru_cache(maxsize=4)
def _effective(data: str, root: str | None, boxes: str | None, files: Stamps) -> Mapping[str, float]:
    scenes, truth = _boxed(BoxedImagesConfig(data, root, boxes=boxes), TEST)
    counted = _counted(data, root, boxes, files)
    worth = effective_samples(truth.boxes_in(scenes)[:, list(counted)]).tolist()
    return dict(zip([*(truth.classes[place] for place in counted), MEAN], worth, strict=True))


def notes_on_boxes(config: BoxedImagesConfig) -> list[str]:
    """What is left out, a sentence each."""
    scenes, truth = _boxed(config, TEST)
    notes = [
        f"{name} is left out: in {pictures} of the test pictures, expected {FEWEST_PICTURES} or more."
        for name, pictures in zip(truth.classes, truth.pictures_with(scenes).tolist(), strict=True)
        if pictures < FEWEST_PICTURES
    ]
    for part in (TRAIN, TEST):
        boxed, drawn = _boxed(config, part)
        notes += notes_on_pairs(config.data, Path(str(config.root)), part)
        notes += [f"{part}: {note}" for note in drawn.notes]
        if without := [name for name in scenes_of(config, part) if name not in boxed]:
            notes.append(
                f"{part}: pictures without a file of boxes are left out, {len(without)}, such as {without[0]}."
            )
    return notes


def _boxed(config: BoxedImagesConfig, part: str) -> tuple[dict[str, FilePair], Truth]:
    """The scenes of a part that have boxes, and these by the set's own classes."""
    scenes = scenes_of(config, part)
    drawn = truth_of(known_set(config.data), scenes, part, _place(config, part))
    truth = _by_classes(drawn, BOXED[config.data].classes)
    return {name: scene for name, scene in scenes.items() if name in truth.boxes}, truth


def _drawn(config: BoxedImagesConfig, part: str) -> Stamps:
    """Of every file that the boxes of a part are read from: theirs, and the visible images, whose sizes they are of."""
    scenes = scenes_of(config, part)
    files = label_files(known_set(config.data), scenes, _place(config, part))
    return stamps_of((*files, *(scene.vi for scene in scenes.values())))


def _place(config: BoxedImagesConfig, part: str) -> Path | None:
    return None if config.boxes is None else place_of(Path(config.boxes), part)


def _by_classes(truth: Truth, classes: tuple[str, ...]) -> Truth:
    """Boxes with the numbers of these classes, which a file of COCO's may count in another order.

    Raises:
        UserError: there is no class that is called as one of these.
    """
    if truth.classes == classes:
        return truth
    names = [name.casefold() for name in classes]
    place = np.array([names.index(name.casefold()) if name.casefold() in names else -1 for name in truth.classes])
    foreign = [name for name, number in zip(truth.classes, place, strict=True) if number < 0]
    if len(foreign) == len(truth.classes):
        raise UserError(f"expected boxes of {', '.join(classes)}; got boxes of {', '.join(foreign) or 'no class'}")
    boxes = {scene: each.renumbered(place) for scene, each in truth.boxes.items()}
    told = (f"boxes of {', '.join(foreign)} are left out: no class of the set.",) if foreign else ()
    return replace(truth, classes=classes, boxes=boxes, notes=(*truth.notes, *told))
