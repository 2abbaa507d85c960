"""Everything that is measured of some methods, as one table of values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from assay.evidence.tables.methods import MethodsTable, Printed, methods_table, printed_beside
from smfnet.config.metrics.margins import JUDGED
from smfnet.data.sources import check_levels, check_sources, look
from smfnet.fusion.fused_files import FusedFiles, check_sizes
from smfnet.fusion.ranges import with_ranges
from smfnet.methods.data_sets import IN_PRINT
from smfnet.methods.in_print import TITLE, printed_numbers
from smfnet.methods.measuring import measured_files
from smfnet.methods.scenes import Scenes

__all__ = ["Compared", "checked", "compared"]

_COLUMNS = ["group", "method", "sample", "metric", "value"]
Shown = Callable[[Iterable[dict[str, float]], int], Iterable[dict[str, float]]]


@dataclass(frozen=True)
class Compared:
    """What was measured.

    Attributes:
        scenes: of each set.
        metrics: names, in order.
        values: columns group, method, sample, metric, value: of data sets by name every image that each method has,
            else those that all methods have.
    """

    scenes: tuple[Scenes, ...]
    metrics: tuple[str, ...]
    values: pd.DataFrame

    @cached_property
    def shared(self) -> pd.DataFrame:
        """The values of the images that every method of a set has."""
        keep = {(each.group, name) for each in self.scenes for name in each.shared}
        keys = pd.MultiIndex.from_frame(self.values[["group", "sample"]])
        return self.values[keys.isin(keep)]

    @property
    def plain(self) -> bool:
        """Whether it is one method without a name, on one set without one."""
        return [(each.group, *each.files) for each in self.scenes] == [("", "")]

    def lines(self) -> tuple[list[tuple[tuple[str, ...], list[float]]], tuple[str, ...]]:
        """A line per image: what names it, and its values; and the columns' names before those of the metrics.

        Of data sets every image that a method has is there, and `compared` says whether it counts in the table.
        """
        wide = self.values.pivot(index=["group", "method", "sample"], columns="metric", values="value")
        found = []
        for group, method, each in _flat(self.scenes):
            named = {"data": group, "method": method, "name": each.name}
            if group:
                shared = {one.group: one.shared for one in self.scenes}[group]
                named["compared"] = "yes" if each.name in shared else "no"
            kept = {key: text for key, text in named.items() if text}
            values = [float(value) for value in wide.loc[(group, method, each.name), list(self.metrics)].to_numpy()]
            found.append((tuple(kept.values()), values))
        return found, tuple(kept)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is left out, a sentence each."""
        return tuple(note for each in self.scenes for note in each.notes)

    def table(self, against: str | None = None) -> MethodsTable:
        """Means over the images that all methods have, judged against a method, beside the paper's numbers.

        Raises:
            UserError: there is no such method.
        """
        metrics = [metric for name in self.metrics for metric in JUDGED if metric.name == name]
        return methods_table(self.shared, metrics, against, printed=self._printed(metrics), notes=self.notes)

    def _printed(self, metrics: Sequence[object]) -> Printed | None:
        groups, methods = (list(self.values[name].unique()) for name in ("group", "method"))
        judged = [metric for metric in JUDGED if metric in metrics]
        return printed_beside(TITLE, self.values, judged, printed_numbers(groups, methods), IN_PRINT)


def checked(
    scenes: Scenes, ranges: tuple[str | None, str | None], keys: tuple[str, str], told: Callable[[str], None]
) -> Scenes:
    """The same with ranges of values, after a look at every file.

    Args:
        scenes: of a set.
        ranges: as the user gave them; percentiles are of all sources that are used.
        keys: how the user gives them.
        told: called with a line where percentiles are values of these images.

    Raises:
        UserError: a file cannot be read, sizes differ, or an image would be left with next to nothing.
    """
    every = [each for files in scenes.files.values() for each in files]
    once = with_ranges(list({each.name: each for each in every}.values()), ranges, keys, told)
    check_sources(once, keys)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seen = list(pool.map(lambda each: look(each.fused), every))
    check_levels([(each.fused, one, None) for each, one in zip(every, seen, strict=True)], None)
    ir, vi = once[0].ir_range, once[0].vi_range
    ranged = {
        method: [replace(each, ir_range=ir, vi_range=vi) for each in files] for method, files in scenes.files.items()
    }
    check_sizes([each for files in ranged.values() for each in files])
    return replace(scenes, files=ranged)


def compared(
    scenes: Sequence[Scenes], metrics: Sequence[str], shown: Shown = lambda items, _: items, workers: int | None = 1
) -> Compared:
    """Measure every image of every method.

    Args:
        scenes: checked ones.
        metrics: names, in order.
        shown: hands the measured images on, told their number.
        workers: processes; None takes all cores where that is worth while.

    Raises:
        UserError: see `measured_files`.
    """
    flat = list(_flat(scenes))
    measured = shown(measured_files([each for _, _, each in flat], metrics, workers), len(flat))
    lines = [
        (group, method, each.name, metric, value)
        for (group, method, each), values in zip(flat, measured, strict=True)
        for metric, value in values.items()
    ]
    return Compared(tuple(scenes), tuple(metrics), pd.DataFrame(lines, columns=_COLUMNS))


def _flat(scenes: Sequence[Scenes]) -> Iterator[tuple[str, str, FusedFiles]]:
    """Of data sets, which are held against print, every image; else those that all methods have."""
    for each in scenes:
        for method, files in each.files.items():
            yield from ((each.group, method, one) for one in files if each.group or one.name in each.shared)
