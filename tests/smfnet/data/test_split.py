"""Parts of the data: lists, several folders, and no test picture in training for any shipped preset."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assay.config.errors import UserError
from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.config.schema import SCHEMA, compose
from smfnet.data import lists as lists_of
from smfnet.data import test_pairs as pairs_to_test
from smfnet.data import training_pairs, validation_pairs
from smfnet.data.folder import FilePair
from smfnet.data.lists import shipped_lists
from smfnet.data.split import Split, split_of

WritePairs = Callable[..., Path]
HARVARD = ("harvard_ct", "harvard_pet", "harvard_spect")
ROOTS = {"folder": "roadscene", "roadscene": "roadscene", "msrs": "msrs"} | dict.fromkeys(
    ("road_and_msrs", "tno", *HARVARD), "."
)


def shared_split(shared: Path, preset: str, *changes: str) -> Split:
    root = f"{shared}/data/{ROOTS[preset]}"
    return split_of(compose([f"data={preset}", f"data.root={root}", "data.limit_test=null", *changes]).data)


def names(pairs: tuple[object, ...]) -> list[str]:
    return [pair.name for pair in pairs]  # type: ignore[attr-defined]


def test_the_parts_are_disjoint_and_whole(config: DataConfig) -> None:
    split = split_of(config)
    assert sorted(names(split.train) + names(split.val)) == list("abcdef")
    assert names(split.test) == ["x", "y"]
    assert len(split.val) == 1


def test_training_and_test_are_read_differently(config: DataConfig) -> None:
    assert training_pairs(config)[0].chroma is None
    assert validation_pairs(config)[0].chroma is not None
    assert pairs_to_test(config)[0].chroma is not None


def test_a_part_is_a_sequence(config: DataConfig) -> None:
    pairs = training_pairs(config)
    assert len(pairs) == len(list(pairs)) == 5
    assert [pair.name for pair in pairs[1:3]] == list(pairs.names[1:3])
    assert pairs[-1].name == pairs.names[-1]
    with pytest.raises(IndexError):
        pairs[5]


def test_an_unknown_part_is_refused(config: DataConfig) -> None:
    with pytest.raises(ValueError, match="train, val, test"):
        split_of(config).part("dev")


def test_the_test_may_be_cut_short_and_validation_does_not_notice(config: DataConfig) -> None:
    short = split_of(replace(config, limit_test=1))
    assert names(short.test) == ["x"]
    assert short.val == split_of(config).val


def test_no_validation_pairs(config: DataConfig) -> None:
    split = split_of(replace(config, val_pairs=0))
    assert (len(split.train), len(split.val)) == (6, 0)


def test_excluded_pairs_are_left_out(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("# blurred\na.jpg\n\nvi/d.png\n")
    split = split_of(replace(config, exclude=("bad.txt",), val_pairs=0))
    assert names(split.train) == list("bcef")


def test_lists_of_names_choose_from_one_folder(write_pairs: WritePairs) -> None:
    root = write_pairs("all", "abcd")
    (root / "train.txt").write_text("a\nc\n")
    (root / "test.txt").write_text("b.png\n")
    lists = {"train_names": ("train.txt",), "test_names": ("test.txt",)}
    split = split_of(DataConfig(source="folder", root=str(root), train=("all",), test=("all",), val_pairs=0, **lists))
    assert (names(split.train), names(split.test)) == (["a", "c"], ["b"])


def test_a_listed_pair_that_is_not_there_is_named(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "test.txt").write_text("x\nz.png\n")
    with pytest.raises(UserError, match=r"data\.test_names: .*test\.txt names z, and there is no such pair"):
        split_of(replace(config, test_names=("test.txt",)))


def test_lists_and_folders_meet_in_any_unicode_form(write_pairs: WritePairs) -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    write_pairs(f"{decomposed}/train", [decomposed, "b", "c"])
    root = write_pairs(f"{composed}s", [composed, "x"])
    (root / f"l{decomposed}.txt").write_text(f"{composed}.png\n")
    config = DataConfig(source="folder", root=str(root), val_pairs=0)
    config = replace(config, train=(f"{composed}/train",), test=(f"{decomposed}s",), exclude=(f"l{composed}.txt",))
    split = split_of(config)
    assert (names(split.train), names(split.test)) == (["b", "c"], [composed, "x"])
    (root / "same.csv").write_text(f"a,b\n{decomposed},b\n")
    split = split_of(replace(config, exclude=(), same_scene="same.csv", val_pairs=1))
    assert names(split.val) == ["c"]  # the test has the other one's place


def test_folders_of_one_name_are_refused(write_pairs: WritePairs) -> None:
    write_pairs("caf\u00e9", "a")
    write_pairs("cafe\u0301", "b")
    root = write_pairs("test", "x")
    config = DataConfig(source="folder", root=str(root), train=("caf\u00e9", "cafe\u0301"), val_pairs=0)
    with pytest.raises(UserError, match=r"data\.train: expected folders of different names; got .*xe9.*u0301"):
        split_of(config)


def test_names_of_several_folders_stay_unique(write_pairs: WritePairs) -> None:
    write_pairs("one/train", "ab")
    write_pairs("two/train", "ab")
    root = write_pairs("test", "a")
    config = DataConfig(source="folder", root=str(root), train=("one/train", "two/train"), val_pairs=1)
    split = split_of(config)
    found = names((*split.train, *split.val))
    assert sorted(found) == ["one/train/a", "one/train/b", "two/train/a", "two/train/b"]
    assert names(split.test) == ["a"]


def test_pairs_of_one_place_stay_on_one_side(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_text("a,b,inliers\na.png,b.png,50\nb.png,c.png,40\n")
    for count in (1, 2, 3, 4, 5):
        chosen = set(names(split_of(replace(config, same_scene="same.csv", val_pairs=count)).val))
        assert chosen & set("abc") in (set(), set("abc"))


def test_validation_shares_no_place_with_the_test(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_text("a,b\na,x\na,b\nc,d\nd,y\ne,y\n")
    (tmp_path / "out.txt").write_text("e\n")
    split = split_of(replace(config, same_scene="same.csv", exclude=("out.txt",), val_pairs=3))
    assert names(split.val) == ["f"]


def test_equal_stems_in_training_and_test_are_no_leak(write_pairs: WritePairs) -> None:
    write_pairs("train", ["01", "02", "03"])
    root = write_pairs("test", ["01", "02", "03"])
    split = split_of(DataConfig(source="folder", root=str(root), val_pairs=1))
    assert (len(split.train), len(split.val)) == (2, 1)


def test_wrong_columns_are_told(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_text("first,second\na,b\n")
    with pytest.raises(UserError, match=r"data\.same_scene: expected columns a and b in .*same\.csv; got first"):
        split_of(replace(config, same_scene="same.csv"))


def test_an_unknown_list_is_told_with_the_closest_shipped_one(config: DataConfig) -> None:
    with pytest.raises(UserError, match=r"Did you mean roadscene_test\.txt"):
        split_of(replace(config, exclude=("roadscene_tests.txt",)))


def test_a_list_that_is_no_text_is_told(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"cannot read the list .*bad\.txt: expected text in UTF-8"):
        split_of(replace(config, exclude=("bad.txt",)))


def test_nothing_left_to_train_on(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("\n".join("abcdef"))
    with pytest.raises(UserError, match="no training pair is left"):
        split_of(replace(config, exclude=("all.txt",)))


@pytest.mark.parametrize("count", [6, 7])
def test_too_many_validation_pairs(config: DataConfig, count: int) -> None:
    with pytest.raises(UserError, match=rf"data\.val_pairs: cannot take {count} validation pairs out of 6"):
        split_of(replace(config, val_pairs=count))


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_folder_of_a_part_must_be_there(config: DataConfig, part: str) -> None:
    with pytest.raises(
        UserError, match=rf"data\.{part}: expected the folder other in data\.root=.*; there is test, train"
    ):
        split_of(replace(config, **{part: ("other",)}))


@pytest.mark.shared
def test_another_layout_is_told_by_the_folders_that_there_are(shared: Path) -> None:
    """LLVIP's, with the modality above the part."""
    with pytest.raises(
        UserError, match=r"data\.train: expected the folder train in data\.root=.*; there is infrared, vis"
    ):
        split_of(DataConfig(source="folder", root=str(shared / "cases" / "llvip")))


