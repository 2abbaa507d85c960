"""Suites: ordered rows, each a named set of changes to the base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from smfnet.config.errors import UserError, unknown
from smfnet.config.folders import ablations_folder

__all__ = ["Suite", "Variant", "load_suite", "suite_names"]


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
    """

    name: str
    title: str
    base: str
    published: str | None
    variants: tuple[Variant, ...]
    baselines: tuple[str, ...] = ()

    @property
    def default(self) -> tuple[Variant, ...]:
        """The rows of `--all`."""
        return tuple(variant for variant in self.variants if not variant.alternative)

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


def suite_names() -> list[str]:
    """Names that `--suite` accepts without a path."""
    return sorted(path.stem for path in ablations_folder().glob("*.yaml"))


def load_suite(name: str) -> Suite:
    """Read a suite by its name, or from a YAML file of the user's.

    Raises:
        UserError: no such suite, or the file is not a suite.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else ablations_folder() / f"{name}.yaml"
    if not path.is_file():
        raise unknown("suite", name, suite_names())
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _parse(path.stem, raw)
    except (yaml.YAMLError, AttributeError, TypeError, KeyError) as error:
        line = str(error).splitlines()[0]
        raise UserError(f"{path} is no suite: expected base and rows of title and changes; {line}") from error


def _parse(name: str, raw: Mapping[str, Any]) -> Suite:
    variants = tuple(Variant(name=row, **_titled(row, values or {})) for row, values in raw["rows"].items())
    base = raw.get("base", "ours")
    if base not in {variant.name for variant in variants}:
        raise UserError(f"suite {name}: base {base!r} is none of its rows")
    return Suite(name, raw.get("title", name), base, raw.get("published"), variants, tuple(raw.get("baselines", ())))


def _titled(row: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": row, **values}
