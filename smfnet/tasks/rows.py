"""The rows of a table of methods: what each one's network learns from and what it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from smfnet.folders import published_folder
from smfnet.fusion.titles import TITLES
from smfnet.tasks.config import FROZEN, RETRAINED
from smfnet.tasks.printed import is_of

__all__ = ["BASE", "suite_of_methods"]

BASE = "visible_only"
_PROTOCOLS = {
    FROZEN: "one network for each seed, trained on visible images, reads every method's images",
    RETRAINED: "a network for each method and seed, trained and tested on the method's images",
}


def suite_of_methods(
    task: str, protocol: str, methods: Iterable[str], data: str, table: str, baselines: Sequence[str] = ()
) -> Mapping[str, Any]:
    """A suite, as a YAML file would have it: the sources, three rules without training, then the methods.

    Args:
        task: for the title.
        protocol: `frozen` or `retrained`.
        methods: names of further images.
        data: name of the data set that is read.
        table: name of the printed table; if it is of this data set, a method stands beside its printed numbers.
        baselines: rows that no network reads.
    """
    titles = {**TITLES, **{name: name for name in methods}}
    printed = _printed(table) if is_of(table, data) else {}
    rows = {name: _row(name, title, protocol, printed.get(name.casefold())) for name, title in titles.items()}
    answers = {"published": table} if any("published" in row for row in rows.values()) else {}
    title = f"{task}, {protocol}: {_PROTOCOLS[protocol]}"
    return {"title": title, "base": BASE, "baselines": list(baselines), "rows": rows, **answers}


def _row(name: str, title: str, protocol: str, printed: str | None) -> dict[str, Any]:
    places = ("images.read",) if protocol == FROZEN else ("images.read", "images.trained_on")
    changes = {} if name == BASE else dict.fromkeys(places, name)
    return {"title": title, "changes": changes} | ({"published": printed} if printed else {})


def _printed(table: str) -> dict[str, str]:
    """Method -> its row of the printed table; of methods the case does not count."""
    return {str(name).casefold(): str(name) for name in pd.read_csv(published_folder() / f"{table}.csv")["method"]}
