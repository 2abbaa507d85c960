"""What a frozen detector finds in the images of many methods, as a table beside the paper's Table 2."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.config.errors import UserError, unknown
from assay.evidence.tables.methods import MethodsTable, methods_table
from assay.metric import Metric
from smfnet.data.folder import FilePair
from smfnet.tasks.detection.average_precision import AveragePrecision
from smfnet.tasks.detection.boxes import Boxes, Truth
from smfnet.tasks.detection.classes import CONVENTION, FEWEST_PICTURES, MEAN, coco_name
from smfnet.tasks.detection.fastestdet import FastestDet
from smfnet.tasks.images import Images, check_size
from smfnet.tasks.leave_one_out import effective_samples

__all__ = ["DIFFERS", "Compared", "check_against", "compared", "lines_of"]

Work = tuple[Images, str]  # of a method, in a scene
Shown = Callable[[Iterable[Work], int], Iterable[Work]]
_JUDGED = ("difference", "low", "high", "bound", "p_adjusted", "verdict", "reason")
DIFFERS = (
    "Not to be held against the numbers above: the paper trains a detector anew on every method's images of M3FD (4200 "
    "pairs, 100 epochs, its kind not said); here one detector that was trained on COCO reads every method's images.",
)


@dataclass(frozen=True)
class Compared:
    """What was found.

    Attributes:
        values: group, method, sample, metric, value: leave-one-out values, whose mean is the AP of the split.
        metrics: a class each, and their mean.
        notes: what is left out, a sentence each.
    """

    values: pd.DataFrame
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...]

    def table(self, against: str) -> MethodsTable:
        """Methods by classes, judged against one.

        Raises:
            UserError: there is no such method.
        """
        return methods_table(self.values, self.metrics, against, measure="AP@.5", notes=self.notes)


def compared(
    group: str,
    methods: Sequence[Images],
    scenes: Mapping[str, FilePair],
    truth: Truth,
    detector: FastestDet,
    shown: Shown = lambda items, _: items,
) -> Compared:
    """Detect in every method's images, and measure.

    Args:
        group: name of the data set.
        methods: with their images.
        scenes: of the split.
        truth: its boxes.
        detector: that reads the images.
        shown: hands what is done on, told how much there is.

    Raises:
        UserError: no scene has boxes and an image of every method, no class is left, or an image has another size
            than the visible one, in which the boxes are known.
    """
    truth = _merged(truth)
    kept, notes = _shared(methods, scenes, truth)
    classes, left_out = _counted(truth, kept, detector)
    _check_sizes(methods, [scenes[scene] for scene in kept])
    drawn = {scene: truth.boxes[scene] for scene in kept}
    numbers = _places([coco_name(name) for name in truth.classes], detector.classes)
    work = [(method, scene) for method in methods for scene in kept]
    found: dict[str, dict[str, Boxes]] = {method.title: {} for method in methods}
    for method, scene in shown(work, len(work)):
        found[method.title][scene] = detector(method.read(scenes[scene])).renumbered(numbers)
    metrics = _metrics(truth, kept, classes)
    parts = [_lines(group, title, AveragePrecision(drawn, boxes, classes), metrics) for title, boxes in found.items()]
    notes += (*left_out, f"Read by {detector.title}.", *_intervals(kept))
    return Compared(pd.concat(parts, ignore_index=True), metrics, notes)


def _metrics(truth: Truth, kept: Sequence[str], classes: Sequence[int]) -> tuple[Metric, ...]:
    """AP of each class, and their mean."""
    told = [(truth.classes[place], CONVENTION) for place in classes]
    told.append((MEAN, f"mean over the {len(classes)} classes"))
    worth = effective_samples(truth.boxes_in(kept)[:, list(classes)]).tolist()
    return tuple(
        Metric(name, convention=convention, decimals=3, effective_samples=each)
        for (name, convention), each in zip(told, worth, strict=True)
    )


def _lines(group: str, method: str, precision: AveragePrecision, metrics: Sequence[Metric]) -> pd.DataFrame:
    values = pd.DataFrame(precision.values(), columns=[metric.name for metric in metrics], index=precision.scenes)
    long = values.rename_axis("sample").reset_index().melt("sample", var_name="metric")
    return long.assign(group=group, method=method)[["group", "method", "sample", "metric", "value"]]


def _shared(
    methods: Sequence[Images], scenes: Mapping[str, FilePair], truth: Truth
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Scenes that have boxes and an image of every method, and what is said of the others."""
    without = [scene for scene in scenes if scene not in truth.boxes]
    notes = list(truth.notes)
    if without:
        notes.append(f"{_pictures(len(without))} without a file of boxes left out, such as {without[0]}.")
    boxed = [scene for scene in scenes if scene in truth.boxes]
    for method in methods:
        lacking = [] if method.scenes is None else [scene for scene in boxed if scene not in method.scenes]
        if lacking:
            notes.append(f"{method.title} lacks {_pictures(len(lacking))}, left out for all, such as {lacking[0]}.")
    kept = tuple(s for s in boxed if all(method.scenes is None or s in method.scenes for method in methods))
    if len(kept) < FEWEST_PICTURES:
        raise UserError(
            f"expected {FEWEST_PICTURES} pictures or more with boxes and an image of every method; got {len(kept)}"
        )
    return kept, tuple(notes)


