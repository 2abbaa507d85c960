"""Which run a notebook is about."""

from __future__ import annotations

import os
from pathlib import Path

from assay.config.errors import UserError
from assay.evidence.report.search import RECORD, is_search
from assay.store.run import RunFolder

__all__ = ["OTHER_RUN", "RUN", "chosen_run"]

RUN, OTHER_RUN = "ASSAY_RUN", "ASSAY_OTHER_RUN"  # environment variables: folders of runs
RUNS = "runs"


def chosen_run(path: str | Path = "", kind: str = "ablation", variable: str = RUN) -> RunFolder:
    """The run in `path`; without one, the run that the environment names, or else the latest below `runs/`.

    Args:
        path: folder of a run, or empty; a relative one is looked for here and in the folders above.
        kind: of the latest: `ablation` or `search`.
        variable: of the environment.

    Raises:
        UserError: there is none, or the folder is no run.
    """
    named = str(path) or os.environ.get(variable, "")
    folder = _found(Path(named)) if named else _latest(kind, variable)
    if not is_search(folder):
        RunFolder(folder).record  # noqa: B018  (says what is wrong with the folder now, not cells later)
    return RunFolder(folder)


def _found(folder: Path) -> Path:
    """The folder, seen from here or from the nearest folder above: a notebook's kernel starts beside the notebook."""
    here = Path.cwd()
    return next((place for place in (each / folder for each in (here, *here.parents)) if place.is_dir()), folder)


def _latest(kind: str, variable: str) -> Path:
    here = Path.cwd()
    places = [folder / RUNS for folder in (here, *here.parents) if (folder / RUNS).is_dir()]
    found = [path for place in places[:1] for name in ("run.json", RECORD) for path in place.glob(f"*/{name}")]
    for path in sorted(found, key=lambda path: (path.stat().st_mtime, path), reverse=True):
        if is_search(path.parent) == (kind == "search"):
            return path.parent
    raise UserError(f"no {kind} found in {RUNS}/: set RUN in this notebook, or the variable {variable}, to its folder")
