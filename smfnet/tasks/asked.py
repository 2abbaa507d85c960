"""A table of networks that are trained for a task, from what is asked for: its rows and its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.errors import UserError
from assay.console.progress import each as each_shown
from smfnet.data.images import write_png
from smfnet.fusion.titles import TITLES
from smfnet.methods.named import Method
from smfnet.tasks.config import FROZEN
from smfnet.tasks.given import folders_given, known_scenes
from smfnet.tasks.images import images_of_run
from smfnet.tasks.stacked import TEST, TRAIN

if TYPE_CHECKING:
    from assay.runs import Run

__all__ = ["Asked", "asked"]

SuiteOf = Callable[[str, Iterable[str], str], Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What the engine is given.

    Attributes:
        suite: the rows.
        values: of the configuration, by dotted path.
    """

    suite: Mapping[str, Any]
    values: Mapping[str, Any]


def asked(
    suite_of: SuiteOf, protocol: str, data: str, root: Path, fused: Sequence[str], run: Run | None, rows: Sequence[str]
) -> Asked:
    """Find every method, and fuse what the rows of a run have not fused yet.

    Args:
        suite_of: from a protocol, names of methods and a data set to the rows.
        protocol: `frozen` or `retrained`.
        data, root: the data set, and the folder that holds it.
        fused: `NAME=DIR` each.
        run: whose rows are wanted too, or None.
        rows: their names.

    Raises:
        UserError: something is not there.
    """
    known, _ = known_scenes(data, root, TEST)
    parts = (TEST,) if protocol == FROZEN else (TRAIN, TEST)
    methods = folders_given(known, fused) + (_fused_by(run, rows, data, root, parts) if run else [])
    if taken := [each.name for each in methods if each.name in (*TITLES, *TITLES.values())]:
        raise UserError(f"--fused: the name {taken[0]} is that of a row without training: expected another")
    folders = [f"{each.name}={each.place.resolve()}" for each in methods]
    values = {"images.data": data, "images.root": str(root.resolve()), "images.folders": folders}
    return Asked(suite_of(protocol, (each.name for each in methods), data), values)


def _fused_by(run: Run, rows: Sequence[str], data: str, root: Path, parts: Sequence[str]) -> list[Method]:
    """Folders of what rows of a run fuse; files that are there are of the same weights, and stay."""
    names = list(rows) or [run.record.base_row]
    found = []
    for row, images in zip(names, images_of_run(run, names, "rgb"), strict=True):
        (trial,) = (each for each in run.record.trials if each.row == row and each.seed == run.seeds(row)[0])
        folder = Path("runs") / "fused" / f"{trial.id}-{trial.fingerprint[:12]}" / data
        scenes = {folder / part / f"{n}.png": s for part in parts for n, s in known_scenes(data, root, part)[1].items()}
        missing = {file: scene for file, scene in scenes.items() if not file.exists()}
        for file, scene in each_shown(missing.items(), f"{row} fused", len(missing)):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_png(file, images.read(scene))
        found.append(Method(f"{row} (seed {trial.seed})", folder))
    return found