def _check_sizes(methods: Sequence[Images], scenes: Iterable[FilePair]) -> None:
    """Boxes are in pixels of the visible images."""
    for scene in scenes:
        for image in (scene.ir, *(method.files[scene.name] for method in methods if method.files)):
            check_size(image, scene)


def _counted(truth: Truth, kept: Collection[str], detector: FastestDet) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Places of the classes that are counted, and what is said of the others."""
    pictures = truth.pictures_with(kept)
    counted, notes = [], []
    for place, name in enumerate(truth.classes):
        if coco_name(name) not in detector.classes:
            notes.append(f"{name} is left out: the detector has no such class.")
        elif pictures[place] < FEWEST_PICTURES:
            notes.append(f"{name} is left out: boxes in {_pictures(int(pictures[place]))}, expected 2 or more.")
        else:
            counted.append(place)
    if not counted:
        raise UserError(f"no class is left of {', '.join(truth.classes)}: {' '.join((*truth.notes, *notes))}")
    return tuple(counted), tuple(notes)


def _merged(truth: Truth) -> Truth:
    """Classes that a detector trained on COCO cannot tell apart, such as Person and Pedestrian, become the first."""
    keys = [coco_name(name) or str(number) for number, name in enumerate(truth.classes)]  # what COCO lacks is alone
    alike = {key: [name for name, own in zip(truth.classes, keys, strict=True) if own == key] for key in keys}
    some = (names for names in alike.values() if len(names) > 1)
    told = (f"{' and '.join(names)} are one class of COCO's, and counted as {names[0]}." for names in some)
    place = _places(list(alike), keys)
    boxes = {scene: each.renumbered(place) for scene, each in truth.boxes.items()}
    return Truth(tuple(names[0] for names in alike.values()), boxes, (*truth.notes, *told))


def _places(names: Sequence[str | None], of: Iterable[str]) -> NDArray[np.int64]:
    """Where each of some classes is among the names; -1: it is not."""
    return np.array([names.index(name) if name in names else -1 for name in of], dtype=np.int64)


def _intervals(kept: Sequence[str]) -> tuple[str, ...]:
    return (f"AP is no mean over pictures: its differences are judged by leaving each of the {len(kept)} out in turn.",)


def _pictures(number: int) -> str:
    return f"{number} picture{'' if number == 1 else 's'}"


def lines_of(table: MethodsTable) -> pd.DataFrame:
    """A line per method and class: AP, and its difference to the method that it is held against."""
    columns = ["group", "method", "metric", "mean", "n_samples", *_JUDGED]
    return table.data[columns].rename(columns={"mean": "AP", "n_samples": "pictures"})


def check_against(against: str, methods: Sequence[Images]) -> None:
    """Refuse a name that no method has.

    Raises:
        UserError: so it is.
    """
    titles = [method.title for method in methods]
    if against not in titles:
        raise unknown("method for --against", against, titles)