def test_each_folder_of_a_part_may_call_its_modalities_otherwise(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "train" / "ir").rename(tmp_path / "train" / "mri")
    (tmp_path / "train" / "vi").rename(tmp_path / "train" / "pet")
    split = split_of(replace(config, ir="mri|ir", vi="ct|pet|vi"))
    assert names(split.test) == ["x", "y"]
    assert {pair.vi.parent.name for pair in split.train if isinstance(pair, FilePair)} == {"pet"}
    with pytest.raises(UserError, match=r"expected a folder of images at .*train/ct; there is none"):
        split_of(replace(config, ir="mri|ir", vi="ct|spect|vi"))


def test_of_two_folders_that_could_be_meant_none_is_taken(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "train" / "pet").mkdir()
    with pytest.raises(UserError, match=r"data\.vi=pet\|vi: .*pet and .*vi are both there; say which"):
        split_of(replace(config, vi="pet|vi"))


@pytest.mark.shared
def test_medical_pairs_are_trained_on_all_kinds_and_tested_on_one(shared: Path) -> None:
    splits = {preset: shared_split(shared, preset) for preset in HARVARD}
    assert {preset: len(split.test) for preset, split in splits.items()} == {
        "harvard_ct": 21,
        "harvard_pet": 42,
        "harvard_spect": 73,
    }
    assert len({split.train for split in splits.values()}) == 1
    assert (len(splits["harvard_pet"].train), splits["harvard_pet"].val) == (270, ())


