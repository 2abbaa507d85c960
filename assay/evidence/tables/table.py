"""The table of an ablation: a mean and a spread for every row and metric, beside what the paper printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from assay.evidence.made_with import made_with_notes
from assay.evidence.measurements import Measurements, measurements
from assay.evidence.published import PublishedTable, printed_in, published_of
from assay.evidence.statistics.noise import ENOUGH_SEEDS, OF_BASE, noise_floor
from assay.evidence.statistics.verdict import Verdicts, verdicts_of
from assay.evidence.statistics.words import BETTER, DIFFERENT, EQUIVALENT, SIGNS, WORSE
from assay.metric import LARGER, Metric, metric_named
from assay.store.run.folder import RowRecord, RunFolder, RunRecord

__all__ = ["Table", "ablation_table", "status_of", "table_of"]


@dataclass(frozen=True)
class Table:
    """A table that can be drawn in any format, see `assay.evidence.tables.render`.

    Attributes:
        data: one line per row x metric: row, title, baseline, status, reason, metric, mean (over images, then over
            seeds), spread (standard deviation over seeds; nan with one seed), n_seeds, n_images, mark (`best`,
            `second` or empty, among trained rows), published (nan where there is none), difference, low, high, bound,
            p_adjusted, margin, p_equal_adjusted, effect, verdict, reason_of_verdict (see
            `assay.evidence.statistics.verdict`; empty or nan for the base).
        metrics: what the study says of the columns, in order.
        base_row: the row that the others are compared with.
        noise: the noise floor, one line per metric, see `assay.evidence.statistics.noise`.
        title: what it shows, one line.
        notes: what is missing and what the marks mean, one sentence each.
    """

    data: pd.DataFrame
    metrics: tuple[Metric, ...]
    base_row: str
    noise: pd.DataFrame
    title: str
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the metrics, in order."""
        return tuple(metric.name for metric in self.metrics)

    @property
    def headings(self) -> tuple[str, ...]:
        """What stands above the columns: names, with arrows where not every metric is better when it is larger."""
        plain = all(metric.better == LARGER for metric in self.metrics)
        return tuple(metric.name if plain else metric.heading for metric in self.metrics)

    def decimals(self, metric: str) -> int:
        """Digits after the point with which a metric is shown."""
        return metric_named(metric, self.metrics).decimals

    def cell(self, row: str, metric: str) -> pd.Series:
        """One line of `data`."""
        found = self.data[(self.data["row"] == row) & (self.data["metric"] == metric)]
        return found.iloc[0]

    @property
    def base_title(self) -> str:
        """What the base is called; its name if it is not in the table."""
        titles = self.data.loc[self.data["row"] == self.base_row, "title"]
        return str(titles.iloc[0]) if len(titles) else self.base_row

    def floor(self, metric: str) -> float:
        """Half-width of the noise floor; nan with one seed."""
        return float(self.noise.loc[self.noise["metric"] == metric, "half_width"].iloc[0])

    def rows(self, *, baseline: bool) -> list[str]:
        """Names of the trained or of the training-free rows, in order."""
        return list(self.data.loc[self.data["baseline"] == baseline, "row"].unique())


