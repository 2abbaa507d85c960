"""Which run a notebook is about, and which two."""

from __future__ import annotations

import os
from pathlib import Path

from assay.config.errors import UserError
from assay.evidence.report.sections.search import RECORD, is_search
from assay.store.run.folder import RunFolder

__all__ = ["OTHER_RUN", "RUN", "chosen_pair", "chosen_run"]

RUN, OTHER_RUN = "ASSAY_RUN", "ASSAY_OTHER_RUN"  # environment variables: folders of runs
RUNS = "runs"


def chosen_run(path: str | Path = "", kind: str = "ablation", variable: str = RUN) -> RunFolder:
    """The run in `path`; without one, the run that the environment names, or else the latest below `runs/`.

    Args:
        path: folder of a run, or empty; a relative one is looked for here and in the folders above.
        kind: `ablation`, or `search`; a search that was confirmed is an ablation too.
        variable: of the environment.

    Raises:
        UserError: there is none, the folder is no run, or it is one of the other kind.
    """
    named = str(path) or os.environ.get(variable, "")
    folder = _found(Path(named)) if named else _latest(kind, variable)
    if is_search(folder) and kind != "search" and not (folder / "run.json").is_file():
        raise UserError(f"{folder} is a search that has confirmed nothing: its notebook is search.ipynb")
    if not is_search(folder):
        RunFolder(folder).record  # noqa: B018  (says what is wrong with the folder now, not cells later)
        if kind == "search":
            raise UserError(f"{folder} is an ablation: its notebook is ablation.ipynb")
    return RunFolder(folder)


def chosen_pair(first: str | Path = "", second: str | Path = "") -> tuple[RunFolder, RunFolder]:
    """The two runs in these folders, or those that the environment names; none is taken that nobody has named.

    Raises:
        UserError: one is not named, or as for `chosen_run`.
    """
    named = [str(path) or os.environ.get(name, "") for path, name in ((first, RUN), (second, OTHER_RUN))]
    if not all(named):
        raise UserError(f"set FIRST and SECOND in this notebook, or {RUN} and {OTHER_RUN}, to the folders of two runs")
    return chosen_run(named[0]), chosen_run(named[1])


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
