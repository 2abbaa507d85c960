"""The notebooks of `analysis/reports`, executed on a run."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assay.config.errors import UserError, unknown
from assay.config.folders import shipped_folder
from assay.evidence.report.chosen_run import OTHER_RUN, RUN
from assay.evidence.report.sections.search import is_search
from assay.store.disk.atomic import write_text
from assay.store.disk.written import wrote
from assay.store.run.folder import RunFolder

__all__ = ["NOTEBOOKS", "executed", "write_notebook"]

NOTEBOOKS = ("ablation", "search", "comparison", "own_study")
TIMEOUT_S = 600


def notebooks_folder() -> Path:
    """The folder with the notebooks as they are before they are executed; raises as `shipped_folder` does."""
    return shipped_folder(Path(__file__).parents[2], "analysis/reports")


def executed(name: str, run: RunFolder | None = None, other: RunFolder | None = None) -> Any:
    """A notebook with the output of every cell.

    Args:
        name: `ablation`, `search`, `comparison` or `own_study`.
        run: what it is about; None if it makes its own.
        other: the second run of a comparison.

    Returns:
        A `nbformat` notebook.

    Raises:
        UserError: there is no such notebook, or a cell failed.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    if name not in NOTEBOOKS:
        raise unknown("notebook", name, NOTEBOOKS)
    source = (notebooks_folder() / f"{name}.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(source, as_version=4)
    folders = {RUN: run, OTHER_RUN: other}
    environment = os.environ | {name: str(each.folder.resolve()) for name, each in folders.items() if each}
    try:
        with TemporaryDirectory(prefix="assay-kernel-") as place:
            config, kernel = _private(Path(place)), "python3"
            client = NotebookClient(notebook, timeout=TIMEOUT_S, kernel_name=kernel, record_timing=False, config=config)
            client.execute(env=environment)
    except CellExecutionError as error:
        last = str(error).strip().splitlines()[-1]
        raise UserError(f"a cell of {name}.ipynb failed{f' on {run.folder}' if run else ''}: {last}") from error
    return notebook


def _private(place: Path) -> Any:
    """The kernel talks over files in a folder of its own, which others cannot open, where there are such; else on
    loopback. Without the folder they lie in the working directory, and two kernels meet there."""
    from traitlets.config import Config

    own = {"transport": "ipc", "connection_file": str(place / "kernel.json")}
    return Config({"KernelManager": own} if os.name == "posix" else {})


def write_notebook(run: RunFolder) -> Path:
    """Write report.ipynb, the executed notebook of the run's kind, into its folder."""
    import nbformat

    path = run.folder / "report.ipynb"
    kind = "search" if is_search(run.folder) else "ablation"
    write_text(path, nbformat.writes(executed(kind, run)) + "\n")
    wrote(path)
    return path
