"""Boxes as tensors that can be batched, what a training does to them at random, and back to boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from smfnet.tasks.detection.average_precision import MOST_DETECTIONS
from smfnet.tasks.detection.boxes import Boxes

__all__ = ["found_in", "labels_of", "mirrored", "padded", "window"]

NOTHING = -1  # class of a line that is there so that all pictures have as many


def padded(boxes: Sequence[Boxes], frame: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Boxes of some pictures, each picture with as many lines as the one with most.

    Args:
        boxes: of each picture.
        frame: height and width that the shares are of, in the boxes' pixels.

    Returns:
        (N, M, 4) left, top, right, bottom in shares of the frame, and (N, M) classes, -1 where there is no box.
    """
    most = max(1, *(len(each.classes) for each in boxes))
    corners, classes = torch.zeros(len(boxes), most, 4), torch.full((len(boxes), most), NOTHING)
    sides = np.array([frame[1], frame[0]] * 2)
    for place, each in enumerate(boxes):
        corners[place, : len(each.classes)] = torch.from_numpy(each.corners / sides)
        classes[place, : len(each.classes)] = torch.from_numpy(each.classes)
    return corners, classes


def labels_of(corners: Tensor, classes: Tensor) -> list[dict[str, Tensor]]:
    """What transformers wants to know of each picture: classes, and boxes by their centre, width and height."""
    least, most = corners[..., :2], corners[..., 2:]
    boxes = torch.cat([(least + most) / 2, most - least], -1)
    there = classes != NOTHING
    return [
        {"class_labels": kinds[some], "boxes": placed[some]}
        for placed, kinds, some in zip(boxes, classes, there, strict=True)
    ]


def mirrored(images: Tensor, corners: Tensor, flip: Tensor) -> tuple[Tensor, Tensor]:
    """Images (B, C, H, W) and their boxes, left and right exchanged where `flip` (B,) says so."""
    left, top, right, bottom = corners.unbind(-1)
    turned = torch.stack([1 - right, top, 1 - left, bottom], -1)
    return (
        torch.where(flip[:, None, None, None], images.flip(-1), images),
        torch.where(flip[:, None, None], turned, corners),
    )


def window(
    images: Tensor, corners: Tensor, classes: Tensor, place: tuple[int, int], size: tuple[int, int]
) -> tuple[Tensor, Tensor, Tensor]:
    """A part of all images, enlarged to their size; of its objects those whose middle is in it, cut at its edge.

    Args:
        images: (B, C, H, W) floating.
        corners, classes: see `padded`.
        place: its top and left, in pixels.
        size: its height and width.
    """
    sides = torch.tensor(images.shape[-2:], device=images.device).flip(0)
    start, extent = (torch.tensor(each[::-1], device=images.device) / sides for each in (place, size))
    cut = images[..., place[0] : place[0] + size[0], place[1] : place[1] + size[1]]
    enlarged = F.interpolate(cut, size=tuple(images.shape[-2:]), mode="bilinear", align_corners=False)
    moved = (corners - start.repeat(2)) / extent.repeat(2)
    middle = (moved[..., :2] + moved[..., 2:]) / 2
    inside = ((middle > 0) & (middle < 1)).all(-1)
    return enlarged, moved.clamp(0, 1), torch.where(inside, classes, NOTHING)


def found_in(scores: Tensor, boxes: Tensor, frame: tuple[int, int], size: tuple[int, int]) -> Boxes:
    """The surest pairs of a box and a class of one picture, in its pixels.

    Args:
        scores: (queries, classes) before the sigmoid.
        boxes: (queries, 4) centre, width and height in shares of the frame.
        frame: see `padded`.
        size: height and width of the picture, which is not more.
    """
    best = scores.flatten().topk(min(MOST_DETECTIONS, scores.numel()))
    middle, half = boxes[:, :2], boxes[:, 2:] / 2
    sides, edge = (np.array([each[1], each[0]] * 2) for each in (frame, size))
    corners = torch.cat([middle - half, middle + half], -1).double().cpu().numpy() * sides
    queries, classes = np.divmod(best.indices.cpu().numpy(), scores.shape[1])
    found = corners[queries].clip(0, edge)
    there = (found[:, 2:] > found[:, :2]).all(-1)
    return Boxes(found[there], classes[there], best.values.sigmoid().double().cpu().numpy()[there])
