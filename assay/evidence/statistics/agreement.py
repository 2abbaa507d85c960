"""Our numbers against the paper's, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.evidence.measurements import Measurements
from assay.evidence.published import PublishedTable, printed_in, published_of
from assay.evidence.statistics.differences import trained_variance
from assay.evidence.statistics.interval import Spread, limits, t_quantile
from assay.evidence.statistics.seed_variance import SeedVariance
from assay.evidence.statistics.variance import Crossed, crossed, over_seeds_alone, stacked
from assay.metric import Metric
from assay.store.run.folder import RowRecord

__all__ = ["Agreement", "agreement_of"]

Array = NDArray[np.float64]

_NUMBERS = ["mean", "low", "high", "published", "inside", "training_low", "training_high", "inside_training"]
_SHUFFLED = {name: f"{name}_shuffled" for name in ("inside", "inside_training", "same_sign", "same_rank")}
_COLUMNS = [
    *("row", "title", "metric", *_NUMBERS, "same_sign", "rank", "published_rank", "same_rank"),
    *_SHUFFLED.values(),
]


@dataclass(frozen=True)
class Agreement:
    """How a run's numbers agree with the printed ones.

    Attributes:
        data: a line per trained row that answers a printed one x metric that the table has: row, title, metric, mean;
            low and high (interval of the mean over further seeds and further images), published, inside; training_low
            and training_high (where one more training would come out on these very images), inside_training;
            same_sign (whether the difference to the base has the sign of the printed one; NA for the base), rank and
            published_rank (among the rows that both have, 1 is best), same_rank; inside_shuffled,
            inside_training_shuffled, same_sign_shuffled and same_rank_shuffled (the chance of each if the paper's
            numbers of that metric were shuffled over its rows). What is unknown is nan or NA.
        metrics: those of the table that the printed one has too, in order.
        notes: the metrics' conventions, on which images the paper measured, and counts, one sentence each.
    """

    data: pd.DataFrame
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...]


def agreement_of(measured: Measurements, level: float = 0.95) -> Agreement:
    """Hold the rows' means against the paper's table.

    If the run was tested on the paper's own images, `inside_training` is the one to read: the paper's number is one
    training too. Else the images differ as well, and `inside` is, although it leaves the paper's own noise out.
    """
    rows = [row for row in measured.trained if row.published]
    printed = published_of(measured.record)
    metrics = tuple(metric for metric in measured.record.shown if printed and metric.name in printed.data)
    if not rows or not printed or not metrics:
        return Agreement(pd.DataFrame(columns=_COLUMNS), (), ("No row of this run answers a printed one.",))
    names, seeds = [measured.record.base_row, *(row.name for row in measured.compared)], trained_variance(measured)
    places = [names.index(row.name) for row in rows]
    lines = [_lines(measured, rows, m, printed, seeds[m.name].of_rows(places), level) for m in metrics]
    data = pd.concat(lines, ignore_index=True)
    order = {row.name: number for number, row in enumerate(rows)}
    data = data.sort_values("row", key=lambda names: names.map(order), kind="stable", ignore_index=True)[_COLUMNS]
    return Agreement(data, metrics, tuple(_notes(measured, data, metrics, printed)))


def _lines(
    measured: Measurements,
    rows: Sequence[RowRecord],
    metric: Metric,
    printed: PublishedTable,
    seeds: SeedVariance,
    level: float,
) -> pd.DataFrame:
    cubes = [measured.cube(row.name, metric.name).to_numpy() for row in rows]
    tables = stacked([crossed(cube, metric.effective_samples) for cube in cubes])
    whole = metric.name in measured.whole
    published = np.array([printed_in(printed, row.published, metric.name) for row in rows])
    lines = pd.DataFrame(
        {"row": [row.name for row in rows], "title": [row.title for row in rows], "metric": metric.name}
    )
    lines = lines.assign(mean=tables.mean, published=published, **_intervals(tables, seeds, level, whole=whole))
    lines["inside"] = _between(lines["low"], published, lines["high"])
    lines["inside_training"] = _between(lines["training_low"], published, lines["training_high"])
    base = np.array([row.name == measured.record.base_row for row in rows])
    lines["same_sign"] = _same_sign(tables.mean, published, base)
    both = np.isfinite(tables.mean) & np.isfinite(published)
    lines["rank"], lines["published_rank"] = (_rank(metric.signed(values), both) for values in (tables.mean, published))
    lines["same_rank"] = (lines["rank"] == lines["published_rank"]).astype("boolean").where(both)
    return _with_chances(lines, tables.mean - _of_base(tables.mean, base))


def _intervals(tables: Crossed, seeds: SeedVariance, level: float, *, whole: bool) -> dict[str, Array]:
    """Of the mean, and for one more training; nan with one seed. `whole`: a training gives one value."""
    tables = over_seeds_alone(tables) if whole else tables
    variance, n = seeds.variance, np.where(tables.n_seeds > 1, tables.n_seeds, np.nan)
    images = max(tables.n_images, 1)
    images_df = 0 if whole else tables.images_df
    spread = Spread(variance / n, seeds.df, tables.images / images, images_df, tables.skewness, n_images=max(images, 2))
    low, high = limits(tables.mean, spread, level)
    more = t_quantile(1 - level, seeds.df) * np.sqrt(variance * (1 + 1 / n))
    return {"low": low, "high": high, "training_low": tables.mean - more, "training_high": tables.mean + more}


def _between(low: pd.Series, value: Array, high: pd.Series) -> pd.Series:
    return ((low <= value) & (value <= high)).astype("boolean").where(np.isfinite(low) & np.isfinite(value))


def _same_sign(mean: Array, published: Array, base: NDArray[np.bool_]) -> pd.Series:
    """Of the differences to the base; unknown for the base itself and without a base."""
    ours, theirs = (values - _of_base(values, base) for values in (mean, published))
    known = np.isfinite(ours) & np.isfinite(theirs) & ~base
    return pd.Series(np.sign(ours) == np.sign(theirs)).astype("boolean").where(known)


def _of_base(values: Array, base: NDArray[np.bool_]) -> float:
    return float(values[base][0]) if base.any() else np.nan


def _with_chances(lines: pd.DataFrame, difference: Array) -> pd.DataFrame:
    """The chance that a cell agrees if every order of the paper's numbers over the rows is as likely, exactly."""
    published = lines["published"].dropna().to_numpy()
    signs = np.sign(published[:, None] - published)[~np.eye(len(published), dtype=bool)]  # of a row and the base
    chances = {
        "inside": [((low <= published) & (published <= high)) for low, high in lines[["low", "high"]].to_numpy()],
        "inside_training": [
            ((low <= published) & (published <= high))
            for low, high in lines[["training_low", "training_high"]].to_numpy()
        ],
        "same_sign": [signs == np.sign(each) for each in difference],
        "same_rank": [lines["published_rank"].dropna().to_numpy() == rank for rank in lines["rank"]],
    }
    for name, cells in chances.items():
        means = pd.Series([each.mean() if len(each) else np.nan for each in cells], index=lines.index)
        lines[_SHUFFLED[name]] = means.where(lines[name].notna())
    return lines


