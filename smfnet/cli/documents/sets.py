"""Documents of `data`: the known data sets, their folders, and what a copy lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from assay.documents.envelope import Part, Result, Text

if TYPE_CHECKING:
    from pathlib import Path

    from smfnet.data.sets.checked import Checked
    from smfnet.data.sets.known import KnownSet
    from smfnet.data.sets.located import Located

__all__ = [
    *("DataChecked", "DataFound", "DataLayout", "DataSets"),
    *("checked_of", "found_of", "layout_of", "sets_of"),
]


class DataSet(Part):
    """A published data set."""

    name: Text
    title: Text
    presets: list[Text]
    home: Text
    terms: Text
    citation: Text
    folder: Text | None
    """Where it is below `--root`; null where it is not there, or none was named."""


class DataSets(Result):
    """The result of `data list`."""

    kind: Literal["data-sets"] = "data-sets"
    sets: list[DataSet]


class DataPlace(Part):
    """Where the pairs of a part are, seen from the folder of the set."""

    layout: Text
    """Who calls the folders so."""
    part: Text
    ir: Text
    vi: Text
    pairs: int | None
    """In the whole set; null where copies differ."""


class DataLayout(Result):
    """The result of `data layout`."""

    kind: Literal["data-layout"] = "data-layout"
    set: DataSet
    places: list[DataPlace]


class DataPart(Part):
    """What is there of a part."""

    part: Text
    pairs: int
    expected: int | None


class DataFinding(Part):
    """Something that is not as it should be."""

    kind: Literal["missing", "broken", "shifted"]
    words: Text


class DataChecked(Result):
    """The result of `data check`."""

    kind: Literal["data-checked"] = "data-checked"
    name: Text
    folder: Text
    whole: bool
    """Nothing is missing or broken."""
    registered: bool
    """Whether registration was looked at."""
    parts: list[DataPart]
    findings: list[DataFinding]


class DataFound(Result):
    """The result of `data get`."""

    kind: Literal["data-found"] = "data-found"
    name: Text
    folder: Text
    layout: Text


def sets_of(known: Mapping[str, KnownSet], folders: Mapping[str, Path]) -> DataSets:
    """The document of the known sets.

    Args:
        known: by name.
        folders: of those that are there.
    """
    return DataSets(sets=[_set(each, folders.get(name)) for name, each in known.items()])


def _set(known: KnownSet, folder: Path | None = None) -> DataSet:
    return DataSet(
        name=known.name,
        title=known.title,
        presets=list(known.presets),
        home=known.home,
        terms=known.terms,
        citation=known.citation,
        folder=None if folder is None else str(folder),
    )


def layout_of(known: KnownSet) -> DataLayout:
    """The document of the folders of a set."""
    places = [
        DataPlace(layout=layout.by, part=each.part, ir=each.ir, vi=each.vi, pairs=each.pairs)
        for layout in known.layouts
        for each in layout.places
    ]
    return DataLayout(set=_set(known), places=places)


def checked_of(checked: Checked, *, registered: bool) -> DataChecked:
    """The document of a look at a copy."""
    parts = [DataPart(part=each.place.part, pairs=each.pairs, expected=each.place.pairs) for each in checked.parts]
    return DataChecked(
        name=checked.known.name,
        folder=str(checked.located.folder),
        whole=checked.whole,
        registered=registered,
        parts=parts,
        findings=[DataFinding.model_validate(vars(each)) for each in checked.findings],
    )


def found_of(known: KnownSet, found: Located) -> DataFound:
    """The document of a set that was fetched."""
    return DataFound(name=known.name, folder=str(found.folder), layout=found.layout.by)
