"""Boxes of objects in images, as label files have them: YOLO's text files, or one JSON file of COCO's."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.config.errors import UserError, one_line
from assay.files import nfc
from smfnet.data.folder import stem_of

__all__ = ["Boxes", "Truth", "coco_truth", "yolo_files", "yolo_truth"]


@dataclass(frozen=True)
class Boxes:
    """Objects in one image.

    Attributes:
        corners: (N, 4) left, top, right, bottom in pixels, within the image.
        classes: (N,) place of each one's class in a list of names.
        scores: (N,) how sure a detector is; 1 of boxes that a person drew.
    """

    corners: NDArray[np.float64]
    classes: NDArray[np.int64]
    scores: NDArray[np.float64]

    @staticmethod
    def of(corners: Sequence[Sequence[float]], classes: Sequence[int]) -> Boxes:
        """Boxes that a person drew."""
        placed = np.asarray(corners, dtype=np.float64).reshape(-1, 4)
        return Boxes(placed, np.asarray(classes, dtype=np.int64), np.ones(len(placed)))

    def renumbered(self, place: NDArray[np.int64]) -> Boxes:
        """With the place of each class in another list; boxes of a class that is not in it, -1, are dropped."""
        classes = place[self.classes]
        return Boxes(self.corners[classes >= 0], classes[classes >= 0], self.scores[classes >= 0])


@dataclass(frozen=True)
class Truth:
    """The objects of a split.

    Attributes:
        classes: their names, in the order of the data set.
        boxes: scene -> its objects; a scene whose label file is missing is missing here.
        notes: what is wrong with labels, a sentence each.
    """

    classes: tuple[str, ...]
    boxes: Mapping[str, Boxes]
    notes: tuple[str, ...]

    def boxes_in(self, scenes: Collection[str]) -> NDArray[np.int64]:
        """How many boxes of each class a scene has, (scenes, classes)."""
        count = len(self.classes)
        boxes = [np.bincount(self.boxes[scene].classes, minlength=count) for scene in scenes]
        return np.array(boxes, dtype=np.int64).reshape(len(scenes), count)

    def pictures_with(self, scenes: Collection[str]) -> NDArray[np.int64]:
        """In how many of these scenes each class is, shape (classes,)."""
        return np.asarray((self.boxes_in(scenes) > 0).sum(0))


def yolo_truth(folder: Path, classes: Sequence[str], sizes: Mapping[str, tuple[int, int]]) -> Truth:
    """`NAME.txt` of each scene, a line `class x y width height` an object, relative to the image; empty: no object.

    Args:
        folder: of the files.
        classes: names, by the number that the files have.
        sizes: scene -> height and width of its image.

    Raises:
        UserError: the folder is not there, or no scene has a file in it.
    """
    if not folder.is_dir():
        raise UserError(
            f"expected a folder of boxes at {folder}; {'a file is there' if folder.exists() else 'none is'}"
        )
    files = yolo_files(folder)
    boxes: dict[str, Boxes] = {}
    wrong: list[str] = []
    for scene, (height, width) in sizes.items():
        if scene in files:
            boxes[scene] = _of_lines(files[scene], len(classes), height, width, wrong)
    if not boxes:
        raise UserError(f"no file in {folder} is called as an image: expected {next(iter(sizes), 'NAME')}.txt")
    return Truth(tuple(classes), boxes, _told(wrong))


def yolo_files(folder: Path) -> dict[str, Path]:
    """Scene -> its file.

    Raises:
        UserError: two files are of one scene.
    """
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("*.txt")):
        scene = nfc(path.stem)
        if scene in files:
            raise UserError(f"{files[scene]} and {path} differ only in their Unicode form: rename or remove one")
        files[scene] = path
    return files


def coco_truth(file: Path, sizes: Mapping[str, tuple[int, int]], part: str = "", others: Collection[str] = ()) -> Truth:
    """One JSON file: `images`, `annotations` with `bbox` [left, top, width, height] in pixels, and `categories`.

    Args:
        file: of the whole split, or of more.
        sizes: scene -> height and width of its image; scenes and `file_name` belong together by their stems.
        part: of the data set that the scenes are of.
        others: its other parts; an image that is in a folder of one of these is none of the scenes.

    Raises:
        UserError: the file is no such file, has none of the scenes or two images of one, or tells another size of one.
    """
    images, annotations, categories = _parts_of(file)
    try:
        names = {key: str(each["name"]) for key, each in _by_id(file, "categories", categories).items()}
        pictures = _by_id(file, "images", images)
        scenes = _scenes_of(file, pictures, sizes, (part, *others))
        drawn = [(each["image_id"], each["category_id"], each["bbox"]) for each in annotations]
    except (TypeError, KeyError) as error:
        raise UserError(f"{file}: expected COCO's fields of images, annotations and categories; {error!r}") from error
    if not names:
        raise UserError(f"{file}: expected a category or more; its list is empty")
    place = {key: number for number, key in enumerate(names)}
    found: dict[str, tuple[list[list[float]], list[int]]] = {scene: ([], []) for scene in scenes.values()}
    wrong: list[str] = []
    for image, category, box in drawn:
        if not isinstance(image, int | str) or image not in pictures:
            wrong.append(f"image_id {image!r} in {file.name}, which has no such image")
            continue
        if scene := scenes.get(image):
            known = isinstance(category, int | str) and category in place
            corners = _corners(box, *sizes[scene]) if known else None
            if corners is None:
                wrong.append(f"{scene} in {file.name}: category {category!r}, bbox {box!r}")
                continue
            found[scene][0].append(corners)
            found[scene][1].append(place[category])
    if not found:
        away = f", in no folder of {' or '.join(others)}" if others else ""
        name = next(iter(sizes), "NAME")
        raise UserError(f"{file} has none of these images: expected {name}.* among its file names{away}")
    return Truth(tuple(names.values()), {scene: Boxes.of(*each) for scene, each in found.items()}, _told(wrong))


def _parts_of(file: Path) -> tuple[list[Any], list[Any], list[Any]]:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read the boxes in {file}: {one_line(str(error), most=200)}") from error
    names = ("images", "annotations", "categories")
    parts = [raw.get(name) if isinstance(raw, dict) else None for name in names]
    if not all(isinstance(part, list) for part in parts):
        raise UserError(f"{file}: expected COCO's JSON, lists called {', '.join(names)}")
    images, annotations, categories = parts
    return images, annotations, categories  # type: ignore[return-value]  # each was looked at


def _by_id(file: Path, kind: str, parts: Iterable[Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for each in parts:
        if each["id"] in found:
            raise UserError(f"{file}: two of its {kind} have the id {each['id']!r}: expected one")
        found[each["id"]] = each
    return found


def _scenes_of(
    file: Path, pictures: Mapping[Any, Any], sizes: Mapping[str, tuple[int, int]], parts: Sequence[str]
) -> dict[Any, str]:
    """Id of an image -> its scene, of the images that are scenes of the first of the parts."""
    names = {key: str(picture["file_name"]) for key, picture in pictures.items()}
    keys: dict[str, Any] = {}
    for key, name in names.items():
        scene = stem_of(name)
        if scene not in sizes or _part_in(name, parts) != parts[0]:
            continue
        if scene in keys:
            both = " and ".join(one_line(each, most=100) for each in (names[keys[scene]], name))
            raise UserError(f"{file}: {both} are two images called {scene}: expected one image for each scene")
        keys[scene] = key
        _check_told_size(file, name, pictures[key], sizes[scene])
    return {key: scene for scene, key in keys.items()}


def _part_in(name: str, parts: Sequence[str]) -> str:
    """The part whose folder a file's name has, the last of several; the first of the parts if it has none."""
    folders = name.replace("\\", "/").casefold().split("/")[:-1]
    return next((folder for folder in reversed(folders) if folder in parts), parts[0])