@pytest.mark.shared
def test_patients_of_medical_pairs_stay_on_one_side(shared: Path) -> None:
    split = shared_split(shared, "harvard_pet", "data.val_pairs=24")
    of = {part: {(Path(name).parent, name[:-3]) for name in names(split.part(part))} for part in ("train", "val")}
    assert len(split.val) == 24
    assert of["train"] & of["val"] == set()


@pytest.mark.shared
def test_the_colour_of_a_functional_image_is_kept_and_mri_has_none(shared: Path) -> None:
    from smfnet.fusion.test_step import source_images

    (pair,) = shared_split(shared, "harvard_pet", "data.limit_test=1").test
    sources = source_images(pair.read(training=False))
    assert sources["vi"].shape == (256, 256, 3)
    assert sources["ir"].shape == (256, 256)
    assert sources["vi"].std(axis=2).max() > 20


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_needs_a_folder(config: DataConfig, part: str) -> None:
    with pytest.raises(UserError, match=rf"data\.{part}: expected the name of a folder"):
        split_of(replace(config, **{part: ()}))


def test_the_root_must_be_given(config: DataConfig) -> None:
    with pytest.raises(
        UserError,
        match=r"data\.root: expected a folder that holds train, test, each with ir/ and vi/; .*data\.root=DIR",
    ):
        split_of(replace(config, root=None))


