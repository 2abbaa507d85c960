"""The document of `conventions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from assay.documents.envelope import Number, Part, Result, Text

if TYPE_CHECKING:
    from smfnet.conventions.search import Candidate, Found

__all__ = ["Conventions", "conventions_of"]


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
