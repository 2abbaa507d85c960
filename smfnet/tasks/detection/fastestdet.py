"""FastestDet (github.com/dog-qiuqiu/FastestDet) as an ONNX file: a small detector of COCO's classes, as it is.

The file has one output of 85 numbers for each cell of a grid: how much of an object is there, four of its box, and 80
of its class. Image and numbers are taken as its author's own example takes them: the image resized to the network's
square whatever its shape, channels blue, green, red; no letterbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assay.config.errors import UserError, one_line
from smfnet.tasks.detection.boxes import Boxes
from smfnet.tasks.detection.classes import COCO

__all__ = ["FastestDet"]

LEAST_SCORE = 0.001  # AP looks at the whole order of the detections, not only at those that one would show
MOST_OVERLAP = 0.45  # of two boxes of one class: the surer one is kept


class FastestDet:
    """The detector.

    Args:
        file: the ONNX file.

    Attributes:
        classes: what it can find, in the order of its numbers.
        title: for tables.

    Raises:
        UserError: the file is not there, is no ONNX, or has other inputs and outputs.
    """

    classes = COCO
    title = "FastestDet, trained on COCO, frozen"

    def __init__(self, file: Path) -> None:
        import onnxruntime

        if not file.is_file():
            raise UserError(f"expected the detector's ONNX file at {file}; there is none (--detector FILE)")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3  # one thread: the same numbers everywhere
        try:
            self._session: Any = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
            self._size = self._looked_at(file)
        except UserError:
            raise
        except Exception as error:  # onnxruntime's own kinds, which it does not export
            raise UserError(f"{file} is no detector that can be read: {one_line(str(error), most=200)}") from error

    def __call__(self, image: NDArray[np.uint8]) -> Boxes:
        """What it finds.

        Args:
            image: (H, W) or (H, W, 3) RGB.

        Returns:
            Every box with a score of 0.001 or more that no surer one of its class overlaps.
        """
        height, width = self._size
        colour = Image.fromarray(image).convert("RGB").resize((width, height), Image.Resampling.BOX)
        pixels = np.asarray(colour, dtype=np.float32)[..., ::-1].transpose(2, 0, 1) / np.float32(255)
        found = _decoded(self._cells(pixels[None])[0].astype(np.float64))
        return _kept(Boxes(found.corners * np.tile(image.shape[1::-1], 2), found.classes, found.scores))

    def _looked_at(self, file: Path) -> tuple[int, int]:
        """Height and width that it reads, once it has read a black image."""
        shapes = [list(each.shape) for each in self._session.get_inputs()]
        if len(shapes) != 1 or not _is_one_image(shapes[0]):
            read = one_line(", ".join(map(str, shapes)), most=100)
            raise UserError(f"{file}: expected FastestDet, which reads numbers [1, 3, height, width]; it reads {read}")
        height, width = shapes[0][2:]
        given = self._cells(np.zeros((1, 3, height, width), dtype=np.float32)).shape
        if len(given) != 4 or given[:2] != (1, 5 + len(COCO)):
            raise UserError(f"{file}: expected FastestDet, with {5 + len(COCO)} numbers a cell; it gives {list(given)}")
        return height, width

    def _cells(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        (cells,) = self._session.run(None, {self._session.get_inputs()[0].name: images})
        return np.asarray(cells)


def _is_one_image(shape: Sequence[Any]) -> bool:
    """Whether it is a batch of one, or of any number, of three channels and of a size that is said."""
    if len(shape) != 4:
        return False
    any_number = not isinstance(shape[0], int)
    return (any_number or shape[0] == 1) and shape[1] == 3 and all(isinstance(side, int) for side in shape[2:])


def _decoded(cells: NDArray[np.float64]) -> Boxes:
    """Boxes of all cells in shares of the image, from (85, rows, columns)."""
    rows, columns = cells.shape[1:]
    objectness, box, kinds = cells[0], cells[1:5], cells[5:]
    scores = objectness.clip(0) ** 0.6 * kinds.max(0).clip(0) ** 0.4
    y, x = np.mgrid[:rows, :columns]
    centre = np.stack([(x + np.tanh(box[0])) / columns, (y + np.tanh(box[1])) / rows])
    half = 0.5 / (1 + np.exp(-box[2:]))
    corners = np.concatenate([centre - half, centre + half]).clip(0, 1)
    found = (scores >= LEAST_SCORE) & (corners[2] > corners[0]) & (corners[3] > corners[1])
    return Boxes(corners[:, found].T, kinds.argmax(0)[found], scores[found])


def _kept(boxes: Boxes) -> Boxes:
    """Of boxes of one class that overlap, the surest (greedy non-maximum suppression)."""
    waiting = np.argsort(-boxes.scores, kind="stable")
    kept: list[int] = []
    while len(waiting):
        first, others = waiting[0], waiting[1:]
        kept.append(int(first))
        same = boxes.classes[others] == boxes.classes[first]
        waiting = others[~(same & (_overlaps(boxes.corners[first], boxes.corners[others]) > MOST_OVERLAP))]
    return Boxes(boxes.corners[kept], boxes.classes[kept], boxes.scores[kept])


def _overlaps(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union."""
    sides = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    shared = sides.clip(0).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1) + (one[2:] - one[:2]).prod()
    return np.asarray(shared / (areas - shared))
