"""The measured values of a run that may be compared with each other, and what is missing from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from assay.evidence.sameness import Alarms, same_values
from assay.store.run.folder import RowRecord, RunFolder, RunRecord

__all__ = ["Measurements", "counted", "measurements", "shortened"]

TRIAL = ["row", "seed"]


@dataclass(frozen=True)
class Measurements:
    """Every value that the tables and tests are made of.

    Attributes:
        record: what the run was asked for.
        values: one line per row x seed x sample (`image`) x metric; finished trials only, and only the samples that
            all of them have. Training-free rows have seed -1. A metric with one value a training has one sample, whose
            name is empty.
        images: names of those samples that have one.
        notes: what is missing, one sentence each.
    """

    record: RunRecord
    values: pd.DataFrame
    images: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def trained(self) -> tuple[RowRecord, ...]:
        """The rows that have seeds, in table order."""
        return tuple(row for row in self.record.rows if not row.baseline)

    @property
    def compared(self) -> tuple[RowRecord, ...]:
        """The trained rows other than the base, in table order."""
        return tuple(row for row in self.trained if row.name != self.record.base_row)

    @property
    def base_title(self) -> str:
        """What tables call the base; its name if the run has no such row."""
        return next((row.title for row in self.trained if row.name == self.record.base_row), self.record.base_row)

    @property
    def baselines(self) -> tuple[RowRecord, ...]:
        """The training-free rows, in table order."""
        return tuple(row for row in self.record.rows if row.baseline)

    def seeds(self, row: str) -> tuple[int, ...]:
        """Seeds with values of a row, sorted."""
        return tuple(sorted(int(seed) for seed in self.values.loc[self.values["row"] == row, "seed"].unique()))

    @cached_property
    def whole(self) -> frozenset[str]:
        """Metrics with one value a training: of them seeds alone are samples."""
        sampled = self.values.loc[self.values["image"] != "", "metric"]
        return frozenset(map(str, {*self.values["metric"].unique()} - {*sampled.unique()}))

    def samples(self, metric: str) -> tuple[str, ...]:
        """Names of the samples that a metric has."""
        return ("",) if metric in self.whole else tuple(name for name in self.images if name)

    @property
    def counted(self) -> str:
        """How many samples there are, by the study's word for them: `24 images`, `1 line`."""
        return counted(len([name for name in self.images if name]), self.record.sample)

    @cached_property
    def alarms(self) -> Alarms:
        """Trained rows with values that are the same where they cannot be; no verdict can rest on them."""
        return same_values(self.values, [row.name for row in self.trained], self.record.base_row)

    def cube(self, row: str, metric: str) -> pd.DataFrame:
        """A row's values of a metric: a line per seed, a column per sample; empty if there are none."""
        if (row, metric) in self._cubes:
            return self._cubes[row, metric]
        return pd.DataFrame(index=pd.Index([], dtype=int, name="seed"), columns=list(self.samples(metric)), dtype=float)

    @cached_property
    def _cubes(self) -> dict[tuple[str, str], pd.DataFrame]:
        wide = self.values.pivot(index=["row", "metric", "seed"], columns="image", values="value")
        parts = wide.groupby(level=["row", "metric"])
        return {
            (str(row), str(metric)): part.droplevel(["row", "metric"]).reindex(columns=list(self.samples(str(metric))))
            for (row, metric), part in parts
        }


