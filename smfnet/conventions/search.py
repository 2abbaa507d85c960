"""Every known convention of the metrics of a row, tried on the images that the row is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from assay.config.errors import UserError
from smfnet.conventions import CONVENTIONS, EVALUATORS, Convention
from smfnet.conventions.convention import Triple
from smfnet.conventions.reading import LUMA, READINGS
from smfnet.conventions.row import Printed

__all__ = ["Candidate", "Found", "found"]


@dataclass(frozen=True)
class Candidate:
    """A convention and what it gives: the mean over the images.

    Attributes:
        convention: how.
        value: the mean.
        printed: the number of the row.
    """

    convention: Convention
    value: float
    printed: Printed

    @property
    def distance(self) -> float:
        """See `Printed.distance`."""
        return self.printed.distance(self.value)

    @property
    def fits(self) -> bool:
        """See `Printed.fits`."""
        return self.printed.fits(self.value)


@dataclass(frozen=True)
class Found:
    """What the images give under one reading.

    Attributes:
        reading: how the files are read.
        candidates: metric -> candidates, closest first.
        images: how many there are.
    """

    reading: str
    candidates: Mapping[str, Sequence[Candidate]]
    images: int

    @property
    def explained(self) -> tuple[str, ...]:
        """Metrics of which a convention fits."""
        return tuple(metric for metric, found in self.candidates.items() if found[0].fits)

    def of(self, evaluator: str) -> tuple[Candidate, ...]:
        """The conventions of an evaluator, of the metrics of which it is known."""
        every = (each for found in self.candidates.values() for each in found)
        return tuple(each for each in every if evaluator in each.convention.by)

    @property
    def evaluators(self) -> tuple[str, ...]:
        """Those whose conventions all fit."""
        return tuple(name for name in EVALUATORS if (mine := self.of(name)) and all(each.fits for each in mine))

    @property
    def closest(self) -> tuple[str, float]:
        """The evaluator that is nowhere far from the row, and its largest distance; no name where none is known."""
        known = {name: max(each.distance for each in mine) for name in EVALUATORS if (mine := self.of(name))}
        name = min(known, key=known.__getitem__, default="")
        return name, known.get(name, 0.0)

    @property
    def _rank(self) -> tuple[int, int, float]:
        closest = [each[0].distance for each in self.candidates.values()]
        known = max((sum(each.fits for each in self.of(name)) for name in EVALUATORS), default=0)
        return len(self.explained), known, -sum(min(each, 1.0) for each in closest)


def found(row: Sequence[Printed], images: Iterable[Mapping[str, Triple]]) -> Found:
    """The reading that explains most of a row, with every candidate.

    Args:
        row: as printed.
        images: of each pair, its images in each reading; see `reading.read`.

    Raises:
        UserError: there are no images.
    """
    wanted = [each for each in CONVENTIONS if each.metric in {printed.metric for printed in row}]
    values: dict[str, list[list[float]]] = {reading: [] for reading in READINGS}
    for readings in images:
        for reading, measured in _in_each_reading(wanted, readings):
            values[reading].append(measured)
    if not values[LUMA]:
        raise UserError("expected at least one fused image with both sources")
    return max((_found(row, wanted, reading, each) for reading, each in values.items()), key=lambda one: one._rank)


def _in_each_reading(wanted: Sequence[Convention], readings: Mapping[str, Triple]) -> Iterator[tuple[str, list[float]]]:
    """Values of every convention; a pair of grey images has the same in all readings."""
    measured = {reading: _measured(wanted, triple) for reading, triple in readings.items()}
    for reading in READINGS:
        yield reading, measured.get(reading, measured[LUMA])


@torch.no_grad()
def _measured(wanted: Sequence[Convention], triple: Triple) -> list[float]:
    return [float(each.value(*triple).mean()) for each in wanted]


def _found(row: Sequence[Printed], wanted: Sequence[Convention], reading: str, values: list[list[float]]) -> Found:
    means = dict(zip(wanted, torch.tensor(values, dtype=torch.float64).mean(dim=0).tolist(), strict=True))
    candidates = {
        printed.metric: sorted(
            (Candidate(each, mean, printed) for each, mean in means.items() if each.metric == printed.metric),
            key=lambda one: one.distance,
        )
        for printed in row
    }
    return Found(reading, candidates, len(values))
