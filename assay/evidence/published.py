"""The paper's tables as objects: the printed numbers, and the convention that each metric follows."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pandas as pd
import yaml

from assay.config.errors import unknown
from smfnet.folders import published_folder

__all__ = ["PAPERS_TABLE", "Convention", "PublishedTable", "conventions", "published_table"]

PAPERS_TABLE = "table5"  # the paper's only ablation table


@dataclass(frozen=True)
class Convention:
    """How a metric is computed where papers differ; for all of them larger is better."""

    unit: str
    convention: str


@dataclass(frozen=True)
class PublishedTable:
    """One printed table.

    Attributes:
        name: `table1` to `table5`.
        title: what it is about.
        images: on which images it was measured, in words.
        n_images: how many they were, where that is known.
        label: the column that names a row (`method` or `configuration`).
        data: the file as it is.
    """

    name: str
    title: str
    images: str
    n_images: int | None
    label: str
    data: pd.DataFrame

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows, in printed order."""
        return tuple(self.data[self.label].unique())

    def value(self, row: str | None, metric: str) -> float:
        """The printed number; nan if the table has no such row or metric, or has the row more than once (Table 1)."""
        found = self.data[self.data[self.label] == row]
        return float(found[metric].iloc[0]) if metric in found and len(found) == 1 else float("nan")


@functools.cache
def published_table(name: str) -> PublishedTable:
    """Read a printed table.

    Raises:
        UserError: there is no table of that name.
    """
    known = _meta()["tables"]
    if name not in known:
        raise unknown("published table", name, known)
    data = pd.read_csv(StringIO((published_folder() / f"{name}.csv").read_text(encoding="utf-8")))
    about = known[name]
    return PublishedTable(name, about["title"], about["images"], about.get("n_images"), about["label"], data)


@functools.cache
def conventions() -> Mapping[str, Convention]:
    """Metric -> unit and convention, for every metric that this project measures."""
    return {name: Convention(**values) for name, values in _meta()["metrics"].items()}


@functools.cache
def _meta() -> dict[str, Any]:
    meta: dict[str, Any] = yaml.safe_load((published_folder() / "conventions.yaml").read_text(encoding="utf-8"))
    return meta
