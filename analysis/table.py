"""The table of an ablation: a mean and a spread for every row and metric, beside what the paper printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.measurements import Measurements, measurements
from analysis.published import PublishedTable, published_table
from smfnet.experiment.results import RowRecord, Run, RunRecord

__all__ = ["PAPERS_TABLE", "Table", "ablation_table", "status_of", "table_of"]

PAPERS_TABLE = "table5"  # the paper's only ablation table


@dataclass(frozen=True)
class Table:
    """A table that can be drawn in any format, see `analysis.render`.

    Attributes:
        data: one line per row x metric: row, title, baseline, status, reason, metric, mean (over images, then over
            seeds), spread (standard deviation over seeds; nan with one seed), n_seeds, n_images, mark (`best`,
            `second` or empty, among trained rows), published (nan where there is none).
        columns: metrics, in order.
        base_row: the row that the others are compared with.
        title: what it shows, one line.
        notes: what is missing and what the marks mean, one sentence each.
    """

    data: pd.DataFrame
    columns: tuple[str, ...]
    base_row: str
    title: str
    notes: tuple[str, ...]

    def cell(self, row: str, metric: str) -> pd.Series:
        """One line of `data`."""
        found = self.data[(self.data["row"] == row) & (self.data["metric"] == metric)]
        return found.iloc[0]

    def rows(self, *, baseline: bool) -> list[str]:
        """Names of the trained or of the training-free rows, in order."""
        return list(self.data.loc[self.data["baseline"] == baseline, "row"].unique())


def ablation_table(run: Run) -> Table:
    """The table of a run, finished or not.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    return table_of(measurements(run))


def table_of(measured: Measurements) -> Table:
    """The table of values that were read before."""
    record, printed = measured.record, published_table(PAPERS_TABLE)
    means = _means(measured)
    lines = [
        _line(row, metric, record, means, len(measured.images), printed)
        for row in (*measured.trained, *measured.baselines)
        for metric in record.columns
    ]
    data = pd.DataFrame(lines, columns=_LINE)
    data["mark"] = _marks(data)
    return Table(data, record.columns, record.base_row, _title(measured), (*measured.notes, *_captions(data, record)))


_LINE = ["row", "title", "baseline", "status", "reason", "metric", "mean", "spread", "n_seeds", "n_images", "published"]


def status_of(row: RowRecord, record: RunRecord) -> tuple[str, str]:
    """A row's state and why.

    Returns:
        `finished`, `partly` (some seeds have values), `failed`, `running` or `pending`; and the reason in words,
        empty for a finished row.
    """
    trials = [trial for trial in record.trials if trial.row == row.name]
    states = [trial.status for trial in trials]
    if row.baseline or (trials and all(state == "finished" for state in states)):
        return "finished", ""
    failed = [trial for trial in trials if trial.status == "failed"]
    reason = f"{failed[0].reason or 'no reason given'} (seed {failed[0].seed})" if failed else ""
    if "finished" in states:
        some = f"{states.count('finished')} of {len(states)} seeds"
        return "partly", f"{some}; {reason}" if reason else some
    if failed and len(failed) == len(trials):
        return "failed", reason
    return ("running" if "running" in states else "pending"), reason


def _means(measured: Measurements) -> dict[tuple[str, str], tuple[float, float, int]]:
    """(row, metric) -> mean over seeds of the mean over images, its standard deviation over seeds, number of seeds."""
    per_seed = measured.values.groupby(["row", "metric", "seed"], observed=True)["value"].mean()
    summary = per_seed.groupby(level=["row", "metric"]).agg(["mean", "std", "count"]).reset_index()
    return {
        (str(row), str(metric)): (float(mean), float(std), int(count))
        for row, metric, mean, std, count in summary.itertuples(index=False)
    }


def _line(
    row: RowRecord,
    metric: str,
    record: RunRecord,
    means: dict[tuple[str, str], tuple[float, float, int]],
    n_images: int,
    printed: PublishedTable,
) -> tuple[object, ...]:
    status, reason = status_of(row, record)
    mean, spread, count = means.get((row.name, metric), (float("nan"), float("nan"), 0))
    if row.baseline and not count:
        status, reason = "pending", "not measured"
    seeds, used = (0 if row.baseline else count), (n_images if count else 0)
    published = float("nan") if row.baseline else printed.value(row.published, metric)
    return row.name, row.title, row.baseline, status, reason, metric, mean, spread, seeds, used, published


def _marks(data: pd.DataFrame) -> list[str]:
    """Best and second best per metric among trained rows; equal values share a mark."""
    ranked = data["mean"].where(~data["baseline"].astype(bool))
    ranks = ranked.groupby(data["metric"]).rank(method="dense", ascending=False)
    return [{1.0: "best", 2.0: "second"}.get(rank, "") for rank in ranks]


def _title(measured: Measurements) -> str:
    counts = sorted({len(measured.seeds(row.name)) for row in measured.trained} - {0}) or [0]
    seeds = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"{measured.record.suite}: mean over {len(measured.images)} images ± standard deviation over {seeds} seed(s)"


def _captions(data: pd.DataFrame, record: RunRecord) -> Sequence[str]:
    captions = ["Marks show the best and second best trained row; they do not mean that a difference is resolved."]
    if (data["n_seeds"] == 1).any():
        captions.append("A row with one seed has no spread: how much another training would differ is unknown.")
    if data["published"].notna().any():
        printed = published_table(PAPERS_TABLE)
        captions.append(f"Paper's numbers: {printed.title}, {printed.images}.")
    if data["baseline"].any():
        captions.append("Rows below the rule need no training; they are measured with the same code and bear no marks.")
    return captions + ([record.note] if record.note else [])
