"""What SMFNet's own commands print with `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from assay.documents.envelope import Number, Part, Result, Text
from assay.documents.schema import RESULTS as OF_THE_ENGINE

if TYPE_CHECKING:
    from pathlib import Path

    from assay.evidence.tables.methods import MethodsTable
    from smfnet.conventions.search import Candidate, Found
    from smfnet.data.sets.checked import Checked
    from smfnet.data.sets.known import KnownSet
    from smfnet.data.sets.located import Located
    from smfnet.methods.compare import Compared

__all__ = [
    *("RESULTS", "Conventions", "DataChecked", "DataFound", "DataLayout", "DataSets", "Detected", "Evaluated"),
    *("Fused", "GalleryPage"),
    *("checked_of", "conventions_of", "detected_of", "evaluated_of", "found_of", "layout_of", "sets_of"),
]


class Fused(Result):
    """The result of `fuse`."""

    kind: Literal["fused"] = "fused"
    network: Text
    """Of which row and training, in words."""
    images: list[Text]
    """Fused images that are there."""
    kept: list[Text]
    """Those that were there before, of the same files by the same network."""
    passed_over: list[Text]
    """Pairs that could not be fused, and why."""
    onnx_difference: Number
    """The largest difference of the ONNX file to PyTorch; null where none was asked for."""


class Mean(Part):
    """A method's mean over images, and how it stands to the method of `--against`."""

    group: Text
    """The data set; empty where none is named."""
    method: Text
    metric: Text
    mean: Number
    spread: Number
    """Standard deviation over images."""
    n_samples: int
    difference: Number
    low: Number
    high: Number
    p_adjusted: Number
    verdict: Text
    """Empty without `--against`, and of that method."""
    reason: Text


class Evaluated(Result):
    """The result of `evaluate`; the values of every image are in the file of `--csv`."""

    kind: Literal["evaluated"] = "evaluated"
    metrics: list[Text]
    against: Text | None
    means: list[Mean]
    notes: list[Text]


class Detected(Result):
    """The result of `tasks detect` by a frozen detector; what is trained has that of `ablate`."""

    kind: Literal["detected"] = "detected"
    metrics: list[Text]
    """Classes, and the mean over them."""
    against: Text
    means: list[Mean]
    """AP at an overlap of one half, in place of a mean."""
    notes: list[Text]


class GalleryPage(Result):
    """The result of `gallery`."""

    kind: Literal["gallery"] = "gallery"
    page: Text | None
    """null where it could not be written."""
    scenes: list[Text]
    """Worst first."""
    left_out: list[Text]
    """Scenes for which `--limit` left no room."""
    notes: list[Text]


class CandidatePart(Part):
    """A convention and what it gives."""

    convention: Text
    value: Number
    distance: Number
    """To the printed number, relative; 0 where it rounds to it."""
    fits: bool
    evaluators: list[Text]


class Explained(Part):
    """A printed number and the conventions that were tried."""

    metric: Text
    printed: Number
    candidates: list[CandidatePart]
    """Closest first."""


class Conventions(Result):
    """The result of `conventions`."""

    kind: Literal["conventions"] = "conventions"
    images: int
    reading: Text
    """How colour was read."""
    metrics: list[Explained]
    evaluators: list[Text]
    """Those whose conventions all fit."""


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


RESULTS: Mapping[str, Sequence[type[Result]]] = {
    **OF_THE_ENGINE,
    "fuse": (Fused,),
    "evaluate": (Evaluated,),
    "gallery": (GalleryPage,),
    "conventions": (Conventions,),
    "tasks": (Detected, *OF_THE_ENGINE["ablate"]),
    "data": (DataSets, DataLayout, DataChecked, DataFound),
}


def evaluated_of(done: Compared, against: str | None) -> Evaluated:
    """The document of what was measured."""
    table = done.table(against)
    return Evaluated(metrics=list(done.metrics), against=against, means=_means_of(table), notes=list(table.notes))


def detected_of(table: MethodsTable) -> Detected:
    """The document of what was detected."""
    metrics = [metric.name for metric in table.metrics]
    return Detected(metrics=metrics, against=table.against or "", means=_means_of(table), notes=list(table.notes))


def _means_of(table: MethodsTable) -> list[Mean]:
    lines = ({str(name): value for name, value in line.items()} for line in table.data.to_dict("records"))
    return [Mean.model_validate(line) for line in lines]


def conventions_of(found: Found) -> Conventions:
    """The document of what explains a row."""
    metrics = [
        Explained(metric=metric, printed=tried[0].printed.value, candidates=list(map(_candidate, tried)))
        for metric, tried in found.candidates.items()
    ]
    return Conventions(images=found.images, reading=found.reading, metrics=metrics, evaluators=list(found.evaluators))


def _candidate(each: Candidate) -> CandidatePart:
    words, evaluators = each.convention.words, list(each.convention.by)
    return CandidatePart(
        convention=words, value=each.value, distance=each.distance, fits=each.fits, evaluators=evaluators
    )


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
