"""The layouts of data sets and tools, and what is told where none or several fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.config.errors import UserError
from smfnet.methods.layout import sources_in, sources_of


def _files(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return folder


@pytest.mark.parametrize(
    ("ir", "vi"),
    [
        ("ir", "vi"),
        ("infrared", "visible"),
        ("Inf", "Vis"),
        ("IR", "VIS"),
        ("thermal", "rgb"),
        ("cropinfrared", "crop_LR_visible"),
    ],
)
def test_two_folders_beside_each_other(tmp_path: Path, ir: str, vi: str) -> None:
    _files(tmp_path, f"{ir}/a.png", f"{ir}/b.png", f"{vi}/a.jpg", f"{vi}/c.jpg", "README.md", "Label/a.png")
    found = sources_in(tmp_path)
    assert found.scenes == ("a",)
    assert (found.ir["a"], found.vi["a"]) == (tmp_path / ir / "a.png", tmp_path / vi / "a.jpg")
    assert found.words == f"{tmp_path / ir} and {tmp_path / vi}"


@pytest.mark.parametrize("form", ["{part}/{kind}", "{kind}/{part}"])
def test_parts_above_or_below(tmp_path: Path, form: str) -> None:
    """MSRS has test/ir, LLVIP infrared/test."""
    for part, name in (("test", "a"), ("train", "b")):
        for kind in ("infrared", "visible"):
            _files(tmp_path, f"{form.format(part=part, kind=kind)}/{name}.jpg")
    assert (sources_in(tmp_path).scenes, sources_in(tmp_path).part) == (("a",), "test")
    assert sources_in(tmp_path, "train").scenes == ("b",)
    every = sources_in(tmp_path, "all")
    assert (sorted(every.scenes), every.words) == (["a", "b"], f"every part of {tmp_path}")
    with pytest.raises(UserError, match="expected the part val; it has test, train: --part says which"):
        sources_in(tmp_path, "val")


def test_a_single_part_needs_no_word(tmp_path: Path) -> None:
    assert sources_in(_files(tmp_path, "train/ir/a.png", "train/vi/a.png")).part == "train"


def test_one_folder_by_the_ends_of_the_names(tmp_path: Path) -> None:
    _files(tmp_path, "FLIR_00006_ir.png", "FLIR_00006_vi.jpg", "b-IR.png", "b-VIS.png", "b_fused.png", "lone_ir.png")
    found = sources_in(tmp_path)
    assert found.scenes == ("FLIR_00006", "b")
    assert found.ir["b"] == tmp_path / "b-IR.png"


def _both(tmp_path: Path) -> Path:
    return _files(tmp_path, "ir/a.png", "vi/a.png", "infrared/a.png", "visible/a.png")


def _mixed(tmp_path: Path) -> Path:
    return _files(tmp_path, "ir/a.png", "vi/a.png", "test/ir/a.png", "test/vi/a.png")


def _mixed_ends(tmp_path: Path) -> Path:
    return _files(tmp_path, "ir/a.png", "vi/a.png", "a_ir.png", "a_vi.png")


@pytest.mark.parametrize("make", [_both, _mixed, _mixed_ends])
def test_several_that_fit_are_told(tmp_path: Path, make: object) -> None:
    folder = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(UserError, match="more than one pair of folders fits") as error:
        sources_in(folder)
    assert f"{tmp_path / 'ir'} and {tmp_path / 'vi'}; " in str(error.value)
    assert "give one by --ir and --vi" in str(error.value)


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ((), "it holds nothing"),
        (("ir/a.png", "pictures/a.png", "x.txt"), "it holds ir/, pictures/, 1 file"),
        (("ir/notes.txt", "vi/a.png"), "it holds ir/, vi/"),
        (("a.png", "b.png"), "it holds 2 files"),
        (("ir/test/a.png", "vi/train/a.png"), "it holds ir/, vi/"),
        (tuple(f"f{n}/a.png" for n in range(9)), "f0/, f1/, f2/, f3/, f4/, f5/, 3 more folders"),
    ],
)
def test_what_is_seen_is_told_where_nothing_fits(tmp_path: Path, paths: tuple[str, ...], told: str) -> None:
    with pytest.raises(UserError, match="expected ir/ and vi/, infrared/ and visible/") as error:
        sources_in(_files(tmp_path, *paths))
    assert str(error.value).endswith(told)


def test_a_part_of_a_set_without_parts_is_told(tmp_path: Path) -> None:
    _files(tmp_path, "ir/a.png", "vi/a.png")
    assert sources_in(tmp_path, "all").scenes == ("a",)
    with pytest.raises(UserError, match="it has no part test, but all its images in"):
        sources_in(tmp_path, "test")


def test_one_name_in_two_parts_is_told(tmp_path: Path) -> None:
    _files(tmp_path, *(f"{part}/{kind}/a.png" for part in ("test", "train") for kind in ("ir", "vi")))
    with pytest.raises(UserError, match="have one name: give one part by --part"):
        sources_in(tmp_path, "all")


def test_a_missing_folder_and_a_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is none"):
        sources_in(tmp_path / "nowhere")
    with pytest.raises(UserError, match="this is a file"):
        sources_in(_files(tmp_path, "a.png") / "a.png")


def test_two_files_are_one_scene_whatever_their_names(tmp_path: Path) -> None:
    _files(tmp_path, "thermal.png", "colour.jpg", "vi/a.png")
    assert sources_of(tmp_path / "thermal.png", tmp_path / "colour.jpg").scenes == ("colour",)
    with pytest.raises(UserError, match=r"--ir .*thermal\.png is a file, and --vi none: expected two folders"):
        sources_of(tmp_path / "thermal.png", tmp_path / "vi")
    with pytest.raises(UserError, match=r"--vi .*thermal\.png is a file, and --ir none"):
        sources_of(tmp_path / "vi", tmp_path / "thermal.png")


@pytest.mark.shared
def test_llvips_own_layout(shared: Path) -> None:
    found = sources_in(shared / "cases" / "llvip")
    assert found.part == "test"
    assert found.ir_place == shared / "cases" / "llvip" / "infrared" / "test"
    assert len(found.scenes) == len(list(found.ir_place.iterdir()))
