"""Which classes a data set has, where it keeps their boxes, and what a detector trained on COCO calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.metric import Metric

__all__ = ["BOXED", "COCO", "CONVENTION", "FEWEST_PICTURES", "MEAN", "METRICS", "Boxed", "coco_name"]

MEAN = "mAP50"
CONVENTION = "area under precision over 101 levels of recall (COCO), overlap of 0.5 or more"
FEWEST_PICTURES = 2  # of a class: with one picture nobody knows what another would have given

_COCO = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag,
tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard,
tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot,
hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote,
keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
hair drier, toothbrush
"""
COCO = tuple(name.strip() for name in _COCO.split(","))
"""The 80 classes, in the order of their numbers."""

_ALSO = {
    "people": "person",
    "pedestrian": "person",
    "bike": "bicycle",
    "motor": "motorcycle",
    "motorbike": "motorcycle",
}


@dataclass(frozen=True)
class Boxed:
    """A data set with boxes.

    Attributes:
        folders: where a part keeps YOLO's files, the first that is there.
        classes: by the numbers in these files, called as in the paper's Table 2.
    """

    folders: tuple[str, ...]
    classes: tuple[str, ...]


BOXED: Mapping[str, Boxed] = {
    "msrs": Boxed(("boxes/fusion", "boxes", "labels"), ("Person", "Bicycle", "Car")),
    "m3fd": Boxed(("label", "labels", "boxes"), ("People", "Car", "Bus", "Lamp", "Motor", "Truck")),
}

METRICS = (
    *(
        Metric(name, convention=CONVENTION, decimals=3)
        for name in dict.fromkeys(name for boxed in BOXED.values() for name in boxed.classes)
    ),
    Metric(MEAN, convention="mean over the classes that are counted", decimals=3),
)
"""AP of every class of every set, and the mean."""


def coco_name(name: str) -> str | None:
    """COCO's name of a class; None if COCO has no such class: a lamp, say."""
    plain = name.strip().lower()
    plain = _ALSO.get(plain, plain)
    return plain if plain in COCO else None