def _rank(values: Array, known: NDArray[np.bool_]) -> pd.Series:
    return pd.Series(np.where(known, values, np.nan)).rank(ascending=False, method="min")


def _notes(measured: Measurements, data: pd.DataFrame, metrics: Sequence[Metric], printed: PublishedTable) -> list[str]:
    base, noun = measured.base_title, f"{measured.record.sample}s"
    notes = [f"{metric.name}: {metric.convention}." for metric in metrics if metric.convention]
    notes.append(f"The paper's numbers: {printed.title}, {printed.images}, one training each; here {measured.counted}.")
    notes.append(f"They can agree only if this run was trained as the paper trains and tested on the paper's {noun}.")
    for column, text in _COUNTED.items():
        known = data[column].dropna()
        if len(known):
            found, chance = int(known.astype(bool).sum()), data[_SHUFFLED[column]].sum()
            notes.append(text.format(found, len(known), chance, base=base, samples=noun))
    return notes


_COUNTED = {
    "inside": "{} of {} of the paper's numbers lie inside the interval of our mean (further seeds, further {samples}); "
    "{:.1f} would if its numbers were shuffled over the rows.",
    "inside_training": "{} of {} lie where one more training of ours would come out on these {samples}; shuffled, "
    "{:.1f}.",
    "same_sign": "{} of {} differences to {base} have the paper's sign; shuffled, {:.1f}.",
    "same_rank": "{} of {} cells have the paper's rank; shuffled, {:.1f}.",
}
