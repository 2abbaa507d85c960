"""What runs left: read, reported, sent elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from assay.config.errors import UserError
from assay.launch.request.asked import Place
from assay.launch.request.given import GivenStudy, study_given

if TYPE_CHECKING:
    from assay.runs import Run, SearchRun
    from assay.runs.export import Exported

__all__ = ["export", "load_run", "report", "unpack"]


def load_run(folder: Place, study: GivenStudy | None = None) -> Run | SearchRun:
    """What an ablation or a search left, finished or not.

    Args:
        folder: of the run.
        study: what was studied, for `Run.network`: a run's record is data, and no code is run that it names.

    Raises:
        UserError: the folder holds neither, or there is no such study.
    """
    from assay.runs import Run, SearchRun

    if not isinstance(folder, str | PathLike):
        raise UserError(f"expected the folder of a run; got {folder!r}")
    studied = None if study is None else study_given(study)
    if (Path(folder) / "search.json").is_file():
        found = SearchRun(folder, studied)
        found.results  # noqa: B018 - raises where it cannot be read
        return found
    run = Run(folder, studied)
    run.record  # noqa: B018
    return run


def report(run: Run | SearchRun | Place, *, notebook: bool = False) -> Path:
    """Write a run's report.html, its figures and tables, and an executed notebook if wanted; returns the page's path.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    from assay.runs import Run

    folder = run if isinstance(run, str | PathLike) else run.folder
    return Run(folder).report(notebook=notebook)


def export(
    run: Run | SearchRun | Place,
    path: Place,
    *,
    rows: str | Sequence[str] | None = None,
    seeds: int | Sequence[int] | None = None,
    every: bool = False,
    storage: str | None = None,
    study: GivenStudy | None = None,
) -> Exported:
    """Write a run as one zip file, which works on any machine once it is unpacked.

    Args:
        run: or its folder. The report is written first.
        path: of the zip file, which is replaced.
        rows: whose weights go with it; the base row's if None, none if empty.
        seeds: of these trainings; the first finished one of each row if None.
        every: the weights of every finished training instead.
        storage: where the weights are, if not where the run says.
        study: whose networks go with it as files for other programs too, see `Study.formats`; none do if None.

    Raises:
        UserError: the folder is no run, or weights that are named are not there; says with which command they are made.
            Or the study makes no such files.
    """
    from assay.runs.export import export_run

    folder = Path(run if isinstance(run, str | PathLike) else run.folder)
    wanted = [rows] if isinstance(rows, str) else rows
    numbers = [seeds] if isinstance(seeds, int) else seeds
    known = None if study is None else study_given(study)
    return export_run(folder, Path(path), wanted, numbers, every=every, storage=storage, study=known)


def unpack(path: Place, folder: Place = ".") -> Path:
    """Unpack what `export` wrote, into a new folder in `folder`; returns that.

    Raises:
        UserError: it is no such file, it is damaged, a name in it leads elsewhere, or the folder is there already.
    """
    from assay.store.received.packed import unpack as unpacked

    return unpacked(Path(path), Path(folder))
