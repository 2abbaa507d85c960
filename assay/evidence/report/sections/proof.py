"""Proof of ablation in a report: alarms first, then what each row changed, and what its parts and losses did."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from assay.evidence.figures.curves import STAGE_TITLES
from assay.evidence.proof import Proof
from assay.evidence.report.blocks import Block, Cell, Grid, Sentences, cell_of

__all__ = ["proof_blocks"]

Line = Mapping[Hashable, Any]


def proof_blocks(proof: Proof, base_title: str) -> Iterator[Block]:
    """Alarms, a line per row, the effect of every branch.

    Args:
        proof: of a run.
        base_title: what the base is called.
    """
    if len(proof.alarms):
        yield Sentences(tuple(_alarm(line) for line in proof.alarms.to_dict("records")), "alarm")
    elif (proof.data.get("n_seeds", pd.Series(dtype=int)) > 0).any():
        yield Sentences((_all_well(proof, base_title),))
    if proof.notes:
        yield Sentences(proof.notes, "missing")
    if len(proof.data):
        yield _rows(proof.data, base_title)
    if len(proof.outputs):
        yield _outputs(proof)


def _all_well(proof: Proof, base_title: str) -> str:
    """What was looked at and found to be as it should be."""
    weights = proof.data["parameters"].notna().any()
    facts = [
        *(["every loss term has a gradient"] if len(proof.terms) else []),
        *(["every branch changes what comes out"] if len(proof.outputs) else []),
        *([f"no row's weights equal those of {base_title}"] if weights else []),
        f"no row gives the very values of {base_title} under the same seed",
    ]
    *first, last = facts
    told = f"{', '.join(first)}, and {last}." if first else f"{last}."
    return told[0].upper() + told[1:]


def _alarm(line: Line) -> str:
    seeds = f" (seeds {', '.join(map(str, line['seeds']))})" if len(line["seeds"]) else ""
    return f"{line['title']}: {line['alarm']}{seeds}"


def _rows(data: pd.DataFrame, base_title: str) -> Grid:
    stages = [name for name in data.columns if name.startswith(("flops_", "seconds_"))]
    columns = ("row", f"changes to {base_title}", "parameters", "added", "removed", *map(_stage_title, stages), "seeds")
    lines = tuple(_row(line, stages) for line in data.to_dict("records"))
    return Grid(columns, lines, "What each row changed")


def _row(line: Line, stages: list[str]) -> tuple[Cell, ...]:
    return (
        Cell(line["title"]),
        Cell(line["changes"].replace(" -> ", " → ") or "none"),
        _whole(line["parameters"]),
        _whole(line["added"], line["parts_added"]),
        _whole(line["removed"], line["parts_removed"]),
        *(_cost(stage, line[stage]) for stage in stages),
        Cell(str(line["n_seeds"]), kind="number"),
    )


def _whole(value: float, below: str = "") -> Cell:
    return (
        Cell(f"{value:,.0f}", below, kind="number" if not below else "right")
        if math.isfinite(value)
        else cell_of(value)
    )


def _cost(name: str, value: float) -> Cell:
    return cell_of(value / 1e9 if name.startswith("flops_") else value)


def _stage_title(name: str) -> str:
    quantity, _, stage = name.partition("_")
    title = STAGE_TITLES.get(stage, stage)
    return f"GFLOPs, {title}" if quantity == "flops" else f"s per step, {title}"


def _outputs(proof: Proof) -> Grid:
    """Rows x branches."""
    outputs = proof.outputs
    wide = outputs.pivot_table(index=["row", "title"], columns="branch", values="change", sort=False)
    branches = list(dict.fromkeys(outputs["branch"]))
    lines = [
        (Cell(str(title)), *(cell_of(float(value)) for value in values))
        for (_, title), values in zip(wide.index, wide[branches].to_numpy(), strict=True)
    ]
    unit = f", in {proof.unit}" if proof.unit else ""
    caption = f"Mean absolute change of {proof.output} when a branch gives zero{unit}"
    return Grid(("row", *branches), tuple(lines), caption)
