"""Which files make a pair, and what is said of those that do not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assay.config.errors import UserError
from smfnet.data.folder import images_in, pairs_in, stem_of

Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]
WritePairs = Callable[..., Path]


def test_pairs_come_in_the_order_of_their_names(write_pairs: WritePairs) -> None:
    root = write_pairs("train", ["b", "a10", "a2", "C"])
    assert [pair.name for pair in pairs_in(root / "train", "ir", "vi")] == ["C", "a10", "a2", "b"]


def test_partners_may_have_different_suffixes(tmp_path: Path, noise: Noise, write: Write) -> None:
    write(tmp_path / "thermal" / "1.BMP", noise(1))
    write(tmp_path / "colour" / "1.jpeg", noise(2, (24, 32, 3)))
    (pair,) = pairs_in(tmp_path, "thermal", "colour", "set/")
    assert (pair.name, pair.stem, pair.ir.name, pair.vi.name) == ("set/1", "1", "1.BMP", "1.jpeg")
    assert pair.read(training=True).ir.shape == (1, 24, 32)


def test_other_and_hidden_files_are_passed_over(write_pairs: WritePairs) -> None:
    root = write_pairs("train", "a")
    for name in ("Thumbs.db", "list.txt", "._a.png", ".DS_Store"):
        (root / "train" / "ir" / name).write_bytes(b"?")
    assert len(pairs_in(root / "train", "ir", "vi")) == 1


@pytest.mark.parametrize(("kept", "gone"), [("ir", "vi"), ("vi", "ir")])
def test_a_missing_partner_is_named(write_pairs: WritePairs, kept: str, gone: str) -> None:
    root = write_pairs("train", "abc")
    (root / "train" / gone / "b.png").unlink()
    with pytest.raises(UserError, match=rf"{kept}/b\.png has no partner: expected .*{gone}/b\.\*"):
        pairs_in(root / "train", "ir", "vi")


def test_several_missing_partners_are_counted(write_pairs: WritePairs) -> None:
    root = write_pairs("train", "abc")
    for name in "ab":
        (root / "train" / "vi" / f"{name}.png").unlink()
    with pytest.raises(UserError, match=r"a\.png has no partner \(and 1 more"):
        pairs_in(root / "train", "ir", "vi")


def test_a_missing_folder_is_named(write_pairs: WritePairs) -> None:
    root = write_pairs("train", "a")
    with pytest.raises(UserError, match=r"train/infrared; there is none"):
        pairs_in(root / "train", "infrared", "vi")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    for name in ("ir", "vi"):
        (tmp_path / name).mkdir()
    with pytest.raises(UserError, match=r"ir is empty"):
        pairs_in(tmp_path, "ir", "vi")


def test_what_a_folder_without_images_holds_is_told(tmp_path: Path) -> None:
    for name in ("a", "b.png", "c", "d"):
        (tmp_path / "ir" / name).mkdir(parents=True)
    with pytest.raises(UserError, match=r"ir holds no image, but a/, b\.png/, c/, \.\.\.: expected images"):
        images_in(tmp_path / "ir")
    (tmp_path / "ir" / "list.txt").write_text("")
    with pytest.raises(UserError, match=r"\.\.\. and 1 file: expected images"):
        images_in(tmp_path / "ir")


def test_a_folder_that_is_called_as_an_image_is_none(write_pairs: WritePairs) -> None:
    root = write_pairs("train", "a")
    (root / "train" / "ir" / "b.png").mkdir()
    assert [pair.name for pair in pairs_in(root / "train", "ir", "vi")] == ["a"]


def test_two_images_with_one_stem_are_named(write_pairs: WritePairs, noise: Noise, write: Write) -> None:
    root = write_pairs("train", "a")
    write(root / "train" / "vi" / "a.jpg", noise(1))
    with pytest.raises(UserError, match=r"a\.jpg and .*a\.png have one stem"):
        pairs_in(root / "train", "ir", "vi")


COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


@pytest.mark.shared
def test_partners_may_have_names_in_different_unicode_forms(shared: Path) -> None:
    folder = shared / "cases" / "nfd"
    (pair,) = pairs_in(folder, "ir", "vi")
    assert (pair.name, pair.stem) == (COMPOSED, COMPOSED)
    assert {pair.ir.stem, pair.vi.stem} == {COMPOSED, DECOMPOSED}
    assert pair.read(training=False).ir.shape[0] == 1


def test_two_images_that_differ_in_unicode_form_alone_are_told_apart(write_pairs: WritePairs) -> None:
    root = write_pairs("train", [COMPOSED, DECOMPOSED])
    with pytest.raises(UserError, match=r"differ only in their Unicode form \(cafe\\u0301 and caf\\xe9\): rename"):
        images_in(root / "train" / "ir")


def test_a_file_in_place_of_a_folder_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "ir").write_text("")
    with pytest.raises(UserError, match=r"folder of images at .*ir; this is a file"):
        images_in(tmp_path / "ir")
    with pytest.raises(UserError, match=r"folder of images at .*vi; there is none"):
        images_in(tmp_path / "vi")


def test_names_that_are_no_utf_8_are_refused(write_pairs: WritePairs) -> None:
    root = write_pairs("train", "a")
    image = os.fsencode(root / "train" / "ir" / "a.png")
    try:
        os.rename(image, image.replace(b"a.png", b"caf\xe9.png"))
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    with pytest.raises(UserError, match=r"expected a name in UTF-8; got .*caf\\udce9\.png: rename it"):
        pairs_in(root / "train", "ir", "vi")


def test_names_that_differ_in_case_are_two_where_the_file_system_says_so(write_pairs: WritePairs) -> None:
    root = write_pairs("train", ["a", "A"])
    if len(list((root / "train" / "ir").iterdir())) < 2:
        pytest.skip("this file system does not tell case apart")
    assert [pair.name for pair in pairs_in(root / "train", "ir", "vi")] == ["A", "a"]


def test_sizes_that_differ_are_told(tmp_path: Path, noise: Noise, write: Write) -> None:
    write(tmp_path / "ir" / "a.png", noise(1, (24, 32)))
    write(tmp_path / "vi" / "a.png", noise(2, (24, 33, 3)))
    (pair,) = pairs_in(tmp_path, "ir", "vi")
    with pytest.raises(UserError, match=r"32x24 pixels in .*ir/a\.png and 33x24 pixels in .*vi/a\.png"):
        pair.read(training=True)


@pytest.mark.parametrize(
    ("line", "stem"),
    [
        ("FLIR_1.jpg", "FLIR_1"),
        ("FLIR_1", "FLIR_1"),
        ("train/vi/FLIR_1.PNG", "FLIR_1"),
        ("v1.5.tif", "v1.5"),
        ("v1.5", "v1.5"),
        (" a.bmp ", "a"),
        ("dir\\b.jpeg", "b"),
        ("cafe\u0301.png", "caf\u00e9"),
        ("vi (1).png", "vi (1)"),
    ],
)
def test_a_list_may_name_files_or_stems(line: str, stem: str) -> None:
    assert stem_of(line) == stem
