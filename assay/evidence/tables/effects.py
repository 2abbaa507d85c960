"""The effects of a design's parts as Markdown, CSV and lines for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assay.evidence.csv_text import csv_text
from assay.evidence.numbers import signed
from assay.evidence.statistics.parts.contrasts import Contrasts
from assay.evidence.statistics.words import SIGNS
from assay.evidence.tables.markdown import bar, escape
from assay.metric import Metric

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["effects_csv", "effects_markdown", "effects_terminal"]

_TITLES = {"factorial": "Effects of the parts", "pairs": "Effects of parts, and of two together",
           "add-one": "Effects of parts alone", "shapley": "Shares of the parts"}  # fmt: skip
TITLE_WIDTH, METRIC_WIDTH = 34, 22  # columns of the terminal


def effects_csv(contrasts: Contrasts) -> str:
    """All digits, a line per effect and metric; parts and aliases by their names."""
    names = [part.name for part in contrasts.design.parts]
    data = contrasts.data.assign(
        parts=[" ".join(names[place] for place in parts) for parts in contrasts.data["parts"]],
        aliases=[
            "; ".join(" ".join(names[place] for place in alias) for alias in aliases)
            for aliases in contrasts.data["aliases"]
        ],
    )
    return csv_text(data)


def effects_markdown(contrasts: Contrasts) -> str:
    """A line per effect, a column per metric, each with its interval; notes below."""
    headings = [escape(metric.heading) for metric in contrasts.metrics]
    lines = [f"**{_TITLES[contrasts.design.kind]}**", "", bar(["", *headings])]
    lines.append(bar(["---", *["---:"] * len(headings)]))
    for effect, cells in _by_effect(contrasts).items():
        told = [" ".join(_texts(cells[metric.name], metric)) for metric in contrasts.metrics]
        lines.append(bar([escape(effect), *told]))
    return "\n".join([*lines, "", *(f"- {escape(note)}" for note in contrasts.notes)]) + "\n"


def effects_terminal(contrasts: Contrasts, width: int = 100) -> RenderableType:
    """What rich prints: the interval under the effect, as many metrics side by side as fit into `width` columns."""
    from rich.console import Group
    from rich.text import Text

    abreast = max(1, (width - TITLE_WIDTH) // METRIC_WIDTH)
    starts = range(0, len(contrasts.metrics), abreast)
    parts: list[Any] = [_part(contrasts, contrasts.metrics[start : start + abreast]) for start in starts]
    return Group(*parts, *(Text(f"· {note}", style="dim") for note in contrasts.notes))


def _part(contrasts: Contrasts, metrics: tuple[Metric, ...]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = Text(_TITLES[contrasts.design.kind], style="italic") if metrics[0] == contrasts.metrics[0] else None
    drawn = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    drawn.add_column("", max_width=TITLE_WIDTH, overflow="fold")
    for metric in metrics:
        drawn.add_column(Text(metric.heading), justify="right", no_wrap=True)
    for effect, cells in _by_effect(contrasts).items():
        texts = [_texts(cells[metric.name], metric) for metric in metrics]
        drawn.add_row(Text(effect), *(Text(one).append(f"\n{other}", style="dim") for one, other in texts))
    return drawn


def _by_effect(contrasts: Contrasts) -> dict[str, dict[str, Mapping[Any, Any]]]:
    """Effect -> metric -> its line, in order."""
    found: dict[str, dict[str, Mapping[Any, Any]]] = {}
    for line in contrasts.data.to_dict("records"):
        found.setdefault(line["effect"], {})[line["metric"]] = line
    return found


def _texts(line: Mapping[Any, Any], metric: Metric) -> tuple[str, str]:
    """The effect with its mark, and its interval; a dash where there is no value."""
    if not math.isfinite(line["estimate"]):
        return "–", ""
    digits = metric.decimals
    interval = f"[{signed(line['low'], digits)}, {signed(line['high'], digits)}]" if math.isfinite(line["low"]) else ""
    return f"{signed(line['estimate'], digits)} {SIGNS[line['verdict']]}".rstrip(), interval
