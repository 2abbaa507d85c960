"""Suites: ordered rows, each a named set of changes to the base."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assay.config.errors import UserError, unknown
from assay.config.reading import read_yaml
from assay.design.design import Design
from assay.metric import Metric
from assay.store.received.names import file_name
from assay.study import Study

__all__ = ["Suite", "Variant", "load_suite", "suite_names", "suite_of"]


@dataclass(frozen=True)
class Variant:
    """One row: a pure change of the base configuration.

    Attributes:
        name, title: what the user types, and what the table shows.
        changes: dotted configuration path -> value.
        published: the row of the published table that it answers, or None.
        alternative: left out of `--all`.
    """

    name: str
    title: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    published: str | None = None
    alternative: bool = False


@dataclass(frozen=True)
class Suite:
    """An ordered list of variants.

    Attributes:
        base: name of the row that the others are compared with.
        published: name of the published table, or None.
        baselines: training-free rows that are measured beside the variants.
        margins: metric -> the difference below which nobody would care, in place of the metric's own; None: it has
            none. Fixed before a run, or the word "equivalent" says nothing.
        design: whose combinations the rows are; None: rows as a person wrote them.
    """

    name: str
    title: str
    base: str
    published: str | None
    variants: tuple[Variant, ...]
    baselines: tuple[str, ...] = ()
    margins: Mapping[str, float | None] = field(default_factory=dict)
    design: Design | None = None

    def metrics(self, metrics: Iterable[Metric]) -> tuple[Metric, ...]:
        """The metrics of a study, with the margins of this suite."""
        return tuple(replace(each, margin=self.margins.get(each.name, each.margin)) for each in metrics)

    @property
    def default(self) -> tuple[Variant, ...]:
        """The rows of `--all`."""
        return tuple(variant for variant in self.variants if not variant.alternative)

    @property
    def answers(self) -> dict[str, str | None]:
        """Row -> the row of the printed table that it answers, or None."""
        return {variant.name: variant.published for variant in self.variants}

    def pick(self, names: Iterable[str]) -> tuple[Variant, ...]:
        """The named rows, in table order.

        Raises:
            UserError: a name is none of the suite's rows.
        """
        known = {variant.name: variant for variant in self.variants}
        wanted = list(names)
        for name in wanted:
            if name not in known:
                raise unknown("row", name, known)
        return tuple(variant for variant in self.variants if variant.name in wanted)


def suite_names(folder: Path | None) -> list[str]:
    """Names that `--suite` accepts without a path: the files of a study's folder of suites."""
    return sorted(path.stem for path in folder.glob("*.yaml")) if folder else []


def suite_of(study: Study, name: str | Mapping[str, Any] | None = None) -> Suite:
    """A suite of a study: by its name or its file, as a YAML file would have it, or the study's own.

    Raises:
        UserError: there is no such suite, the study has none of its own, or a margin is of none of its metrics.
    """
    suite = _found(study, name)
    known = [metric.name for metric in study.metrics]
    for metric in suite.margins:
        if metric not in known:
            raise unknown(f"metric in the margins of the suite {suite.name}", metric, known)
    return suite


def _found(study: Study, name: str | Mapping[str, Any] | None) -> Suite:
    if isinstance(name, str) or (name is None and isinstance(study.suite, str)):
        if not name and not study.suite:
            raise UserError(f"the study {study.name} has no suite of its own, suite = ...: name one, or a YAML file")
        return load_suite(name or str(study.suite), study.suites)
    try:
        return _parse(study.name, study.suite if name is None else name)
    except ValueError as error:
        raise UserError(f"the suite of the study {study.name}: {error}") from error


def load_suite(name: str, folder: Path | None = None) -> Suite:
    """Read a suite by its name in a study's folder of suites, or from a YAML file of the user's.

    Raises:
        UserError: no such suite, or the file is not a suite.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else (folder or Path()) / f"{name}.yaml"
    if not path.is_file():
        raise unknown("suite", name, suite_names(folder))
    try:
        return _parse(path.stem, read_yaml(path))
    except (OSError, ValueError) as error:
        line = " ".join(str(error).split())
        raise UserError(f"{path} is no suite: expected a base, and rows of title and changes; {line}") from error


def _parse(name: str, raw: Any) -> Suite:
    values = _mapping(raw, "the file", ("title", "published", "base", "baselines", "margins", "rows"))
    rows = _mapping(values.get("rows") or {}, "rows")
    variants = tuple(_variant(row, value) for row, value in rows.items())
    baselines = _names(values.get("baselines"))
    names = [file_name(row).casefold() for row in (*rows, *baselines)]  # some file systems do not tell case apart
    if twice := [row for row, count in Counter(names).items() if count > 1]:
        raise ValueError(f"two rows would be stored as {twice[0]!r}: expected names that differ in more than case")
    if "sources" in names:
        raise ValueError("a row cannot be called 'sources': a run keeps the pictures of the sources under that name")
    base = _text(values, "base", "the file") or "ours"
    if base not in rows:
        raise ValueError(f"base {base!r} is none of its rows")
    title, published = _text(values, "title", "the file"), _text(values, "published", "the file")
    return Suite(name, title or name, base, published, variants, baselines, _margins(values.get("margins")))


def _margins(raw: Any) -> dict[str, float | None]:
    found = _mapping(raw or {}, "margins")
    for metric, margin in found.items():
        number = isinstance(margin, int | float) and not isinstance(margin, bool)
        if margin is not None and not (number and 0 < margin < math.inf):
            raise ValueError(f"margins: {metric}: expected a number > 0, or null for none; got {margin!r}")
    return {str(metric): None if margin is None else float(margin) for metric, margin in found.items()}


def _names(raw: Any) -> tuple[str, ...]:
    names = raw or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"baselines: expected a list of names, got {raw!r}")
    return tuple(names)


def _variant(row: Any, raw: Any) -> Variant:
    if not isinstance(row, str):
        raise ValueError(f"the row {row!r} needs quotes, to be a name")
    if not row.isprintable() or not row.strip() or "=" in row or row.startswith("-"):
        raise ValueError(f"the row {row!r} cannot be named on a command line")
    place = f"row {row}"
    values = _mapping({} if raw is None else raw, place, ("title", "changes", "published", "alternative"))
    changes = _mapping(values.get("changes") or {}, f"changes of row {row}")
    alternative = values.get("alternative", False)
    if not isinstance(alternative, bool):
        raise ValueError(f"{place}: alternative: expected true or false, got {alternative!r}")
    return Variant(row, _text(values, "title", place) or row, changes, _text(values, "published", place), alternative)


def _text(values: Mapping[Any, Any], key: str, place: str) -> str | None:
    """A text, or a number as it is written; None if there is none."""
    value = values.get(key)
    if isinstance(value, list | dict):
        raise ValueError(f"{place}: {key}: expected text, got {type(value).__name__}")
    return None if value is None else str(value)


def _mapping(raw: Any, what: str, known: Iterable[str] = ()) -> Mapping[Any, Any]:
    """`raw` if it is keys and values, and no key but the known ones.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(raw, Mapping):
        raise ValueError(f"{what}: expected keys and values, got {type(raw).__name__}")
    for key in raw:
        if known and key not in known:
            raise unknown(f"key in {what}", str(key), known)
    return raw
