"""Means of methods over samples that all of them have, with words against one of them, and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from assay.config.errors import unknown
from assay.evidence.measurements import counted
from assay.evidence.numbers import number
from assay.evidence.statistics.methods import method_verdicts, resolved_columns
from assay.evidence.statistics.words import BETTER, DIFFERENT, EQUIVALENT, SIGNS, WORSE
from assay.evidence.tables.methods.printed import Printed
from assay.metric import Metric, better_words, effective_words, metric_named

__all__ = ["MethodsTable", "methods_table"]

_WORDS = [
    "difference",
    "low",
    "high",
    "bound",
    "p_adjusted",
    "margin",
    "p_equal_adjusted",
    "effect",
    "verdict",
    "reason",
]


@dataclass(frozen=True)
class MethodsTable:
    """A table that can be drawn in any format.

    Attributes:
        data: a line per group x method x metric: group, method, metric, mean, spread (standard deviation over samples;
            nan of one), n_samples, mark (`best`, `second` or empty), and difference, low, high, bound, p_adjusted,
            margin, p_equal_adjusted, effect, verdict, reason (see `assay.evidence.statistics.methods`; empty or nan
            without a method to be held against, and for that method).
        metrics: of the columns, in order.
        against: the method that the others are held against; None if none is named.
        noun: what a sample is called.
        printed: what is in print, beside what was measured here; None if nothing is.
        notes: what is missing and what the marks mean, a sentence each.
        measure: what a number is of its samples: `mean`, or another if the values are leave-one-out values.
    """

    data: pd.DataFrame
    metrics: tuple[Metric, ...]
    against: str | None
    noun: str
    printed: Printed | None
    notes: tuple[str, ...]
    measure: str = "mean"

    @property
    def groups(self) -> tuple[str, ...]:
        """The sets of samples, in order; one without a name where there is one set."""
        return tuple(map(str, self.data["group"].unique()))

    def methods(self, group: str) -> tuple[str, ...]:
        """Those that a group has, in order."""
        return tuple(map(str, self.data.loc[self.data["group"] == group, "method"].unique()))

    def cell(self, group: str, method: str, metric: str) -> pd.Series:
        """One line of `data`."""
        data = self.data
        return data[(data["group"] == group) & (data["method"] == method) & (data["metric"] == metric)].iloc[0]

    def title(self, group: str) -> str:
        """`TNO: mean over 25 images`."""
        text = f"{self.measure} over {self.counted(group)}"
        return f"{group}: {text}" if group else f"{text[0].upper()}{text[1:]}"

    def counted(self, group: str) -> str:
        """`25 images`."""
        return counted(int(self.data.loc[self.data["group"] == group, "n_samples"].iloc[0]), self.noun)

    @property
    def told(self) -> tuple[str, ...]:
        """The notes, and the conventions that papers differ in, for a table that is read alone."""
        known = "; ".join(f"{metric.name}: {metric.convention}" for metric in self.metrics if metric.convention)
        return (*self.notes, *([f"Conventions: {known}."] if known else []))

    def headings(self) -> tuple[str, ...]:
        """Names of the metrics, with arrows: tables of methods mix directions."""
        return tuple(metric.heading for metric in self.metrics)

    def text(self, group: str, method: str, metric: Metric) -> tuple[str, str, str]:
        """A cell's mean, its mark, and the sign of its word."""
        cell = self.cell(group, method, metric.name)
        return number(cell["mean"], metric.decimals), str(cell["mark"]), SIGNS[cell["verdict"]]


def methods_table(
    values: pd.DataFrame,
    metrics: Sequence[Metric],
    against: str | None = None,
    *,
    noun: str = "image",
    measure: str = "mean",
    printed: Printed | None = None,
    notes: Sequence[str] = (),
) -> MethodsTable:
    """The table of values.

    Args:
        values: columns group, method, sample, metric, value; in a group every method has every sample.
        metrics: the columns, in order, with their margins.
        against: a method that the others are held against.
        noun: what a sample is called.
        measure: what their mean is, for the title: `AP@.5` if the values are leave-one-out values of it.
        printed: what is in print.
        notes: what is missing, a sentence each.

    Raises:
        UserError: there is no such method.
    """
    methods = list(values["method"].unique())
    if against is not None and against not in methods:
        raise unknown("method", against, methods)
    data = _means(values)
    verdicts = method_verdicts(values, metrics, against, noun=noun) if against and len(methods) > 1 else None
    resolved = _resolved(values, metrics, verdicts)
    data["mark"] = _marks(data, metrics, resolved)
    data = _with_words(data, verdicts)
    told = (*notes, *_captions(data, metrics, against, resolved, noun), *(printed.notes if printed else ()))
    return MethodsTable(data, tuple(metrics), against, noun, printed, told, measure)


