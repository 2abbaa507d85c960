"""Where the boxes of a data set are, and what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from smfnet.data.folder import FilePair
from smfnet.data.sets.known import KnownSet
from smfnet.data.sources import look
from smfnet.methods.layout import PARTS
from smfnet.tasks.detection.boxes import Truth, coco_truth, yolo_files, yolo_truth
from smfnet.tasks.detection.classes import BOXED

__all__ = ["label_files", "truth_of"]


def truth_of(known: KnownSet, scenes: Mapping[str, FilePair], part: str, place: Path | None) -> Truth:
    """The boxes of a split.

    Args:
        known: the data set.
        scenes: of the split.
        part: which split that is, `train` or `test`.
        place: a folder of YOLO's files or a JSON file of COCO's; None: where the set has them.

    Raises:
        UserError: there are none.
    """
    sizes = {name: look(scene.vi).size for name, scene in scenes.items()}
    if place is not None and place.suffix.lower() == ".json":
        others = {each.part for layout in known.layouts for each in layout.places} - {part}
        return coco_truth(place, sizes, part, sorted(others & {*PARTS}))
    return yolo_truth(place or _folder(known, scenes), BOXED[known.name].classes, sizes)


def label_files(known: KnownSet, scenes: Mapping[str, FilePair], place: Path | None) -> Iterator[Path]:
    """Every file that `truth_of` reads of these scenes."""
    if place is not None and place.suffix.lower() == ".json":
        yield place
        return
    yield from (path for name, path in yolo_files(place or _folder(known, scenes)).items() if name in scenes)


def _folder(known: KnownSet, scenes: Mapping[str, FilePair]) -> Path:
    """Where the set has YOLO's files of the part: the first folder that is there."""
    part = next(iter(scenes.values())).vi.parent.parent
    folders = [part / folder for folder in BOXED[known.name].folders]
    return next((folder for folder in folders if folder.is_dir()), folders[0])