def measurements(
    run: RunFolder, metrics: Sequence[str] | None = None, results: pd.DataFrame | None = None
) -> Measurements:
    """Read the values of a run's finished trials and pair their samples.

    Args:
        run: the folder; the run may be unfinished, hold failed rows, or lack samples in some rows.
        metrics: other ones than those of the run's table.
        results: of the run, if they were read before.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    record = run.record if metrics is None else replace(run.record, columns=tuple(metrics))
    found = _finished(run.results() if results is None else results, record)
    measured = set(found["metric"].unique())
    absent = [metric for metric in record.columns if metric not in measured] if len(found) else []
    present = [metric for metric in record.columns if metric not in absent]
    sampled = set(found.loc[found["image"] != "", "metric"].unique())
    of_trainings = found[found["metric"].isin(set(present) - sampled)].dropna(subset="value")
    wide = found[found["metric"].isin(sampled & set(present)) & (found["image"] != "")].pivot_table(
        index=[*TRIAL, "image"], columns="metric", values="value", dropna=False
    )
    wide = wide[wide.notna().any(axis=1)]
    shared = _shared_images(wide.dropna())
    whole = wide[wide.index.get_level_values("image").isin(shared)].dropna()
    of_samples = whole.reset_index().melt(id_vars=[*TRIAL, "image"], var_name="metric", value_name="value")
    parts = [part for part in (of_samples, of_trainings[of_samples.columns]) if len(part)]
    values = pd.concat(parts, ignore_index=True) if parts else of_samples
    notes = [
        *_trial_notes(record),
        *(_sample_notes(wide, shared, record.sample) if sampled else ()),
        *(_empty_notes(wide, record) if sampled else ()),
        *(f"The results hold no {metric}." for metric in absent),
    ]
    return Measurements(record, values, shared, tuple(notes))


def counted(number: int, noun: str) -> str:
    """`3 images`, `1 line`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def shortened(names: Iterable[object], most: int = 6) -> str:
    """`a, b, c and 12 more`."""
    texts = [str(name) for name in names]
    rest = len(texts) - most
    return ", ".join(texts) if rest <= 0 else f"{', '.join(texts[:most])} and {rest} more"


def _finished(results: pd.DataFrame, record: RunRecord) -> pd.DataFrame:
    """Values of finished trials and of training-free rows; files of an earlier, other plan of the run are left out."""
    wanted = {(trial.row, trial.seed) for trial in record.trials if trial.status == "finished"}
    wanted |= {(row.name, -1) for row in record.rows if row.baseline}
    keep = pd.MultiIndex.from_frame(results[TRIAL]).isin(list(wanted))
    return results.loc[keep].astype({"value": float}).replace({"value": [math.inf, -math.inf]}, math.nan)


def _shared_images(whole: pd.DataFrame) -> tuple[str, ...]:
    """Samples of which every trial that has any has all metrics."""
    if not len(whole):
        return ()
    images = whole.index.get_level_values("image")
    trials = len(whole.groupby(level=TRIAL))
    counts = images.value_counts()
    return tuple(sorted(str(image) for image in counts[counts == trials].index))


def _trial_notes(record: RunRecord) -> list[str]:
    notes = []
    for status in ("pending", "running", "failed"):
        ids = [trial.id for trial in record.trials if trial.status == status]
        if ids:
            notes.append(f"{len(ids)} of {len(record.trials)} trials {_HAVE[status]}: {shortened(ids)}.")
    counts = set(
        Counter(trial.row for trial in record.trials if trial.status == "finished" and trial.seed >= 0).values()
    )
    if len(counts) > 1:
        notes.append(f"The rows have different numbers of seeds ({min(counts)} to {max(counts)}).")
    return notes


_HAVE = {"pending": "have not started", "running": "have not finished", "failed": "failed"}


def _sample_notes(wide: pd.DataFrame, shared: tuple[str, ...], noun: str) -> list[str]:
    names = set(wide.index.get_level_values("image"))
    if not names - set(shared):
        return []
    return [
        f"{len(shared)} of {counted(len(names), noun)} have every metric in every row; all numbers are over these "
        "alone. "
        f"Left out: {shortened(sorted(names - set(shared)))}."
    ]


def _empty_notes(wide: pd.DataFrame, record: RunRecord) -> list[str]:
    """Finished trials without a single sample to compare."""
    whole = set(wide.dropna().reset_index()[TRIAL].drop_duplicates().itertuples(index=False, name=None))
    empty = [t.id for t in record.trials if t.status == "finished" and (t.row, t.seed) not in whole]
    return [f"No {record.sample} of {shortened(empty)} has all metrics; left out."] if empty else []