def _check_told_size(file: Path, name: str, picture: Mapping[str, Any], size: tuple[int, int]) -> None:
    """Boxes are in pixels of the image that the file means."""
    told = [picture.get(side) for side in ("width", "height")]
    height, width = size
    if any(given not in (None, side) for given, side in zip(told, (width, height), strict=True)):
        sides = "x".join("?" if given is None else one_line(str(given), most=20) for given in told)
        raise UserError(
            f"{file} tells of {sides} pixels of {one_line(name, most=100)}: its visible image has {width}x{height}"
        )


def _of_lines(path: Path, classes: int, height: int, width: int, wrong: list[str]) -> Boxes:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read the boxes in {path}: {one_line(str(error), most=200)}") from error
    corners: list[list[float]] = []
    kinds: list[int] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        kind, box = _of_line(line, classes, height, width)
        if box is None:
            wrong.append(f"line {number} of {path.name}: {one_line(line.strip(), most=60)}")
            continue
        corners.append(box)
        kinds.append(kind)
    return Boxes.of(corners, kinds)


def _of_line(line: str, classes: int, height: int, width: int) -> tuple[int, list[float] | None]:
    """Class and corners; None in place of corners if the line is no box."""
    try:
        kind, x, y, w, h = map(float, line.split())
    except ValueError:
        return 0, None
    if not (kind.is_integer() and 0 <= kind < classes and max(map(abs, (x, y, w, h))) <= 1):
        return 0, None
    return int(kind), _corners([(x - w / 2) * width, (y - h / 2) * height, w * width, h * height], height, width)


def _corners(box: Any, height: int, width: int) -> list[float] | None:
    """Left, top, right, bottom of [left, top, width, height], cut at the image's edge; None if nothing is left."""
    try:
        left, top, wide, high = map(float, box)
    except (TypeError, ValueError):
        return None
    if not all(map(math.isfinite, (left, top, wide, high))):
        return None
    corners = [max(left, 0.0), max(top, 0.0), min(left + wide, float(width)), min(top + high, float(height))]
    return corners if corners[2] > corners[0] and corners[3] > corners[1] else None


def _told(wrong: Sequence[str]) -> tuple[str, ...]:
    if not wrong:
        return ()
    some = "1 label is no box in its image, and is" if len(wrong) == 1 else f"{len(wrong)} labels are no boxes and are"
    return (f"{some} left out: {wrong[0]}.",)
