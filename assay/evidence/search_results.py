"""What a search left in its folder, as tables: made from its files, without Optuna."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.evidence.search_record import read_search_record
from assay.evidence.search_tables import FINISHED, STOPPED, damaged, read_checked, read_tables
from assay.metric import LARGER, Metric, metric_named, metrics_from

__all__ = [
    "DEFAULTS", "FEWEST_FOR_IMPORTANCE", "FINISHED", "OWN", "STOPPED", "SearchResults", "role_words", "search_results",
    "unbeaten",
]  # fmt: skip

DEFAULTS, OWN = "defaults", "own"  # roles of the trials that a search begins with
RECORD, FORMAT = "search.json", 1
ENOUGH = 10  # finished trials; with fewer, values on the way say more
FEWEST_FOR_IMPORTANCE = 20  # trials with values: from there on what makes 4/5 of the variance stands out 4 times in 5


@dataclass(frozen=True)
class SearchResults:
    """A search, finished or not.

    Attributes:
        record: search.json: objectives, space (name, scale, low, high, choices, paper, ... of each parameter), ...
        trials: a line per trial: trial, role, state, the objectives, the parameters, last_step, seconds, reason, origin
            (the earlier search or ablation that it was taken from), ...
        values: a line per trial and validation: trial, step (epochs of the last stage), value; empty with several
            objectives.
        importance: a line per objective and parameter, see `assay.tuning.importance.Importance`; empty where there are
            too few trials. What chance gives is nan in an early search.
    """

    record: Mapping[str, Any]
    trials: pd.DataFrame
    values: pd.DataFrame
    importance: pd.DataFrame

    @property
    def objectives(self) -> list[str]:
        """Names of what was searched by."""
        return list(self.record["objectives"])

    @property
    def defaults_of(self) -> str:
        """Whose values the parameters' defaults are: `base`, or `paper` where a study follows one."""
        return str(self.record.get("defaults_of", "paper"))

    @property
    def called(self) -> bool:
        """Whether it is a call, in Python or of a tool, whose options have other words than a command's."""
        command: tuple[str, ...] = tuple(self.record.get("command", ()))
        return command == ("assay", "mcp") or "".join(command[:1]).startswith("assay.search(")

    def option(self, name: str, value: object) -> str:
        """`--best 3`, or `best=3` of a call."""
        return f"{name}={value}" if self.called else f"--{name.replace('_', '-')} {value}"

    @property
    def again(self) -> str:
        """How it goes on."""
        return f"the same {'call' if self.called else 'command'} goes on"

    @property
    def roles(self) -> Mapping[str, str]:
        """Role -> what it is called."""
        return role_words(self.defaults_of)

    def metric(self, objective: str) -> Metric:
        """What the study says of an objective; an early search says nothing, and larger is better."""
        return metric_named(objective, metrics_from(self.record.get("metrics", ())))

    def signed(self, data: pd.DataFrame) -> NDArray[np.float64]:
        """The objectives of some trials turned so that larger is better: a line per trial, a column per objective."""
        columns = [self.metric(name).signed(data[name].to_numpy(dtype=float)) for name in self.objectives]
        return np.stack(columns, axis=1)

    @property
    def space(self) -> list[dict[str, Any]]:
        """The parameters, in order."""
        return list(self.record["space"])

    @property
    def finished(self) -> pd.DataFrame:
        """Trials that came to their end."""
        return self.trials[self.trials["state"] == FINISHED]

    @property
    def outside(self) -> pd.Series:
        """For every trial the ranges that it lies outside of, as they were asked for; empty text where none.

        Only defaults can: they are tried first, wherever they are.
        """
        ranges = [parameter for parameter in self.space if parameter.get("low") is not None]
        lines = self.trials.to_dict("records")
        texts = [" ".join(_asked(each) for each in ranges if not _inside(each, line)) for line in lines]
        return pd.Series(texts, index=self.trials.index, dtype=object)

    @property
    def within(self) -> pd.DataFrame:
        """Finished trials inside all ranges: those that can be the best."""
        finished = self.finished
        return finished[self.outside[finished.index] == ""]

    @property
    def front(self) -> pd.DataFrame:
        """Those of them that no other beats in every objective; with one objective the best."""
        within = self.within
        return within[unbeaten(self.signed(within))]

    def best(self, count: int | None = None) -> pd.DataFrame:
        """The best finished trials inside the ranges; of several objectives those of the front. All if None."""
        found = self._sorted(self.front if len(self.objectives) > 1 else self.within, self.objectives[0])
        return found if count is None else found.head(count)

    def by(self, objective: str) -> pd.DataFrame:
        """The finished trials inside the ranges, the best in one objective first."""
        return self._sorted(self.within, objective)

    def _sorted(self, data: pd.DataFrame, objective: str) -> pd.DataFrame:
        larger = self.metric(objective).better == LARGER
        return data.sort_values([objective, "trial"], ascending=[not larger, True])

    @property
    def compared(self) -> int:
        """How many trials have a value at the end, or after one number of epochs, whichever are more."""
        counts = self.values.groupby("step")["trial"].nunique()
        return max(len(self.finished), int(counts.max()) if len(counts) else 0)

    def without(self, data: pd.DataFrame) -> pd.DataFrame:
        """The trials that were stopped and are not among those of `data`."""
        return self.trials[(self.trials["state"] == STOPPED) & ~self.trials["trial"].isin(data["trial"])]

    def comparable(self, objective: str) -> tuple[pd.DataFrame, int | None]:
        """The trials that have a value of an objective after equally many epochs, with it in a column `value`.

        Returns:
            Finished trials with their final values (step None); or, where few are, all trials that have a value at
            the step that most have.
        """
        values = self.values
        if len(self.finished) >= ENOUGH or values.empty:
            return self.finished.assign(value=self.finished[objective]), None
        counts = values.groupby("step")["trial"].count()
        step = int(max(counts.index, key=lambda each: (counts[each], each)))
        if counts[step] <= len(self.finished):
            return self.finished.assign(value=self.finished[objective]), None
        ended = self.trials[self.trials["state"].isin([FINISHED, STOPPED])]
        return ended.merge(values[values["step"] == step].drop(columns="step"), on="trial"), step

    def shown(self, objective: str) -> tuple[pd.DataFrame, int | None]:
        """The comparable trials, and the finished ones that have no value after those epochs.

        Returns:
            As `comparable`, with a column `late`: it is True where the value is that at the end. So are those of trials
            that were in the store, as the defaults after an ablation, and were not validated on their way.
        """
        data, step = self.comparable(objective)
        late = self.finished[~self.finished["trial"].isin(data["trial"])]
        late = late.assign(value=late[objective], late=True)
        return pd.concat([data.assign(late=False), late], ignore_index=True) if len(late) else data.assign(
            late=False
        ), step


