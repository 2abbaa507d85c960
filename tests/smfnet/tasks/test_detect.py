"""Detection in the images of several methods: what is counted, what is left out, what is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assay.config.errors import UserError
from smfnet.tasks.detection.boxes import Boxes, Truth
from smfnet.tasks.detection.classes import COCO
from smfnet.tasks.detection.detect import compared
from smfnet.tasks.given import images_given, known_scenes
from smfnet.tasks.images import Images

pytest.importorskip("faster_coco_eval")


class Bright:
    """Finds one car: what is bright."""

    classes, title = COCO, "a threshold"

    def __call__(self, image: Any) -> Boxes:
        rows, columns = np.nonzero(image > 100)
        if not len(rows):
            return Boxes.of([], [])
        corners = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Boxes(np.array([corners], dtype=float), np.array([COCO.index("car")]), np.array([0.7]))


def _truth(scenes: dict[str, Any]) -> Truth:
    cars = {name: Boxes.of([[8 + 4 * n, 24, 32 + 4 * n, 40]], [1]) for n, name in enumerate(scenes)}
    return Truth(("Person", "Car", "Lamp"), cars, ("1 label is no box.",))


def _compared(world: Path, truth: Truth, methods: list[Images] | None = None) -> Any:
    known, scenes = known_scenes("msrs", world, "test")
    methods = methods or images_given(known, (), None, (), "test", "rgb")
    return compared("MSRS", methods, scenes, truth, Bright())  # type: ignore[arg-type]


def test_a_detector_that_finds_what_is_bright_tells_visible_from_infrared(world: Path) -> None:
    done = _compared(world, _truth(known_scenes("msrs", world, "test")[1]))
    table = done.table("visible image")
    assert [metric.name for metric in done.metrics] == ["Car", "mAP50"]
    assert [metric.effective_samples for metric in done.metrics] == [4, 4]  # each picture has one car
    assert table.cell("MSRS", "visible image", "Car")["mean"] == pytest.approx(1)
    assert table.cell("MSRS", "infrared image", "mAP50")["mean"] == 0
    assert table.cell("MSRS", "infrared image", "Car")["difference"] == pytest.approx(-1)
    assert table.title("MSRS") == "MSRS: AP@.5 over 4 images"


def test_classes_that_cannot_be_counted_are_told(world: Path) -> None:
    told = _compared(world, _truth(known_scenes("msrs", world, "test")[1])).notes
    assert told[:3] == (
        "1 label is no box.",
        "Person is left out: boxes in 0 pictures, expected 2 or more.",
        "Lamp is left out: the detector has no such class.",
    )


def test_pictures_without_boxes_or_without_an_image_of_a_method_are_left_out_for_all(world: Path) -> None:
    scenes = known_scenes("msrs", world, "test")[1]
    truth = _truth(scenes)
    boxes = {name: each for name, each in truth.boxes.items() if name != "00004D"}
    known, _ = known_scenes("msrs", world, "test")
    methods = images_given(known, (), None, (), "test", "rgb")
    methods.append(Images("Half", methods[0].read, frozenset(scenes) - {"00007N"}))
    done = _compared(world, replace(truth, boxes=boxes), methods)
    assert set(done.values["sample"]) == {"00005D", "00006N"}
    assert "1 picture without a file of boxes left out, such as 00004D." in done.notes
    assert "Half lacks 1 picture, left out for all, such as 00007N." in done.notes


def test_too_few_pictures_or_no_class_is_one_line(world: Path) -> None:
    truth = _truth(known_scenes("msrs", world, "test")[1])
    one = {"00004D": truth.boxes["00004D"]}
    with pytest.raises(UserError, match="expected 2 pictures or more with boxes and an image of every method; got 1"):
        _compared(world, replace(truth, boxes=one))
    with pytest.raises(UserError, match="no class is left of Lamp, Cone, Person"):
        _compared(world, replace(truth, classes=("Lamp", "Cone", "Person")))


def test_an_image_of_another_size_than_the_visible_one_is_refused_before_anything_is_read(world: Path) -> None:
    known, scenes = known_scenes("msrs", world, "test")
    half = world / "half"
    half.mkdir()
    for name, scene in scenes.items():
        with Image.open(scene.vi) as image:
            (image.reduce(2) if name == "00007N" else image).save(half / f"{name}.png")
    methods = images_given(known, [f"Half={half}"], None, (), "test", "rgb")
    unread = [replace(each, read=lambda scene: pytest.fail(f"{scene.name} is read")) for each in methods]
    with pytest.raises(UserError, match=r"half/00007N.png has 40x32 pixels: expected 80x64, as .*vi/00007N.png has"):
        _compared(world, _truth(scenes), unread)
    (half / "00007N.png").write_bytes(scenes["00007N"].vi.read_bytes())
    (half / "00004D.png").unlink()  # a picture that is left out may have any size
    Image.new("L", (40, 64)).save(scenes["00004D"].ir)
    methods = [methods[0], *images_given(known, [f"Half={half}"], None, (), "test", "rgb")[-1:]]
    assert set(_compared(world, _truth(scenes), methods).values["sample"]) == {*scenes} - {"00004D"}
    with pytest.raises(UserError, match=r"ir/00004D.png has 40x64 pixels: expected 80x64"):
        _compared(world, _truth(scenes), unread[:-1])


def test_classes_that_coco_has_as_one_are_counted_as_one(world: Path) -> None:
    scenes = known_scenes("msrs", world, "test")[1]
    cars = enumerate(_truth(scenes).boxes.items())
    kinds = {name: replace(each, classes=np.array([2 * (number % 2)])) for number, (name, each) in cars}
    done = _compared(world, Truth(("car", "Lamp", "Car", "Cone"), kinds, ()))
    assert done.notes[:3] == (
        "car and Car are one class of COCO's, and counted as car.",
        "Lamp is left out: the detector has no such class.",
        "Cone is left out: the detector has no such class.",
    )
    assert [metric.name for metric in done.metrics] == ["car", "mAP50"]
    table = done.table("visible image")
    assert table.cell("MSRS", "visible image", "mAP50")["mean"] == pytest.approx(1)