def ablation_table(run: RunFolder) -> Table:
    """The table of a run, finished or not.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    return table_of(measurements(run))


def table_of(measured: Measurements) -> Table:
    """The table of values that were read before."""
    record, printed, means = measured.record, published_of(measured.record), _means(measured)
    lines = [
        _line(row, metric, record, means, len(measured.samples(metric)), printed)
        for row in (*measured.trained, *measured.baselines)
        for metric in record.columns
    ]
    data = pd.DataFrame(lines, columns=_LINE)
    verdicts = verdicts_of(measured)
    data["mark"] = _marks(data, record, verdicts)
    noise = noise_floor(measured)
    notes = (*measured.notes, *_captions(data, measured, verdicts, noise))
    return Table(_with_verdicts(data, verdicts), record.shown, record.base_row, noise, _title(measured), notes)


def _with_verdicts(data: pd.DataFrame, verdicts: Verdicts) -> pd.DataFrame:
    parts = [part for part in (verdicts.data, verdicts.baselines) if len(part)]
    found = pd.concat(parts, ignore_index=True) if parts else verdicts.data
    found = found[[*_KEY, *_VERDICT]].rename(columns={"reason": "reason_of_verdict"})
    joined = data.merge(found, on=_KEY, how="left")
    words = ["verdict", "reason_of_verdict"]
    joined[words] = joined[words].fillna("")
    return joined


_KEY = ["row", "metric"]
_VERDICT = [
    *("difference", "low", "high", "bound", "p_adjusted", "margin", "p_equal_adjusted", "effect"),
    *("verdict", "reason"),
]
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
    printed: PublishedTable | None,
) -> tuple[object, ...]:
    status, reason = status_of(row, record)
    mean, spread, count = means.get((row.name, metric), (float("nan"), float("nan"), 0))
    if row.baseline and not count:
        status, reason = "pending", "not measured"
    seeds, used = (0 if row.baseline else count), (n_images if count else 0)
    published = float("nan") if row.baseline else printed_in(printed, row.published, metric)
    return row.name, row.title, row.baseline, status, reason, metric, mean, spread, seeds, used, published


def _marks(data: pd.DataFrame, record: RunRecord, verdicts: Verdicts) -> list[str]:
    """Best and second best per metric among trained rows; equal values share a mark.

    None without a direction, and none where no row is better or worse than the base: there the order is chance.
    """
    resolved = _resolved(verdicts)
    metrics = [record.metric(name) for name in data["metric"]]
    signed = pd.Series([m.signed(mean) for m, mean in zip(metrics, data["mean"], strict=True)], index=data.index)
    ranked = signed.where(
        ~data["baseline"].astype(bool)
        & pd.Series([metric.directed and metric.name in resolved for metric in metrics], index=data.index, dtype=bool)
    )
    ranks = ranked.groupby(data["metric"]).rank(method="dense", ascending=False)
    return [{1.0: "best", 2.0: "second"}.get(rank, "") for rank in ranks]


def _resolved(verdicts: Verdicts) -> set[str]:
    """Metrics in which a trained row is better or worse than the base."""
    return set(verdicts.data.loc[verdicts.data["verdict"].isin([BETTER, WORSE]), "metric"])


def _mark_caption(measured: Measurements, verdicts: Verdicts) -> str:
    resolved = _resolved(verdicts)
    marked = [metric.name for metric in measured.record.shown if metric.directed and metric.name in resolved]
    if not marked:
        return "Best and second best are not marked: no trained row is resolved, and their order is chance."
    where = "" if len(marked) == len(measured.record.columns) else f" in {', '.join(marked)}, where a row is resolved"
    return f"Best and second best are marked among trained rows{where}; that does not mean that the two differ."


def _title(measured: Measurements) -> str:
    counts = sorted({len(measured.seeds(row.name)) for row in measured.trained} - {0}) or [0]
    seeds = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    over = "mean" if not measured.images and measured.whole else f"mean over {measured.counted}"
    return f"{measured.record.suite}: {over} ± standard deviation over {seeds} seed(s)"


def _captions(data: pd.DataFrame, measured: Measurements, verdicts: Verdicts, noise: pd.DataFrame) -> Sequence[str]:
    captions = [_mark_caption(measured, verdicts)]
    if len(verdicts.data) and verdicts.data["n_seeds"].max() > 0:
        used = {*verdicts.data["verdict"], *([EQUIVALENT] if verdicts.data["margin"].notna().any() else [])}
        words = [word for word in SIGNS if word not in (DIFFERENT, EQUIVALENT) or word in used]
        signs = ", ".join(f"{SIGNS[word]} {word}" for word in words if word)
        captions.append(f"Against {measured.base_title}: {signs} at this budget.")
    captions += verdicts.notes
    captions += _noise_captions(measured, noise)
    if (printed := published_of(measured.record)) and data["published"].notna().any():
        captions.append(f"Paper's numbers: {printed.title}, {printed.images}.")
    if data["baseline"].any():
        captions.append("Rows below the rule need no training: same code, no marks, corrected among themselves.")
    captions += made_with_notes(measured.record)
    return captions + ([measured.record.note] if measured.record.note else [])


def _source_of_noise(noise: pd.DataFrame, base: str) -> str:
    alone = noise["trainings"] == OF_BASE
    if alone.all():
        return f"trainings of {base}"
    restless = ", ".join(noise.loc[alone, "metric"])
    apart = f"; in {restless} of {base} alone, which scatters more than they do" if restless else ""
    return f"trainings of all rows, as {base} has fewer than {ENOUGH_SEEDS}{apart}"


def _noise_captions(measured: Measurements, noise: pd.DataFrame) -> list[str]:
    known = noise[noise["half_width"].notna()]
    if known.empty:
        return []
    base, seeds = measured.base_title, int(known["n_seeds"].iloc[0])
    source = _source_of_noise(known, base)
    captions = [
        f"Noise floor: means of {base} over {seeds} trainings and over {seeds} others differ by less, 19 times out of "
        f"20 (from the {source}). Rows are compared under the same seeds, which takes a part of this noise out."
    ]
    below = known.loc[known["span"] < known["half_width"], "metric"]
    if len(below):
        captions.append(f"All trained rows lie within the noise floor of one another in {', '.join(below)}.")
    return captions