def _means(values: pd.DataFrame) -> pd.DataFrame:
    found = values.groupby(["group", "method", "metric"], sort=False)["value"].agg(["mean", "std", "count"])
    return found.reset_index().rename(columns={"std": "spread", "count": "n_samples"})


def _with_words(data: pd.DataFrame, verdicts: pd.DataFrame | None) -> pd.DataFrame:
    if verdicts is None:
        return data.assign(**{name: "" if name in ("verdict", "reason") else float("nan") for name in _WORDS})
    keys = ["group", "method", "metric"]
    joined = data.merge(verdicts[[*keys, *_WORDS]], on=keys, how="left")
    joined[["verdict", "reason"]] = joined[["verdict", "reason"]].fillna("")
    return joined


def _resolved(values: pd.DataFrame, metrics: Sequence[Metric], verdicts: pd.DataFrame | None) -> set[tuple[str, str]]:
    """Columns in which a difference is resolved: to the named method, or without one between any two."""
    if verdicts is None:
        return resolved_columns(values, metrics) if values["method"].nunique() > 1 else set()
    words = verdicts[verdicts["verdict"].isin([BETTER, WORSE])]
    return set(zip(words["group"], words["metric"], strict=True))


def _marks(data: pd.DataFrame, metrics: Sequence[Metric], resolved: set[tuple[str, str]]) -> list[str]:
    """Best and second best of a column; equal means share a mark. None where nothing is resolved."""
    of = [metric_named(name, metrics) for name in data["metric"]]
    keys = zip(data["group"], data["metric"], strict=True)
    shown = [metric.directed and key in resolved for metric, key in zip(of, keys, strict=True)]
    signed = pd.Series([m.signed(mean) for m, mean in zip(of, data["mean"], strict=True)], index=data.index)
    ranked = signed.where(pd.Series(shown, index=data.index, dtype=bool))
    ranks = ranked.groupby([data["group"], data["metric"]]).rank(method="dense", ascending=False)
    return [{1.0: "best", 2.0: "second"}.get(rank, "") for rank in ranks]


def _captions(
    data: pd.DataFrame, metrics: Sequence[Metric], against: str | None, resolved: set[tuple[str, str]], noun: str
) -> list[str]:
    if data["method"].nunique() < 2:
        return []
    worth = effective_words(metrics, noun) if against else []
    better = _sentence(better_words(metrics))
    return [_mark_caption(data, against, resolved), *_word_captions(data, against), *worth, better]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _mark_caption(data: pd.DataFrame, against: str | None, resolved: set[tuple[str, str]]) -> str:
    where = f"a difference to {against}" if against else "a difference between any two methods"
    columns = len(data[["group", "metric"]].drop_duplicates())
    if not resolved:
        return f"Best and second best are not marked: nowhere is {where} resolved, and the order is chance."
    some = "" if len(resolved) == columns else f" in the {len(resolved)} of {columns} columns"
    return f"Best and second best are marked{some} where {where} is resolved; that does not mean that the two differ."


def _word_captions(data: pd.DataFrame, against: str | None) -> list[str]:
    if not against:
        return []
    used = {*data["verdict"], *([EQUIVALENT] if data["margin"].notna().any() else [])}
    words = [word for word in SIGNS if word and (word not in (DIFFERENT, EQUIVALENT) or word in used)]
    signs = ", ".join(f"{SIGNS[word]} {word}" for word in words)
    return [
        f"Against {against}, paired over the same samples: {signs}; any false word in all of it has a chance of 5 %.",
        "The words are about other samples of the kind; what another training of a method would give they cannot say.",
    ]
