"""What a command names, found: the scenes of a data set, and the images of every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.config.errors import UserError
from smfnet.data.folder import FilePair
from smfnet.data.sets.known import KnownSet, known_set
from smfnet.data.sets.located import located
from smfnet.fusion.titles import TITLES
from smfnet.methods.data_sets import methods_of, sources_of_set
from smfnet.methods.named import Method, methods_from
from smfnet.tasks.images import Images, images_of_folder, images_of_rule, images_of_run

if TYPE_CHECKING:
    from assay.runs import Run

__all__ = ["folders_given", "images_given", "known_scenes", "notes_on_pairs"]


def known_scenes(name: str, root: Path, part: str) -> tuple[KnownSet, dict[str, FilePair]]:
    """A data set, and the pairs of a part by name.

    Raises:
        UserError: it is not there, or has no such part.
    """
    known = known_set(name)
    here = located(known, root)
    if part not in (place.part for place, _, _ in here.places):
        raise UserError(f"--data {name}: {here.folder} has no part {part}; expected {part}/ir and {part}/vi in it")
    sources = sources_of_set(known, root, part)
    return known, {name: FilePair(name, sources.ir[name], sources.vi[name]) for name in sources.scenes}


def notes_on_pairs(name: str, root: Path, part: str) -> tuple[str, ...]:
    """That images of a part have no partner, a sentence; nothing if each has one."""
    sources = sources_of_set(known_set(name), root, part)
    alone = sorted(sources.ir.keys() ^ sources.vi.keys())
    if not alone:
        return ()
    return (f"{part}: images without one of the other spectrum are left out, {len(alone)}, such as {alone[0]}.",)


def images_given(
    known: KnownSet, fused: Sequence[str], run: Run | None, rows: Sequence[str], part: str, colour: str
) -> list[Images]:
    """The rules that need no training, then the methods that are named, then rows of a run.

    Args:
        known: the data set.
        fused: `NAME=DIR` each.
        run: whose rows are wanted too, or None.
        rows: their names.
        part: `train` or `test`.
        colour: `rgb` or `grey`.

    Raises:
        UserError: a folder or a row is not there, or two rows would have one title.
    """
    images = [images_of_rule(rule, colour) for rule in TITLES]
    images += [images_of_folder(method, part, colour) for method in folders_given(known, fused)]
    images += images_of_run(run, rows, colour) if run else []
    titles = [each.title for each in images]
    if twice := [title for title in titles if titles.count(title) > 1]:
        raise UserError(f"two rows would be called {twice[0]!r}: expected another name")
    return images


def folders_given(known: KnownSet, fused: Sequence[str]) -> list[Method]:
    """Methods with the folders of their images of a data set.

    Raises:
        UserError: a name is missing or given twice.
    """
    methods = methods_from(fused) if fused else ()
    if methods and not methods[0].name:
        raise UserError(f"--fused {methods[0].place}: expected NAME=DIR")
    found, _ = methods_of(known, methods, alone=True)
    return found
