"""Where below a folder a data set is, and in which layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError
from assay.files import nfc
from smfnet.data.sets.known import KnownSet, Layout, Place

__all__ = ["Located", "find", "folder_like", "located"]


@dataclass(frozen=True)
class Located:
    """A set that was found.

    Attributes:
        folder: of the set.
        layout: whose names its folders have.
        places: of the parts of which a folder is there at least; each with that of infrared and that of visible images.
    """

    folder: Path
    layout: Layout
    places: tuple[tuple[Place, Path, Path], ...]

    @property
    def absent(self) -> tuple[Place, ...]:
        """Parts of the layout of which there is nothing."""
        there = {place.part for place, _, _ in self.places}
        return tuple(place for place in self.layout.places if place.part not in there)


def located(known: KnownSet, root: Path) -> Located:
    """The set in a folder, which may be its own or the one above.

    Raises:
        UserError: there is no such folder, or nothing in it that looks like the set.
    """
    if not root.is_dir():
        raise UserError(f"expected a folder at {root}; {'this is a file' if root.exists() else 'there is none'}")
    if found := find(known, root):
        return found
    expected = "; ".join(" and ".join(f"{place.ir} + {place.vi}" for place in each.places) for each in known.layouts)
    raise UserError(f"nothing in {root} looks like {known.name}: expected there, or in {known.folder}/, {expected}")


def find(known: KnownSet, root: Path) -> Located | None:
    """The layout of which most is there, the platform's first; None if nothing is of any."""
    found = [each for folder in _folders(known, root) for layout in known.layouts if (each := _in(folder, layout))]
    return max(found, key=lambda each: sum(ir.is_dir() + vi.is_dir() for _, ir, vi in each.places), default=None)


def folder_like(folder: Path, name: str) -> Path:
    """`folder / name`, or what is there under this name in other letters: small ones for capitals, or composed ones."""
    place = folder
    for part in Path(name).parts:
        here = place / part
        wanted = nfc(part).casefold()
        alike = () if here.exists() else (each for each in sorted(_below(place)) if nfc(each.name).casefold() == wanted)
        place = next(iter(alike), here)
    return place


def _folders(known: KnownSet, root: Path) -> Iterator[Path]:
    """The folder itself, and those in it that would be the set's."""
    last = (known.repository or known.home).rstrip("/").rpartition("/")[2]
    places = [root, *(folder_like(root, name) for name in (known.folder, known.repository_folder, last))]
    yield from dict.fromkeys(place for place in places if place.is_dir())


def _in(folder: Path, layout: Layout) -> Located | None:
    places = [(place, folder_like(folder, place.ir), folder_like(folder, place.vi)) for place in layout.places]
    there = tuple(each for each in places if each[1].is_dir() or each[2].is_dir())
    return Located(folder, layout, there) if there else None


def _below(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise UserError(f"cannot look into {folder}: {error.strerror}") from error
