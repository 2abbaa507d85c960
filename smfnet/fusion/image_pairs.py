"""Which pairs of image files can be fused, and where their fused images go, before anything is fused."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assay.config.errors import UserError
from assay.files import check_unicode
from smfnet.data.folder import SUFFIXES, FilePair, Odd, images_in, place_in
from smfnet.data.images import decoded
from smfnet.data.sources import Seen, check_sources, check_two_folders

__all__ = ["Job", "jobs_of", "pairs_of"]

T = TypeVar("T")
Told = Callable[[str], None]
Ranges = Callable[[Sequence[FilePair]], list[FilePair]]
Made = Callable[[Path, FilePair], bool]
Names = tuple[str, str]

_SMALLEST = 2  # what reflection takes


@dataclass(frozen=True)
class Job:
    """A pair that can be fused.

    Attributes:
        pair: its files.
        target: where the fused image goes.
        pixels: how many it has.
        done: the fused image is there already.
    """

    pair: FilePair
    target: Path
    pixels: int
    done: bool = False


def pairs_of(ir: Path, vi: Path, names: Names, lost: Told) -> list[FilePair]:
    """The pairs of two folders, by name; or two files, a pair by themselves.

    Args:
        ir, vi: folders or files.
        names: how the user gives them.
        lost: called with a line about every image without a partner, and every pair whose name is not UTF-8.

    Raises:
        UserError: there is no pair, a folder is missing, one folder is given twice, or two images have one stem.
    """
    if ir.is_file() and vi.is_file():
        for path in (ir, vi):
            check_unicode(str(path), "a name")
        return [FilePair(vi.stem, ir, vi)]
    if ir.is_file() or vi.is_file():
        raise UserError(f"expected two folders or two image files; {names[0]} {ir} and {names[1]} {vi} are one of each")
    check_two_folders(ir, vi, names)
    folders = place_in(Path(), str(ir)), place_in(Path(), str(vi))
    odd: Odd = {}
    infrared, visible = (images_in(folder, odd) for folder in folders)
    alone = [
        f"{path} has no partner: expected {other / path.stem}.* beside it"
        for images, partners, other in ((infrared, visible, folders[1]), (visible, infrared, folders[0]))
        for stem, path in images.items()
        if stem not in partners
    ]
    pairs = [FilePair(stem, infrared[stem], visible[stem]) for stem in infrared if stem in visible]
    alone += {path.stem: line for path, line in reversed(odd.items())}.values()
    if not pairs:
        raise UserError(alone[0])
    for line in alone:
        lost(line)
    return pairs


def jobs_of(
    pairs: Sequence[FilePair],
    output: Path,
    ranges: Ranges,
    keys: Names,
    lost: Told,
    made: Made = lambda path, pair: False,
    *,
    force: bool = False,
) -> list[Job]:
    """Those that can be fused, and where to.

    Args:
        pairs: of image files.
        output: folder; of a single pair also a file that is called `.png`.
        ranges: gives pairs the values that are black and white.
        keys: how the user gives these.
        lost: called with a line about every pair that cannot be fused.
        made: whether a file that is there already is the very image that would be made of a pair.
        force: overwrite other files.

    Raises:
        UserError: none can be fused, a fused image would overwrite a source, or without `force` a file that is none of
            these images, two names differ in case alone and the output's file system does not tell that.
    """
    targets = _targets(pairs, output)
    target_of = {pair.name: target for pair, target in zip(pairs, targets, strict=True)}
    found = _sound(pairs, ranges, keys, lost)
    there = [pair for pair, _ in found if os.path.lexists(target_of[pair.name])]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = {
            pair.name: known
            for pair, known in zip(there, pool.map(lambda pair: made(target_of[pair.name], pair), there), strict=True)
        }
    others = [target_of[name] for name, known in done.items() if not known]
    if others and not force:
        more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
        raise UserError(
            f"{others[0]} is there already{more}, and is not what would be fused now: give --force to overwrite, or "
            "another place for the output"
        )
    return [
        Job(pair, target_of[pair.name], seen.size[0] * seen.size[1], done.get(pair.name, False)) for pair, seen in found
    ]


def _sound(pairs: Sequence[FilePair], ranges: Ranges, keys: Names, lost: Told) -> list[tuple[FilePair, Seen]]:
    """Pairs that can be fused, with what was seen of their visible image; an error if there is none."""
    errors: list[UserError] = []
    try:
        ranged = ranges(pairs)
    except UserError as error:  # percentiles are of all files, and one of them cannot be read
        readable, errors = _divided(pairs, _check_readable)
        if not errors or not readable:
            raise
        ranged = ranges([pair for pair, _ in readable])
        del error
    of_all: UserError | None = None
    try:
        check_sources(ranged, keys)
    except UserError as error:  # it tells of values that all of them have; which are the ones?
        of_all = error
    good, bad = _divided(ranged, lambda pair: _seen(pair, keys))
    if not good:
        raise of_all or bad[0]
    for each in (*errors, *bad):
        lost(str(each))
    return good


def _divided(
    pairs: Sequence[FilePair], look: Callable[[FilePair], T]
) -> tuple[list[tuple[FilePair, T]], list[UserError]]:
    """Pairs with what a look at them gives, and the errors of the others."""

    def looked(pair: FilePair) -> tuple[FilePair, T] | UserError:
        try:
            return pair, look(pair)
        except UserError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(looked, pairs))
    return [each for each in found if isinstance(each, tuple)], [each for each in found if isinstance(each, UserError)]


def _check_readable(pair: FilePair) -> None:
    for path in (pair.ir, pair.vi):
        decoded(path, lambda image, deep: None, any_white=True)


def _seen(pair: FilePair, keys: Names) -> Seen:
    """What is seen of the visible image of a pair that can be fused."""
    ((ir, vi),) = check_sources([pair], keys)
    if ir.size != vi.size:
        raise UserError(
            f"expected images of one size, got {_shown(ir.size)} in {pair.ir} and {_shown(vi.size)} in {pair.vi}"
        )
    if min(vi.size) < _SMALLEST:
        raise UserError(f"{pair.vi} has {_shown(vi.size)}: expected at least {_SMALLEST}x{_SMALLEST}")
    return vi


def _shown(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]} pixels"


def _targets(pairs: Sequence[FilePair], output: Path) -> list[Path]:
    """Where each pair goes: a file of the same name."""
    named = output.suffix.lower() in SUFFIXES and not output.is_dir()
    alone = named and len(pairs) == 1 and output.suffix.lower() == ".png"
    if named and not alone:
        raise UserError(f"{output}: expected a folder, or FILE.png of one pair; fused images are PNG files")
    targets = [output if alone else output / f"{pair.stem}.png" for pair in pairs]
    sources = {path.resolve() for pair in pairs for path in (pair.ir, pair.vi)}
    folders = {path.parent for path in sources}
    for target in targets:
        if target.resolve() in sources or (not alone and output.resolve() in folders):
            raise UserError(f"{output} holds the sources: expected another folder for the fused images")
    alike: dict[str, Path] = {}
    for target in targets:
        twin = alike.setdefault(target.name.casefold(), target)
        if twin is not target and not _tells_case(output):
            raise UserError(f"{twin} and {target} would be one file in that folder's file system: rename one")
    return targets


def _tells_case(folder: Path) -> bool:
    """Whether the file system of a folder, which is made, takes capitals and small letters for different ones."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".a", suffix=".part") as probe:
        path = Path(probe.name)
        return not path.with_name(path.name.upper()).exists()
