"""`tasks` in process: a table of detection with its files, a plan of segmentation, one line for what is wrong."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image

from smfnet.cli.tasks import main
from smfnet.tasks.asked import asked
from tests.smfnet.tasks.conftest import SCENES

RETRAINED = ("detect", "--data=msrs", "--root=.", "--protocol=retrained")
Refused = Callable[..., str]


@pytest.fixture
def here(world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small data set is in the current folder, with a method that copies infrared."""
    monkeypatch.chdir(world)
    for part in ("train", "test"):
        shutil.copytree(world / "msrs" / part / "ir", world / "thermal" / part)
    return world


@pytest.fixture
def refused(here: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """The one line of an error."""

    def ran(*words: str) -> str:
        try:
            code: object = main(list(words))
        except SystemExit as error:
            code = error.code
        assert code == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    return ran


def test_detection_is_a_table_with_every_row_and_the_paper_s_below(
    here: Path, detector_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("faster_coco_eval")
    words = ["detect", "--data=msrs", "--root=.", f"--detector={detector_file}", "--fused", "Thermal=thermal"]
    assert main([*words, "--csv=t.csv", "--markdown=t.md", "--latex=t.tex"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    rows = ["visible image", "infrared image", "mean of both", "maximum of both", "stretched", "Thermal", "SwinFusion"]
    for text in (printed.out, Path("t.md").read_text(), Path("t.tex").read_text()):
        assert [row for row in rows if row not in text] == []
        assert "0.835" in text  # of the paper's own method
        assert "It is of M3FD, and the table above of MSRS: no number of it" in " ".join(text.split())
    with open("t.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["metric"] for line in lines} == {"Car", "mAP50"}
    assert len({line["AP"] for line in lines}) == 1  # this detector finds the same thing everywhere
    assert {float(line["difference"]) for line in lines if line["method"] == "Thermal"} == {0.0}


def test_a_plan_of_segmentation_names_what_would_be_trained(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("transformers")
    words = ["segment", "--data=msrs", "--root=.", "--fused", "Thermal=thermal", "--plan", "reader.width=4"]
    stages = {}
    for protocol in ("frozen", "retrained"):
        assert main([*words, f"--protocol={protocol}"]) == 0
        stages[protocol] = capsys.readouterr().out
    assert "Guardrail is left out: in 0 of the test pictures, expected 2 or more." in stages["frozen"]
    assert stages["frozen"] != stages["retrained"]
    assert not Path("runs").exists()


def test_a_plan_of_detection_names_what_would_be_trained(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("transformers")
    words = [*RETRAINED, "--boxes=boxes", "--fused", "Thermal=thermal", "--plan", "--preset=paper", "detector.width=4"]
    for part in ("train", "test"):
        shutil.copytree(here / "msrs" / part / "boxes" / "fusion", here / "boxes" / part)
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "Bicycle is left out: in 0 of the test pictures, expected 2 or more." in told
    assert [row for row in ("infrared_only", "max", "Thermal") if row not in told] == []
    assert not Path("runs").exists()


def test_a_set_without_training_pictures_is_one_line(refused: Refused, here: Path) -> None:
    shutil.rmtree(here / "msrs" / "train")
    for words in (RETRAINED, ("segment", "--data=msrs", "--root=.")):
        assert "msrs has no part train; expected train/ir and train/vi in it" in refused(*words)


@pytest.mark.parametrize("reader", [("segment",), ("segment", "--protocol=retrained"), ("detect", RETRAINED[-1])])
def test_a_picture_that_a_method_lacks_is_told_by_the_plan(refused: Refused, here: Path, reader: Sequence[str]) -> None:
    pytest.importorskip("transformers")
    words = (*reader, "--data=msrs", "--root=.", "--plan", "--fused", "Thermal=thermal")
    file = here / "thermal" / "test" / "00006N.png"
    with Image.open(file) as image:
        image.crop((0, 0, 40, 64)).save(file)
    assert "00006N.png has 40x64 pixels: expected 80x64" in refused(*words)
    file.unlink()
    assert "Thermal has no image of 00006N: expected one of every labelled test scene" in refused(*words)


def test_a_label_of_another_size_is_told_by_the_plan(refused: Refused, here: Path) -> None:
    pytest.importorskip("transformers")
    Image.new("L", (40, 64)).save("msrs/test/label/00006N.png")
    told = refused("segment", "--data=msrs", "--root=.", "--plan")
    assert "label/00006N.png has 40x64 pixels: expected 80x64, as " in told


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("images.data=m3fd", "images.data=m3fd: no word may change what rows are; give --data"),
        ("images.root=thermal", "images.root=thermal: no word may change what rows are; give --root DIR"),
        ("images.folders=['A=thermal']", "no word may change what rows are; give --fused NAME=DIR"),
        ("images.boxes=thermal", "no word may change what rows are; give --boxes PLACE"),
        ("images.trained_on=infrared_only", "are; the rows are asked for by --protocol, --fused and --run"),
        ("images={read: infrared_only}", "images.read=infrared_only: no word may change what rows are; the rows are"),
        ("note=mine", "note=mine: no word may change what rows are; what is left out stands in it"),
    ],
)
def test_a_word_that_would_make_rows_untrue_is_refused(refused: Refused, word: str, told: str) -> None:
    pytest.importorskip("transformers")
    assert told in refused(*RETRAINED, "--plan", word)


def test_a_file_of_values_does_not_change_what_rows_are(here: Path) -> None:
    pytest.importorskip("transformers")
    from smfnet.tasks.segmentation.study import SegmentationStudy

    Path("base.yaml").write_text("images: {trained_on: infrared_only, read: mean, shrink: 2}\n")
    study = SegmentationStudy()
    with asked(study.suite_of, "frozen", "msrs", Path(), (), None, (), plan=True) as found:
        images = study.schema.compose(study.schema.words(found.values), base=Path("base.yaml")).images
    assert (images.trained_on, images.read, images.shrink) == ("visible_only", "visible_only", 2)


def test_what_is_read_is_never_written_over(refused: Refused, detector_file: Path) -> None:
    label = Path("msrs/test/boxes/fusion/00004D.txt")
    before = label.read_bytes(), detector_file.read_bytes()
    words = ("detect", "--data=msrs", "--root=.", f"--detector={detector_file}", "--force")
    assert refused(*words, f"--csv={label}") == f"error: --csv {label}: expected another file; this one is read"
    assert "--latex" in refused(*words, f"--latex={detector_file}")
    assert (label.read_bytes(), detector_file.read_bytes()) == before


def test_boxes_without_a_category_or_a_right_one_are_one_line_that_says_so(
    refused: Refused, detector_file: Path
) -> None:
    words = ("detect", "--data=msrs", "--root=.", f"--detector={detector_file}", "--boxes=b.json")
    images = [{"id": n, "file_name": f"{name}.png"} for n, name in enumerate(SCENES["test"] + SCENES["train"])]
    Path("b.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    assert "expected a category or more; its list is empty" in refused(*words)
    boxes = [{"image_id": n, "category_id": category, "bbox": [1, 1, 5, 5]} for n, category in ((0, 9), (5, 1))]
    content = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "Car"}]}
    Path("b.json").write_text(json.dumps(content))
    assert "category 9" in refused(*words)
    pytest.importorskip("transformers")
    assert "category 9" in refused(*RETRAINED, "--boxes=b.json", "--plan")


def test_an_image_without_its_partner_is_told(
    here: Path, detector_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("faster_coco_eval")
    Path("msrs/test/ir/00005D.png").unlink()
    assert main(["detect", "--data=msrs", "--root=.", f"--detector={detector_file}"]) == 0
    told = "test: images without one of the other spectrum are left out, 1, such as 00005D."
    assert told in " ".join(capsys.readouterr().out.split())
    pytest.importorskip("transformers")
    assert main(["segment", "--data=msrs", "--root=.", "--plan"]) == 0
    assert told in " ".join("".join(capsys.readouterr()).split())


def test_a_method_that_has_one_part_alone_is_told_of_the_other(refused: Refused, here: Path) -> None:
    shutil.rmtree("thermal/train")
    pytest.importorskip("transformers")
    line = refused(*RETRAINED, "--fused", "Thermal=thermal", "--plan")
    assert line.endswith(f"expected {here / 'thermal' / 'train'}, as {here / 'thermal'} has test/")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "the following arguments are required: task"),
        (("foo",), "invalid choice: 'foo' (choose from"),
        (("detect",), "detect: expected --data and --root; there is no --data and no --root"),
        (("segment", "--data=msrs"), "segment: expected --data and --root; there is no --root"),
        (("detect", "--data=msrs", "--root=.", "--seeds=3"), "--seeds is not of detect --protocol frozen"),
        (("detect", "--data=msrs", "--root=.", "a=b"), "detect --protocol frozen takes no configuration; got a=b"),
        ((*RETRAINED, "--csv=t.csv"), "--csv is not of detect --protocol retrained"),
        ((*RETRAINED, "--detector=d.onnx"), "--detector is not of detect --protocol retrained"),
        ((*RETRAINED, "--boxes=none"), "expected a folder of boxes at"),
        ((*RETRAINED, "detector.layer=dense"), "detector.layer: expected one of basic, bottleneck; got 'dense'"),
        (("detect", "--data=msrs", "--root=."), "expected the detector's ONNX file at weights/fastestdet_coco.onnx"),
        (("detect", "--data=msrs", "--root=.", "--against=visble image"), "visible image"),
        (("detect", "--data=msrs", "--root=none"), "expected a folder at none"),
        (("detect", "--data=msrs", "--root=.", "--fused", "thermal"), "expected NAME=DIR"),
        (("detect", "--data=msrs", "--root=.", "--rows", "ours"), "--rows belongs to --run RUN"),
        (("segment", "--data=msrs", "--root=.", "--probe"), "--probe belongs to a plan"),
        (("segment", "--data=msrs", "--root=.", "--fused", "visible image=thermal"), "that of a row without training"),
        (("segment", "--data=m3fd", "--root=."), "it has no labels of pixels"),
        (("segment", "--data=msrs", "--root=.", "--csv=t.csv"), "--csv is not of segment"),
        (("segment", "--data=msrs", "--root=.", "--boxes=b"), "--boxes is not of segment"),
        (("segment", "--data=msrs", "--root=.", "epochs"), "expected configuration, key=value; got epochs"),
        (("segment", "--data=msrs", "--root=.", "--run=none"), "none"),
    ],
)
def test_what_is_wrong_is_one_line(refused: Refused, words: tuple[str, ...], told: str) -> None:
    assert told in refused(*words)