def test_the_root_must_be_there(config: DataConfig, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data\.root: expected a folder .*; .*nowhere is not there"):
        split_of(replace(config, root=str(tmp_path / "nowhere")))


def test_the_root_may_begin_at_home(config: DataConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert split_of(replace(config, root="~")).test


def test_generated_parts_have_the_configured_sizes() -> None:
    split = split_of(DataConfig(val_pairs=3, patch=32, scenes=ScenesConfig(train_pairs=5, test_pairs=4)))
    assert [len(split.train), len(split.val), len(split.test)] == [5, 3, 4]
    assert len({pair.name for part in ("train", "val", "test") for pair in split.part(part)}) == 12


@pytest.mark.shared
@pytest.mark.parametrize("preset", sorted(ROOTS))
def test_no_test_picture_is_in_training_for_any_preset(shared: Path, preset: str) -> None:
    """Neither a file of the test split, nor its content, nor (where it is known) its place."""
    split = split_of(
        compose([f"data={preset}", f"data.root={shared}/data/{ROOTS[preset]}", "data.limit_test=null"]).data
    )
    ours = {pair for pair in (*split.train, *split.val) if isinstance(pair, FilePair)}
    test = {pair for pair in split.test if isinstance(pair, FilePair)}
    assert ours
    assert test
    assert not {path.resolve() for pair in ours for path in (pair.ir, pair.vi)} & {
        path.resolve() for pair in test for path in (pair.ir, pair.vi)
    }
    assert not {pair.digest() for pair in ours} & {pair.digest() for pair in test}
    if "roadscene" in preset or preset == "road_and_msrs":
        clean = set((shared / "data/roadscene/train_sharing_a_scene_with_test.txt").read_text().split())
        assert not {pair.vi.name for pair in ours} & clean


@pytest.mark.shared
@pytest.mark.parametrize("preset", ["roadscene", "road_and_msrs", "tno"])
def test_no_place_of_roadscene_is_on_both_sides(shared: Path, preset: str) -> None:
    split = split_of(
        compose([f"data={preset}", f"data.root={shared}/data/{ROOTS[preset]}", "data.limit_test=null"]).data
    )
    side = {pair.vi.name: part for part in ("train", "val") for pair in split.part(part) if isinstance(pair, FilePair)}
    with open(shared / "data/roadscene/same_scene_pairs.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert "val" not in {side.get(row["a"]), side.get(row["b"])} or side.get(row["a"]) == side.get(row["b"])
    assert "val" in side.values()


@pytest.mark.shared
def test_the_standard_set_holds_what_the_provenance_says(shared: Path) -> None:
    config = compose(
        ["data=road_and_msrs", f"data.root={shared}/data", "data.val_pairs=0", "data.limit_test=null"]
    ).data
    split = split_of(config)
    assert sum(pair.name.startswith("msrs/train/") for pair in split.train) == 233
    assert sum(pair.name.startswith("roadscene/train/") for pair in split.train) == 152
    assert len(split.test) == 50


@pytest.mark.shared
def test_the_published_layout_of_roadscene_gives_the_same_split(shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "roadscene"
    for kind, place in (("ir", "cropinfrared"), ("vi", "crop_LR_visible")):
        (tmp_path / place).mkdir()
        for path in (source / "train" / kind, source / "test" / kind):
            for image in path.iterdir():
                (tmp_path / place / image.name).symlink_to(image)
    split = split_of(compose(["data=roadscene_original", f"data.root={tmp_path}"]).data)
    expected = split_of(compose(["data=roadscene", f"data.root={source}"]).data)
    for part in ("train", "val", "test"):
        assert [p.digest() for p in split.part(part)] == [p.digest() for p in expected.part(part)]


@pytest.mark.shared
def test_the_shipped_lists_are_those_of_the_shared_data(shared: Path) -> None:
    source = shared / "data" / "roadscene"
    lists = lists_of._SHIPPED
    for part in ("train", "test"):
        assert (lists / f"roadscene_{part}.txt").read_text().split() == sorted(
            path.name for path in (source / part / "vi").iterdir()
        )
    assert shipped_lists()


def test_every_preset_is_tested() -> None:
    assert set(SCHEMA.options("data")) == {*ROOTS, "generated", "roadscene_original"}
