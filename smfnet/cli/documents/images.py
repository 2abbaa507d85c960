"""Documents of the commands that fuse, measure and show images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from assay.documents.envelope import Number, Part, Result, Text

if TYPE_CHECKING:
    from assay.evidence.tables.methods import MethodsTable
    from smfnet.methods.compare import Compared

__all__ = ["Detected", "Evaluated", "Fused", "GalleryPage", "detected_of", "evaluated_of"]


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