def role_words(defaults_of: str) -> dict[str, str]:
    """What the configurations that a search begins with are called.

    Args:
        defaults_of: whose values the parameters' defaults are, see `assay.study.Study`.
    """
    if defaults_of == "base":
        return {DEFAULTS: "the base", OWN: "the command's own values"}
    return {DEFAULTS: f"the {defaults_of}'s defaults", OWN: "the preset's own values"}


def unbeaten(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows no other row beats: by being as large in every column, and larger in one.

    Args:
        values: (rows, columns).
    """
    beaten = [bool(np.any(np.all(values >= own, axis=1) & np.any(values > own, axis=1))) for own in values]
    return ~np.array(beaten, dtype=bool)


def search_results(folder: Path) -> SearchResults:
    """Read a search's folder.

    Raises:
        UserError: it holds no search, or a file in it is damaged or was written by a newer version.
    """
    record = read_checked(folder, RECORD, partial(read_search_record, newest=FORMAT))
    ranged = [each["name"] for each in record["space"] if not each["choices"]]
    trials, values, importance = read_tables(folder, record["objectives"], ranged)
    trials = trials.assign(role=trials["role"].replace("paper", DEFAULTS))  # as an early search calls it
    trials = trials if "origin" in trials else trials.assign(origin="")  # an early search has all from itself
    if absent := [each["name"] for each in record["space"] if each["name"] not in trials]:
        raise damaged(folder / "trials.csv", f"no column {absent[0]}")
    return SearchResults(record, trials, values, importance)


def _asked(parameter: Mapping[str, Any]) -> str:
    """`lr=1e2:1e9`: the range as it was typed, or as it is listed."""
    listed = f"{parameter['low']:g}:{parameter['high']:g}"
    return f"{parameter['name']}={parameter.get('typed') or listed}"


def _inside(parameter: Mapping[str, Any], trial: Mapping[Hashable, Any]) -> bool:
    """Whether a trial's value is in the range, bounds included however they were rounded; what is not drawn yet is."""
    value, low, high = trial[parameter["name"]], parameter["low"], parameter["high"]
    if pd.isna(value):
        return True
    number = float(value)
    return bool(low <= number <= high or math.isclose(number, low) or math.isclose(number, high))
