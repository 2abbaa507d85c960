"""Published data sets by name: their sources, and the images that methods have of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.config.errors import UserError
from smfnet.data.folder import Odd, images_in
from smfnet.data.lists import read_list
from smfnet.data.sets.known import KnownSet, known_set
from smfnet.data.sets.located import Located, folder_like, located
from smfnet.methods.layout import EVERY_PART, PARTS, Sources, part_of
from smfnet.methods.named import Method

__all__ = ["IN_PRINT", "known_sets", "methods_of", "sources_of_set", "title_of"]

IN_PRINT: Mapping[str, int] = {"TNO": 25, "RoadScene": 50, "MSRS": 36}
"""Pairs that the paper says it measured."""


def known_sets(names: Sequence[str]) -> list[KnownSet]:
    """The sets of these names, each once.

    Raises:
        UserError: there is no such set, or it is named twice.
    """
    found: dict[str, KnownSet] = {}
    for name in names:
        known = known_set(name)
        if known.name in found:
            raise UserError(f"--data: {name} is given twice: expected each data set once")
        found[known.name] = known
    return list(found.values())


def title_of(known: KnownSet) -> str:
    """As tables have it: `RoadScene`."""
    return known.title.partition(":")[0]


def sources_of_set(known: KnownSet, root: Path, part: str | None, odd: Odd | None = None) -> Sources:
    """Sources of a data set in the root, in its own folder there or in any layout that is known of it.

    Args:
        known: the set.
        root: of several sets, or of this one.
        part: `test`, `train` or `all`; None is `test`. Of a copy without parts the shipped list of test pairs is taken.
        odd: see `images_in`.

    Raises:
        UserError: it is not there, or has no such part, or none of its test pairs.
    """
    found = located(known, root)
    sources = [
        Sources(images_in(ir, odd), images_in(vi, odd), ir, vi, "" if place.part == EVERY_PART else place.part)
        for place, ir, vi in found.places
    ]
    parted = [each for each in sources if each.part]
    if parted:
        return part_of(parted, part, found.folder, f"--data {known.name}")
    return _listed(sources[0], known, found, part)


def methods_of(known: KnownSet, methods: Sequence[Method], *, alone: bool) -> tuple[list[Method], list[str]]:
    """Methods with their places for a set: `DIR/NAME` in any case, or DIR itself where only one set is asked for.

    Returns:
        The methods that have images of it, and the names of those that have none.
    """
    places = {each.name: _inside(each.place, known) or (each.place if alone else None) for each in methods}
    found = [Method(method, place) for method, place in places.items() if place]
    return found, [method for method, place in places.items() if not place]


def _inside(folder: Path, known: KnownSet) -> Path | None:
    places = (folder_like(folder, name) for name in (known.folder, known.name))
    return next((place for place in places if place.is_dir()), None)


def _listed(sources: Sources, known: KnownSet, found: Located, part: str | None) -> Sources:
    """Of a copy without parts: all of it, or the pairs of a part's list."""
    lists = {place.part: place.names for layout in known.layouts for place in layout.places if place.names}
    wanted = part or PARTS[0]
    if part == EVERY_PART or (part is None and wanted not in lists):
        return sources
    if wanted not in lists:
        raise UserError(f"--data {known.name}: {found.folder} has no part {wanted}, and there is no list of its names")
    listed = sources.only(set(read_list(found.folder, str(lists[wanted])).stems))
    if not listed.scenes:
        raise UserError(f"--data {known.name}: no pair in {sources.words} is in the list {lists[wanted]}")
    return listed
