"""Which run a notebook is about."""

from __future__ import annotations

import os
from pathlib import Path

from smfnet.config.errors import UserError
from smfnet.experiment.results import Run

__all__ = ["OTHER_RUN", "RUN", "chosen_run"]

RUN, OTHER_RUN = "SMFNET_RUN", "SMFNET_OTHER_RUN"  # environment variables: folders of runs
RUNS = "runs"


def chosen_run(path: str | Path = "", kind: str = "ablation", variable: str = RUN) -> Run:
    """The run in `path`; without one, the run that the environment names, or else the latest below `runs/`.

    Args:
        path: folder of a run, or empty.
        kind: of the latest: `ablation` or `search`.
        variable: of the environment.

    Raises:
        UserError: there is none, or the folder is no run.
    """
    named = str(path) or os.environ.get(variable, "")
    folder = Path(named) if named else _latest(kind, variable)
    run = Run(folder)
    run.record  # noqa: B018  (says what is wrong with the folder now, not cells later)
    return run


def _latest(kind: str, variable: str) -> Path:
    here = Path.cwd()
    places = [folder / RUNS for folder in (here, *here.parents) if (folder / RUNS).is_dir()]
    found = sorted(path for place in places[:1] for path in place.glob("*/run.json"))
    for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True):
        if Run(path.parent).record.kind == kind:
            return path.parent
    raise UserError(f"no {kind} found in {RUNS}/: set RUN in this notebook, or the variable {variable}, to its folder")
