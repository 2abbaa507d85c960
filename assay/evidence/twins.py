"""Rows whose curves are the same: they share a stage, and one line would hide the other."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

__all__ = ["twins"]


def twins(curves: pd.DataFrame, rows: Sequence[str]) -> dict[str, str]:
    """Row -> the first row before it that has the very same values.

    Args:
        curves: seed, epoch, value and row, and what else tells two values of one row and epoch apart (`term`).
        rows: in the order in which they are looked at.
    """
    keys = [name for name in ("term", "seed", "epoch") if name in curves]
    first: dict[bytes, str] = {}
    found = {}
    for row in rows:
        own = curves[curves["row"] == row].sort_values(keys)
        if own.empty:
            continue
        values = own[[*keys, "value"]].to_csv(index=False, float_format="%.17g").encode()
        if first.setdefault(values, row) != row:
            found[row] = first[values]
    return found
