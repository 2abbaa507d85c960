"""Synthetic runs with known effects, and what a search leaves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.synthetic_runs import make_run, measured_from, whole_run

__all__ = ["make_run", "measured_from", "whole_run"]


@pytest.fixture
def search_folder(tmp_path: Path) -> Path:
    """What a search of two parameters leaves."""
    return write_search_folder(tmp_path / "search")


def write_search_folder(folder: Path) -> Path:
    """Six trials, one of them stopped; not confirmed."""
    folder.mkdir()
    space = [
        {"name": name, "path": f"loss.{name}", "scale": "log", "low": 1.0, "high": 32.0, "choices": [], "paper": 8.0}
        for name in ("alpha3", "beta1")
    ]
    record = {"format": 1, "command": ["python", "-m", "platform.search", "alpha3", "beta1"], "objectives": ["score"]}
    record |= {"sampler": "tpe", "space": space, "seeds": [0], "validation_pairs": 4, "note": ""}
    (folder / "search.json").write_text(json.dumps(record))
    trials = pd.DataFrame({"trial": range(6), "role": ["defaults", *[""] * 5], "state": "finished"})
    trials = trials.assign(score=1 + trials["trial"] / 8, alpha3=2.0 + trials["trial"], beta1=9.0 - trials["trial"])
    trials.loc[3, ["state", "score"]] = ["stopped", np.nan]
    trials.assign(last_step=3, seconds=1.5, reason="").to_csv(folder / "trials.csv", index=False)
    values = pd.DataFrame([(n, step, n / 8 + step / 4) for n in range(6) for step in (1, 2)])
    values.to_csv(folder / "values.csv", index=False, header=["trial", "step", "value"])
    head = "objective,parameter,importance,step,trials\n"
    (folder / "importance.csv").write_text(head + "score,alpha3,0.75,,6\nscore,beta1,0.25,,6\n")
    (folder / "best.yaml").write_text("# <b>best</b>\nloss.alpha3: 7\n")
    return folder
