"""Data sets that are known by name, and where a folder of several keeps each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError, unknown
from smfnet.data.lists import read_list
from smfnet.methods.layout import SPLITS, Sources, sources_in
from smfnet.methods.named import Method

__all__ = ["DATA_SETS", "DataSet", "known_sets", "methods_of", "sources_of_set"]


@dataclass(frozen=True)
class DataSet:
    """A set of pairs.

    Attributes:
        title: as tables have it; its name in Table 1 of the paper, if it is there.
        in_print: how many pairs the paper measured; None if it did not.
        test_names: a shipped list of the test pairs, for a copy that has no folder `test`.
    """

    title: str
    in_print: int | None = None
    test_names: str = ""


DATA_SETS: Mapping[str, DataSet] = {
    "tno": DataSet("TNO", 25),
    "roadscene": DataSet("RoadScene", 50, "roadscene_test.txt"),
    "msrs": DataSet("MSRS", 36),
    "m3fd": DataSet("M3FD"),
    "llvip": DataSet("LLVIP"),
    "vifb": DataSet("VIFB"),
}


def known_sets(names: Sequence[str]) -> dict[str, DataSet]:
    """The sets of these names, in any case, each once.

    Raises:
        UserError: there is no such set, or it is named twice.
    """
    found: dict[str, DataSet] = {}
    for name in names:
        if name.lower() not in DATA_SETS:
            raise unknown("data set", name, DATA_SETS)
        if name.lower() in found:
            raise UserError(f"--data: {name} is given twice: expected each data set once")
        found[name.lower()] = DATA_SETS[name.lower()]
    return found


def sources_of_set(name: str, root: Path, split: str | None, *, alone: bool) -> Sources:
    """Sources of a data set: `root/NAME` in any case and a known layout, or `root` itself where only one is asked for.

    Raises:
        UserError: it is not there, see `sources_in`, or no pair of its test list is.
    """
    folder = _inside(root, name)
    if folder is None and not (alone and root.is_dir()):
        there = ", ".join(sorted(path.name for path in root.iterdir())[:8]) if root.is_dir() else "no such folder"
        raise UserError(f"--root: expected the data set {name} at {root / name}; there is {there or 'nothing'}")
    found = sources_in(folder or root, None if split == SPLITS[0] else split, f"--data {name}")
    names = DATA_SETS[name].test_names
    if found.split or not names or split not in (None, SPLITS[0]):
        return found
    listed = found.only(set(read_list(root, names).stems))
    if not listed.scenes:
        raise UserError(f"--data {name}: no pair in {found.words} is in the list of its test pairs, {names}")
    return listed


def methods_of(name: str, methods: Sequence[Method], *, alone: bool) -> tuple[list[Method], list[str]]:
    """Methods with their places for a set: `DIR/NAME` in any case, or DIR itself where only one set is asked for.

    Returns:
        The methods that have images of it, and the names of those that have none.
    """
    places = {each.name: _inside(each.place, name) or (each.place if alone else None) for each in methods}
    found = [Method(method, place) for method, place in places.items() if place]
    return found, [method for method, place in places.items() if not place]


def _inside(folder: Path, name: str) -> Path | None:
    if not folder.is_dir():
        return None
    return next((path for path in sorted(folder.iterdir()) if path.name.lower() == name and path.is_dir()), None)
