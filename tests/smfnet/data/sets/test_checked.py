"""What `check` finds: parts and partners that are missing, images that cannot be used, pairs that are shifted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from assay.config.errors import UserError
from smfnet.data.lists import read_list
from smfnet.data.sets.checked import BROKEN, MISSING, SHIFTED, Checked, check_set
from smfnet.data.sets.known import KNOWN, KnownSet
from smfnet.data.sets.located import find, located

Write = Callable[[Path, np.ndarray], Path]
Noise = Callable[..., np.ndarray]


@pytest.fixture
def few() -> KnownSet:
    """MSRS, as if it had three training pairs and two test pairs."""
    known = KNOWN["msrs"]
    (ours,) = known.layouts
    train, test = ours.places
    return replace(known, layouts=(replace(ours, places=(replace(train, pairs=3), replace(test, pairs=2))),))


@pytest.fixture
def copy(write_pairs: Callable[..., Path]) -> Path:
    """A whole copy of it, in the folder above `msrs`."""
    write_pairs("msrs/train", "abc")
    return write_pairs("msrs/test", "xy")


def _checked(known: KnownSet, root: Path, *parts: str, offset: float | None = None) -> Checked:
    return check_set(known, located(known, root), parts, offset=offset)


def _words(checked: Checked, kind: str) -> list[str]:
    return [each.words for each in checked.findings if each.kind == kind]


def test_a_whole_copy_is_whole(few: KnownSet, copy: Path) -> None:
    checked = _checked(few, copy, offset=4.0)
    assert (checked.whole, checked.findings) == (True, ())
    assert [(part.place.part, part.pairs) for part in checked.parts] == [("train", 3), ("test", 2)]
    assert _checked(few, copy / "msrs").parts == checked.parts


def test_a_missing_pair_and_its_partner_are_told(few: KnownSet, copy: Path) -> None:
    (copy / "msrs/train/vi/b.png").unlink()
    checked = _checked(few, copy)
    assert not checked.whole
    assert _words(checked, MISSING) == [
        f"{copy}/msrs/train/vi/b.*, the partner of {copy}/msrs/train/ir/b.png",
        "train: 1 of 3 pairs",
    ]


def test_a_partner_whose_name_differs_in_case_is_told(few: KnownSet, copy: Path) -> None:
    """VIFB's peopleShadow is published so."""
    (copy / "msrs/test/vi/x.png").rename(copy / "msrs/test/vi/X.png")
    assert "X there differs in case alone: rename one" in _words(_checked(few, copy), MISSING)[0]


def test_a_missing_part_is_told_and_may_be_left_out(few: KnownSet, copy: Path) -> None:
    for kind in ("ir", "vi"):
        (copy / "msrs/train" / kind).rename(copy / f"elsewhere-{kind}")
    (copy / "msrs/train").rmdir()
    assert _words(_checked(few, copy), MISSING)[0].startswith("the part train, 3 pairs: neither ")
    assert _checked(few, copy, "test").whole
    with pytest.raises(UserError, match=r"has no part 'tset': expected train, test"):
        _checked(few, copy, "tset")


def test_one_folder_without_the_other_misses_every_partner(few: KnownSet, copy: Path) -> None:
    (copy / "msrs/test/vi").rename(copy / "vi")
    assert len(_words(_checked(few, copy), MISSING)) == 3


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_an_unreadable_image_is_told(few: KnownSet, copy: Path, content: bytes) -> None:
    (copy / "msrs/test/ir/x.png").write_bytes(content)
    (line,) = _words(_checked(few, copy), BROKEN)
    assert line.startswith(f"{copy}/msrs/test/ir/x.png is damaged")


def test_a_truncated_image_is_told(few: KnownSet, copy: Path) -> None:
    path = copy / "msrs/test/vi/y.png"
    path.write_bytes(path.read_bytes()[:-200])
    assert len(_words(_checked(few, copy), BROKEN)) == 1


def test_sizes_that_differ_are_told(few: KnownSet, copy: Path, write: Write, noise: Noise) -> None:
    write(copy / "msrs/train/ir/a.png", noise(1, (24, 30)))
    (line,) = _words(_checked(few, copy), BROKEN)
    assert "expected images of one size, got 30x24 pixels" in line


def test_an_image_below_what_the_metrics_need_is_told(few: KnownSet, copy: Path, write: Write, noise: Noise) -> None:
    for kind, seed in (("ir", 1), ("vi", 2)):
        write(copy / f"msrs/train/{kind}/a.png", noise(seed, (16, 40)))
    assert "has 40x16 pixels" in _words(_checked(few, copy), BROKEN)[0]


def test_one_image_under_both_names_is_told(few: KnownSet, copy: Path, write: Write, noise: Noise) -> None:
    for kind in ("ir", "vi"):
        write(copy / f"msrs/train/{kind}/a.png", noise(1))
    assert _words(_checked(few, copy), BROKEN)[0].endswith("hold one image")


