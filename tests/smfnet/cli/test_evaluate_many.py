"""`evaluate` for several methods and data sets: what is measured together, and one line for whatever is odd."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smfnet.cli.evaluate import main
from smfnet.data.lists import read_list

Run = Callable[..., str]


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four pairs; one and two are methods, two lacks the last image; pmgi and did have a folder of each set."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for stem in "abcd":
        ir, vi = (rng.integers(0, 256, (30, 40)).astype(np.float64) for _ in range(2))
        noise = rng.normal(0, 4, (30, 40))
        of = {"ir": ir, "vi": vi, "one": (ir + vi) / 2, "two": np.maximum(ir, vi), "three": (ir + vi) / 2 + noise}
        for folder, image in of.items():
            Path(folder).mkdir(exist_ok=True)
            if (folder, stem) != ("two", "d"):
                Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(f"{folder}/{stem}.png")
    for name in ("tno", "roadscene"):
        shutil.copytree("ir", f"sets/{name}/test/ir")
        shutil.copytree("vi", f"sets/{name}/test/vi")
        shutil.copytree("one", f"pmgi/{name}")
    shutil.copytree("two", "did/TNO")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command's output as one line; it ends well."""

    def ran(*words: str) -> str:
        assert main([*words, "--metrics=EN,SD,MSE"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return " ".join(printed.out.split())

    return ran


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """The one line of an error; nothing is printed beside it."""

    def ran(*words: str) -> str:
        assert _code(words) == 2
        printed = capsys.readouterr()
        (line,) = printed.err.splitlines()
        assert line.startswith("error: ")
        return line

    return ran


def _code(words: tuple[str, ...]) -> object:
    try:
        return main(list(words))
    except SystemExit as error:
        return error.code


SOURCES = ("--ir=ir", "--vi=vi")
TWO = (*SOURCES, "--fused", "One=one", "Two=two")


def _rows(path: str) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_several_methods_are_measured_over_the_images_that_all_have(run: Run) -> None:
    out = run(*TWO, "--against=One", "--csv=v.csv", "--markdown=t.md", "--latex=t.tex", "--figure=f.svg")
    assert "3 of 4 fused images are there of every method, the others are left out for all: Two lacks 1 (d)." in out
    rows = _rows("v.csv")
    assert list(rows[0]) == ["method", "name", "EN", "SD", "MSE"]
    assert [(row["method"], row["name"]) for row in rows] == [(m, n) for m in ("One", "Two") for n in "abc"]
    mean = np.mean([float(row["SD"]) for row in rows if row["method"] == "Two"])
    assert f"{mean:.4f}" in out
    assert f"{mean:.4f}" in Path("t.md").read_text()
    assert f"{mean:.4f}" in Path("t.tex").read_text()
    assert Path("f.svg").stat().st_size > 1000


def test_the_method_that_costs_most_images_is_told(run: Run) -> None:
    Path("two/a.png").unlink()
    out = run(*SOURCES, "--fused", "One=one", "Two=two", "Three=three")
    assert "2 of 4 fused images are there of every method" in out
    assert "Two lacks 2 (a); without Two 4 would be." in out


def test_a_method_measures_what_it_measures_alone(run: Run) -> None:
    run(*TWO, "--csv=both.csv")
    run(*SOURCES, "--fused", "two", "--csv=alone.csv")
    both = [{k: v for k, v in row.items() if k != "method"} for row in _rows("both.csv") if row["method"] == "Two"]
    assert both == _rows("alone.csv")


def test_processes_do_not_show_in_the_numbers(run: Run) -> None:
    run(*TWO, "--csv=one.csv", "--workers=1")
    run(*TWO, "--csv=two.csv", "--workers=2")
    assert Path("one.csv").read_text() == Path("two.csv").read_text()


def test_data_sets_by_name_stand_beside_the_papers_numbers(run: Run) -> None:
    out = run(
        *("--data", "tno", "roadscene", "--root=sets", "--fused", "PMGI=pmgi", "DIDFuse=did"),
        *("--csv=v.csv", "--markdown=t.md"),
    )
    assert "RoadScene: no folder roadscene of DIDFuse" in out
    assert "PMGI, TNO: 0 of 2 printed numbers within 0.5 %, over 4 images, in print 25" in out
    rows = _rows("v.csv")
    assert list(rows[0]) == ["data", "method", "name", "compared", "EN", "SD", "MSE"]
    assert [row["compared"] for row in rows if row["data"] == "TNO"] == ["yes", "yes", "yes", "no", "yes", "yes", "yes"]
    text = Path("t.md").read_text()
    assert "**TNO: mean over 3 images**" in text
    assert "**RoadScene: mean over 4 images**" in text
    assert "| PMGI, here (4) |" in text
    assert "| in print | 6.9519 | 35.8320 |" in text


def test_a_copy_of_roadscene_without_parts_is_measured_on_its_test_list(run: Run) -> None:
    for folder in ("RoadScene/cropinfrared", "RoadScene/crop_LR_visible", "out"):
        Path(folder).mkdir(parents=True)
    for stem, name in zip("abcd", ("FLIR_00977", "FLIR_08526", "FLIR_09465", "no_test_pair"), strict=True):
        for kind, folder in (("ir", "RoadScene/cropinfrared"), ("vi", "RoadScene/crop_LR_visible"), ("one", "out")):
            shutil.copy(f"{kind}/{stem}.png", f"{folder}/{name}.png")
    known = {path.stem for path in Path("out").iterdir()} & set(read_list(Path(), "roadscene_test.txt").stems)
    out = run("--data", "roadscene", "--root=.", "--fused", "Mine=out")
    assert f"RoadScene: {len(known)} pairs in RoadScene/cropinfrared and RoadScene/crop_LR_visible" in out
    assert 1 <= len(known) < 4
    assert "RoadScene: 4 pairs" in run("--data", "roadscene", "--root=RoadScene", "--part=all", "--fused", "Mine=out")


def test_one_data_set_may_be_given_by_its_own_folder(run: Run) -> None:
    out = run("--data", "TNO", "--root=sets/tno", "--fused", "Mine=one", "Two=two")
    assert "TNO: 4 pairs in sets/tno/test/ir and sets/tno/test/vi" in out


def test_names_with_a_suffix_and_other_layouts(run: Run) -> None:
    Path("flat").mkdir()
    for stem in "abc":
        for kind, end in (("ir", "ir"), ("vi", "vi"), ("one", "fused")):
            shutil.copy(f"{kind}/{stem}.png", f"flat/{stem}_{end}.png")
    run("--pairs=flat", "--fused", "flat", "--suffix=_fused", "--csv=flat.csv")
    run(*SOURCES, "--fused", "one", "--csv=plain.csv")
    assert _rows("flat.csv") == _rows("plain.csv")[:3]


def test_single_files_need_no_common_name(run: Run) -> None:
    shutil.copy("one/a.png", "result.png")
    run("--ir=ir/a.png", "--vi=vi/a.png", "--fused", "result.png", "--csv=file.csv")
    run(*SOURCES, "--fused", "one", "--csv=plain.csv")
    assert _rows("file.csv") == _rows("plain.csv")[:1]
    assert "not marked" in run("--ir=ir/a.png", "--vi=vi/a.png", "--fused", "A=result.png", "B=two/b.png")


def test_images_of_another_part_of_a_set_are_left_out_and_told(run: Run) -> None:
    for kind in ("ir", "vi"):
        Path(f"parts/{kind}/test").mkdir(parents=True)
        Path(f"parts/{kind}/train").mkdir()
        for stem in "abcd":
            shutil.copy(f"{kind}/{stem}.png", f"parts/{kind}/{'test' if stem in 'abc' else 'train'}/{stem}.png")
    out = run("--pairs=parts", "--fused", "One=one", "Three=three")
    assert "sources: parts/ir/test and parts/vi/test" in out
    assert "1 fused image of One left out: not of parts/ir/test and parts/vi/test, such as d.png." in out
    assert "mean over 4 images" in run("--pairs=parts", "--part=all", "--fused", "One=one", "Three=three").lower()


def _one_name() -> None:
    shutil.copy("one/a.png", "one/a.jpg")


def _no_image_in_common() -> None:
    for stem in "abc":
        Path(f"two/{stem}.png").unlink()
    shutil.copy("one/d.png", "two/d.png")
    Path("one/d.png").unlink()


def _another_size() -> None:
    Image.new("L", (40, 31)).save("two/b.png")


def _too_small() -> None:
    for seed, folder in enumerate(("ir", "vi", "one", "two")):
        pixels = np.random.default_rng(seed).integers(0, 256, (10, 16), dtype=np.uint8)
        Image.fromarray(pixels).save(f"{folder}/b.png")


def _damaged() -> None:
    Path("two/c.png").write_bytes(Path("two/c.png").read_bytes()[:100])


def _empty() -> None:
    shutil.rmtree("two")
    Path("two").mkdir()


def _stranger() -> None:
    shutil.copy("two/a.png", "two/zz.png")


def _equals() -> None:
    Path("One=one").mkdir()


DATA = ("--root=sets", "--fused", "P=pmgi", "D=did")


@pytest.mark.parametrize(
    ("before", "words", "told"),
    [
        (None, (*SOURCES, "--fused", "A=one", "--fused", "B=two"), "--fused is given twice: give all of them after"),
        (None, (*SOURCES, "--ir=vi", "--fused", "one"), "--ir is given twice"),
        (None, (*SOURCES, "--fused", "A=one", "A=two"), "the method A is given twice"),
        (None, (*SOURCES, "--fused", "A=one", "B=one"), "one is given twice"),
        (None, (*SOURCES, "--fused", "one", "two"), "each of several methods has a name: one=one, not one"),
        (None, (*SOURCES, "--fused", "=one"), "expected a name before the ="),
        (_equals, TWO, "there is One=one, and there is one: write ./One=one, or One=./one"),
        (None, (*SOURCES, "--fused", "A=nowhere", "B=one"), "expected a folder of images at nowhere; there is none"),
        (_empty, TWO, "two is empty: expected images"),
        (_one_name, TWO, "one/a.jpg and one/a.png have one stem"),
        (_no_image_in_common, TWO, "no image is there of every method (images: One 3, Two 1): leave one out, Two say"),
        (_another_size, TWO, "expected images of one size: two/b.png has 40x31 pixels, ir/b.png 40x30 pixels"),
        (_too_small, TWO, "one/b.png has 16x10 pixels: expected at least 17x17"),
        (_damaged, TWO, "two/c.png is damaged"),
        (_stranger, TWO, "two/zz.png lacks a source: expected ir/zz.*"),
        (None, ("--ir=ir", "--fused", "one"), "expected --ir and --vi, or --pairs, or --data and --root; got --ir"),
        (None, ("--fused", "one"), "got none of them"),
        (None, (*SOURCES, "--pairs=sets/tno", "--fused", "one"), "got --ir, --vi, --pairs"),
        (None, ("--data", "tno", "--fused", "P=pmgi"), "--data and --root belong together"),
        (None, (*SOURCES, "--root=sets", "--fused", "one"), "--data and --root belong together"),
        (None, (*SOURCES, "--part=test", "--fused", "one"), "--part is of a set with parts"),
        (None, ("--data", "tnp", *DATA), "unknown data set 'tnp'. Did you mean tno?"),
        (None, ("--data", "tno", "TNO", *DATA), "TNO is given twice"),
        (None, ("--data", "tno", "msrs", *DATA), "nothing in sets looks like msrs: expected there, or in msrs/"),
        (
            None,
            ("--data", "tno", "--root=sets", "--fused", "D=did", "--part=train"),
            "expected the part train; it has test",
        ),
        (None, ("--data", "roadscene", "tno", "--root=sets", "--fused", "D=did"), "no method has a folder roadscene"),
        (None, ("--pairs=one", "--fused", "two"), "--pairs one: expected ir/ and vi/"),
        (
            None,
            ("--pairs=one/a.png", "--fused", "two"),
            "expected the folder of a data set at one/a.png; this is a file",
        ),
        (None, ("--ir=ir/a.png", "--vi=vi", "--fused", "one"), "--ir ir/a.png is a file, and --vi none"),
        (None, ("--ir=ir/a.png", "--vi=vi/a.png", "--fused", "one"), "one is a folder: expected a fused image"),
        (None, (*SOURCES, "--fused", "one/a.png"), "one/a.png is a file: expected a folder of fused images"),
        (None, ("--ir=one", "--vi=./one", "--fused", "two"), "--ir and --vi are one folder"),
        (None, (*SOURCES, "--fused", "one", "--suffix=_fused"), "no image in one ends with _fused: it has a.png"),
        (None, (*TWO, "--against=Ones"), "unknown method for --against 'Ones'. Did you mean One?"),
        (None, (*SOURCES, "--fused", "one", "--against=one"), "there is one method without a name"),
        (None, (*SOURCES, "--fused", "A=one", "--against=A"), "it is the only method"),
        (None, (*TWO, "--figure=f.gif"), "expected a name that ends with .png, .pdf or .svg"),
        (None, (*TWO, "--csv=x", "--markdown=./x"), "--csv and --markdown are one file"),
        (None, (*TWO, "--csv=one"), "this is a folder"),
        (None, (*TWO, "--workers=0"), "expected a whole number from 1 to 1024; got '0'"),
        (None, (*TWO, "--metrics=EN,Nope"), "unknown metric 'Nope'"),
    ],
)
def test_an_odd_input_is_one_line(
    refused: Run, before: Callable[[], None] | None, words: tuple[str, ...], told: str
) -> None:
    if before:
        before()
    assert told in refused(*words)
