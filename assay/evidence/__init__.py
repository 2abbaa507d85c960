"""From the results of a run to evidence: tables, verdicts, figures and reports. Reads results only.

The names below load what they need when they are first used, so that a table does not wait for the figures. What they
start from, `measurements(run)`, is in the module of that name.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Agreement": "statistics.agreement",
    "Measurements": "measurements",
    "Proof": "proof",
    "Table": "tables.table",
    "Verdicts": "statistics.verdict",
    "ablation_table": "tables.table",
    "agreement_of": "statistics.agreement",
    "noise_floor": "statistics.noise",
    "proof_of": "proof",
    "verdicts_of": "statistics.verdict",
    "write_tables": "tables.render",
}

__all__ = [
    "Agreement",
    "Measurements",
    "Proof",
    "Table",
    "Verdicts",
    "ablation_table",
    "agreement_of",
    "noise_floor",
    "proof_of",
    "verdicts_of",
    "write_tables",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