def test_a_test_pair_that_is_trained_on_is_told(few: KnownSet, copy: Path) -> None:
    for kind in ("ir", "vi"):
        (copy / f"msrs/train/{kind}/a.png").write_bytes((copy / f"msrs/test/{kind}/x.png").read_bytes())
    (line,) = _words(_checked(few, copy), BROKEN)
    assert line == f"the training pair {copy}/msrs/train/vi/a.png is the test pair {copy}/msrs/test/vi/x.png"


def test_two_images_of_one_stem_are_told(few: KnownSet, copy: Path, write: Write, noise: Noise) -> None:
    write(copy / "msrs/train/ir/a.bmp", noise(1))
    assert "have one stem" in _words(_checked(few, copy), BROKEN)[0]


def test_other_files_are_nobodys(few: KnownSet, copy: Path) -> None:
    for name in (".hidden.png", "Thumbs.db", "notes.txt"):
        (copy / "msrs/train/ir" / name).write_bytes(b"x")
    (copy / "msrs/train/ir/folder.png").mkdir()
    assert _words(_checked(few, copy), MISSING) == [
        f"{copy}/msrs/train/vi/folder.*, the partner of {copy}/msrs/train/ir/folder.png"
    ]


def test_a_shifted_pair_is_told_and_breaks_nothing(few: KnownSet, copy: Path, write: Write) -> None:
    rough = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(160, 160)), 5)
    scene = (60 * np.digitize(rough, np.quantile(rough, [0.25, 0.5, 0.75]))).astype(np.uint8)
    write(copy / "msrs/test/ir/x.png", scene[20:140, 20:140])
    write(copy / "msrs/test/vi/x.png", 255 - scene[14:134, 23:143])
    checked = _checked(few, copy, offset=4.0)
    assert _words(checked, SHIFTED) == [
        f"{copy}/msrs/test/vi/x.png is shifted against x.png by 6 px down and 3 px left"
    ]
    assert checked.whole
    assert _checked(few, copy, offset=8.0).findings == ()
    assert _checked(few, copy, offset=None).findings == ()


def test_listed_names_are_missed_by_name(write_pairs: Callable[..., Path]) -> None:
    names = read_list(Path(), "roadscene_test.txt").stems
    write_pairs("train", read_list(Path(), "roadscene_train.txt").stems[:2])
    root = write_pairs("test", names[1:])
    checked = _checked(KNOWN["roadscene"], root, "test")
    assert _words(checked, MISSING) == [f"test: the pair {names[0]}"]


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("roadscene", ("cropinfrared", "crop_LR_visible")),
        ("llvip", ("infrared/train", "visible/train")),
        ("m3fd", ("M3FD_Detection/Ir", "M3FD_Detection/Vis")),
        ("m3fd", ("m3fd_fusion/ir", "m3fd_fusion/VIS")),
        ("harvard_pet", ("PET-MRI/MRI", "PET-MRI/PET")),
        ("harvard_ct", ("MRI_CT/MRI", "MRI_CT/CT")),
        ("vifb", ("input/IR", "input/VI")),
        ("tno", ("ir", "vi")),
    ],
)
def test_layouts_of_others_are_understood(tmp_path: Path, name: str, folders: tuple[str, str]) -> None:
    known = KNOWN[name]
    for above in (tmp_path / "itself", tmp_path / "above" / known.folder.upper()):
        for folder in folders:
            (above / folder).mkdir(parents=True)
    for root in (tmp_path / "itself", tmp_path / "above"):
        found = located(known, root)
        assert found.layout.by != "this platform"
        assert [place.part for place, _, _ in found.places]


def test_an_empty_folder_is_no_set(tmp_path: Path) -> None:
    assert find(KNOWN["msrs"], tmp_path) is None
    with pytest.raises(
        UserError, match=r"nothing in .* looks like msrs: expected there, or in msrs/, train/ir \+ train/vi"
    ):
        located(KNOWN["msrs"], tmp_path)
    with pytest.raises(UserError, match="there is none"):
        located(KNOWN["msrs"], tmp_path / "nowhere")
    Image.new("L", (8, 8)).save(tmp_path / "file.png")
    with pytest.raises(UserError, match="this is a file"):
        located(KNOWN["msrs"], tmp_path / "file.png")


@pytest.mark.shared
@pytest.mark.parametrize(("name", "pairs"), [("tno", [25]), ("vifb", [21]), ("harvard_ct", [90, 21])])
def test_copies_at_hand_are_whole(shared: Path, name: str, pairs: list[int]) -> None:
    checked = _checked(KNOWN[name], shared / "data")
    assert checked.whole
    assert [part.pairs for part in checked.parts] == pairs
