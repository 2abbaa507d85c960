"""Average precision at an overlap of one half, of any subset of the images, by faster-coco-eval."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smfnet.tasks.detection.boxes import Boxes
from smfnet.tasks.leave_one_out import leave_one_out_values

__all__ = ["AveragePrecision"]

OVERLAP = 0.5
MOST_DETECTIONS = 100  # of a class in an image, as COCO counts


class AveragePrecision:
    """AP@.5 of each class, of one method's detections.

    Args:
        truth: scene -> the objects in it.
        found: scene -> what was found in it, for the same scenes; classes as numbered in `truth`, others passed over.
        classes: places of the classes that are counted; each must occur in `truth`.
    """

    def __init__(self, truth: Mapping[str, Boxes], found: Mapping[str, Boxes], classes: Sequence[int]) -> None:
        from faster_coco_eval import COCO

        self.scenes, self._classes = tuple(truth), tuple(classes)
        self._numbers = {scene: number for number, scene in enumerate(truth, 1)}
        images = [{"id": number, "width": 1, "height": 1} for number in self._numbers.values()]
        categories = [{"id": each + 1, "name": str(each)} for each in self._classes]
        drawn = [line for scene in truth for line in self._lines(scene, truth[scene])]
        numbered = [{**line, "id": number, "iscrowd": 0} for number, line in enumerate(drawn, 1)]
        self._truth = COCO({"images": images, "annotations": numbered, "categories": categories})
        lines = [line for scene in truth for line in self._lines(scene, found[scene])]
        self._found = self._truth.loadRes(lines) if lines else None

    def of(self, scenes: Collection[str]) -> NDArray[np.float64]:
        """AP of each counted class over some of the scenes, shape (K,); COCO's mean over 101 levels of recall.

        A class that does not occur in them is nan.
        """
        if self._found is None:
            return np.zeros(len(self._classes))
        from faster_coco_eval import COCOeval_faster

        done = COCOeval_faster(self._truth, self._found, "bbox", print_function=_silent)
        done.params.iouThrs = np.array([OVERLAP])
        done.params.maxDets = [MOST_DETECTIONS]
        done.params.areaRng, done.params.areaRngLbl = [[0.0, 1e10]], ["all"]
        done.params.imgIds = [self._numbers[scene] for scene in scenes]
        done.params.catIds = [each + 1 for each in self._classes]
        done.evaluate()
        done.accumulate()
        precision = np.asarray(done.eval["precision"])[0, :, :, 0, 0]
        return np.where(precision.min(0) < 0, np.nan, precision.mean(0))

    def values(self) -> NDArray[np.float64]:
        """Leave-one-out values of each class and of their mean, shape (scenes, K + 1); each class is in two or more."""
        without = np.array([self.of([scene for scene in self.scenes if scene != left]) for left in self.scenes])
        return leave_one_out_values(_with_mean(self.of(self.scenes)), _with_mean(without))

    def _lines(self, scene: str, boxes: Boxes) -> list[dict[str, Any]]:
        left, top, right, bottom = boxes.corners.T if len(boxes.corners) else np.zeros((4, 0))
        sides = np.stack([left, top, right - left, bottom - top], axis=1)
        return [
            {
                "image_id": self._numbers[scene],
                "category_id": int(kind) + 1,
                "bbox": box.tolist(),
                "area": float(box[2] * box[3]),
                "score": float(score),
            }
            for box, kind, score in zip(sides, boxes.classes, boxes.scores, strict=True)
            if kind in self._classes
        ]


def _with_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([values, values.mean(-1, keepdims=True)], axis=-1)


def _silent(*words: object) -> None:
    """Nobody wants to know."""
