"""A table of networks that are trained for a task, from what is asked for: its rows and its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from assay.config.errors import UserError
from smfnet.fusion.titles import TITLES
from smfnet.tasks.config import FROZEN
from smfnet.tasks.fused_rows import FusedRow, fused_rows
from smfnet.tasks.given import folders_given, known_scenes
from smfnet.tasks.rows import BASE
from smfnet.tasks.stacked import TEST, TRAIN

if TYPE_CHECKING:
    from assay.runs import Run
    from smfnet.methods.named import Method

__all__ = ["Asked", "asked"]

SuiteOf = Callable[[str, Iterable[str], str], Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What the engine is given.

    Attributes:
        suite: the rows.
        values: of the configuration, by dotted path.
        told: what a plan has left undone, a sentence each.
    """

    suite: Mapping[str, Any]
    values: Mapping[str, Any]
    told: tuple[str, ...]


@contextmanager
def asked(
    suite_of: SuiteOf,
    protocol: str,
    data: str,
    root: Path,
    fused: Sequence[str],
    run: Run | None,
    rows: Sequence[str],
    *,
    plan: bool,
) -> Iterator[Asked]:
    """Find every method, and fuse what the rows of a run have not fused yet.

    A plan fuses nothing: while it lasts, the visible images stand for what is missing.

    Args:
        suite_of: from a protocol, names of methods and a data set to the rows.
        protocol: `frozen` or `retrained`.
        data, root: the data set, and the folder that holds it.
        fused: `NAME=DIR` each.
        run: whose rows are wanted too, or None.
        rows: their names.
        plan: nothing is to be made.

    Raises:
        UserError: something is not there.
    """
    known, test = known_scenes(data, root, TEST)
    scenes = {TRAIN: known_scenes(data, root, TRAIN)[1], TEST: test} if run else {}
    of_run = fused_rows(run, rows, data, scenes, (TEST,) if protocol == FROZEN else (TRAIN, TEST)) if run else []
    given = folders_given(known, fused)
    names = [each.name for each in (*given, *(row.method for row in of_run))]
    if taken := [name for name in names if name in (*TITLES, *TITLES.values())]:
        raise UserError(f"--fused: the name {taken[0]} is that of a row without training: expected another")
    if not plan:
        for row in of_run:
            row.fuse()
        yield _asked(suite_of, protocol, data, root, [*given, *(row.method for row in of_run)])
        return
    left = [row for row in of_run if row.missing]
    with TemporaryDirectory() as place:
        own = [row.standing_in(Path(place) / str(at)) if row in left else row.method for at, row in enumerate(of_run)]
        yield _asked(suite_of, protocol, data, root, [*given, *own], tuple(map(_to_fuse, left)))


def _asked(
    suite_of: SuiteOf, protocol: str, data: str, root: Path, methods: Sequence[Method], told: tuple[str, ...] = ()
) -> Asked:
    folders = [f"{each.name}={each.place.resolve()}" for each in methods]
    values = {"images.data": data, "images.root": str(root.resolve()), "images.folders": folders}
    values |= dict.fromkeys(("images.trained_on", "images.read"), BASE)
    return Asked(suite_of(protocol, (each.name for each in methods), data), values, told)


def _to_fuse(row: FusedRow) -> str:
    return (
        f"{row.method.name}: {len(row.missing)} images would be fused first, into {row.method.place}; in this plan the "
        "visible images stand for them."
    )
