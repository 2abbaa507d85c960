"""What is known of data sets by name is whole, and agrees with the presets."""

from __future__ import annotations

from itertools import product
from pathlib import PurePosixPath

import pytest

from assay.config.errors import UserError
from smfnet.config.schema import compose
from smfnet.data.lists import shipped_lists
from smfnet.data.sets.known import KNOWN, KnownSet, known_set

SETS = list(KNOWN.values())


def test_the_sets_of_the_field_are_known() -> None:
    medical = {"harvard_ct", "harvard_pet", "harvard_spect"}
    assert medical | {"roadscene", "tno", "msrs", "m3fd", "llvip", "vifb"} == set(KNOWN)


@pytest.mark.parametrize("known", SETS, ids=lambda known: known.name)
def test_everything_is_said_of_a_set(known: KnownSet) -> None:
    assert all((known.title, known.split, known.terms, known.citation))
    assert known.home.startswith("https://")
    assert known.repository is None or known.repository.startswith("https://github.com/")
    assert known.layouts[0].by == "this platform"
    for layout in known.layouts:
        assert len({place.part for place in layout.places}) == len(layout.places)
        for place in layout.places:
            assert not any(PurePosixPath(folder).is_absolute() or ".." in folder for folder in (place.ir, place.vi))
            assert place.names is None or place.names in shipped_lists()


@pytest.mark.parametrize("known", SETS, ids=lambda known: known.name)
def test_a_preset_looks_where_the_layout_has_the_pairs(known: KnownSet) -> None:
    for preset, root in known.presets.items():
        data = compose([f"data={preset}", "data.root=/x"]).data
        prefix = "" if root == "." else f"{known.folder}/"
        folders = {
            (f"{prefix}{place.ir}", f"{prefix}{place.vi}") for layout in known.layouts for place in layout.places
        }
        names = list(product(data.test, data.ir.split("|"), data.vi.split("|")))
        pairs = {(f"{test}/{ir}".removeprefix("./"), f"{test}/{vi}".removeprefix("./")) for test, ir, vi in names}
        assert pairs & folders or preset == "road_and_msrs"


@pytest.mark.parametrize("name", ["MSRS", " msrs ", "msrs"])
def test_names_are_taken_in_any_case(name: str) -> None:
    assert known_set(name) is KNOWN["msrs"]
    assert known_set("Harvard-PET") is KNOWN["harvard_pet"]


def test_an_unknown_name_is_told_with_the_closest() -> None:
    with pytest.raises(UserError, match=r"unknown data set 'roadscenes'\. Did you mean roadscene\?"):
        known_set("roadscenes")
    with pytest.raises(UserError, match="harvard is three data sets"):
        known_set("harvard")
