"""Where the boxes of a data set are, and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from smfnet.data.folder import FilePair
from smfnet.data.sets.known import KnownSet
from smfnet.data.sources import look
from smfnet.tasks.detection.boxes import Truth, coco_truth, yolo_truth
from smfnet.tasks.detection.classes import BOXED

__all__ = ["truth_of"]


def truth_of(known: KnownSet, scenes: Mapping[str, FilePair], place: Path | None) -> Truth:
    """The boxes of a split.

    Args:
        known: the data set.
        scenes: of the split.
        place: a folder of YOLO's files or a JSON file of COCO's; None: where the set has them.

    Raises:
        UserError: there are none.
    """
    sizes = {name: look(scene.vi).size for name, scene in scenes.items()}
    if place is not None and place.suffix.lower() == ".json":
        return coco_truth(place, sizes)
    boxed = BOXED[known.name]
    part = next(iter(scenes.values())).vi.parent.parent
    found = [part / folder for folder in boxed.folders if (part / folder).is_dir()] or [part / boxed.folders[0]]
    return yolo_truth(place or found[0], boxed.classes, sizes)
