"""Where a folder keeps the infrared and the visible images of its scenes: the layouts that data sets and tools have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError
from assay.files import nfc
from smfnet.data.folder import SUFFIXES, Odd, images_in

__all__ = ["EVERY_PART", "PARTS", "Sources", "part_of", "sources_in", "sources_of"]

INFRARED = ("ir", "infrared", "inf", "thermal", "lwir", "tir", "cropinfrared")
VISIBLE = ("vi", "vis", "visible", "rgb", "crop_lr_visible")
PARTS, EVERY_PART = ("test", "train", "val"), "all"
_KNOWN = "ir/ and vi/, infrared/ and visible/, Inf/ and Vis/, test/ above or below them, or NAME_ir.* and NAME_vi.*"


@dataclass(frozen=True)
class Sources:
    """Infrared and visible images by the name of their scene.

    Attributes:
        ir, vi: scene -> file; one may have scenes that the other lacks.
        ir_place, vi_place: where they are, for messages.
        part: which part of the set this is; empty where it has no parts.
    """

    ir: Mapping[str, Path]
    vi: Mapping[str, Path]
    ir_place: Path
    vi_place: Path
    part: str = ""

    @property
    def scenes(self) -> tuple[str, ...]:
        """Names of the scenes that have both."""
        return tuple(name for name in self.ir if name in self.vi)

    @property
    def words(self) -> str:
        """`set/infrared/test and set/visible/test`."""
        if self.part == EVERY_PART:
            return f"every part of {self.ir_place}"
        same = self.ir_place == self.vi_place
        return f"{self.ir_place}" + (" (by the ends of the names)" if same else f" and {self.vi_place}")

    def only(self, names: Collection[str]) -> Sources:
        """The scenes of these names."""
        ir, vi = ({name: path for name, path in of.items() if name in names} for of in (self.ir, self.vi))
        return Sources(ir, vi, self.ir_place, self.vi_place, self.part)


def sources_of(ir: Path, vi: Path, names: tuple[str, str] = ("--ir", "--vi"), odd: Odd | None = None) -> Sources:
    """Of two folders, or of two files, which then are one scene whatever their names.

    Args:
        ir, vi: folders or files.
        names: how the user gives them, for messages.
        odd: see `images_in`.

    Raises:
        UserError: one is a file and one a folder; see `images_in`.
    """
    if ir.is_file() and vi.is_file():
        scene = nfc(vi.stem)
        return Sources({scene: ir}, {scene: vi}, ir, vi)
    for path, name, other in ((ir, names[0], names[1]), (vi, names[1], names[0])):
        if path.is_file():
            raise UserError(f"{name} {path} is a file, and {other} none: expected two folders, or two files")
    return Sources(images_in(ir, odd), images_in(vi, odd), ir, vi)


def sources_in(folder: Path, part: str | None = None, option: str = "--pairs", odd: Odd | None = None) -> Sources:
    """Of one folder in a known layout.

    Args:
        folder: of a data set.
        part: `test`, `train`, `val` or `all` of a set with such parts; None takes `test` of it.
        option: how the user gives the folder, for messages.
        odd: see `images_in`.

    Raises:
        UserError: there is no such layout in it, or more than one, or no such part.
    """
    if not folder.is_dir():
        there = "this is a file" if folder.exists() else "there is none"
        raise UserError(f"{option}: expected the folder of a data set at {folder}; {there}")
    found = list(_found(folder, odd))
    if not found:
        raise UserError(f"{option} {folder}: expected {_KNOWN}; it holds {_seen(folder)}")
    plain, parted = [each for each in found if not each.part], [each for each in found if each.part]
    if len(plain) > 1 or (plain and parted) or len({each.part for each in parted}) < len(parted):
        layouts = "; ".join(each.words for each in found)
        raise UserError(f"{option} {folder}: more than one pair of folders fits, {layouts}: give one by --ir and --vi")
    if plain:
        if part in PARTS:
            raise UserError(f"{option} {folder}: it has no part {part}, but all its images in {plain[0].words}")
        return plain[0]
    return part_of(parted, part, folder, option)


def part_of(parted: Sequence[Sources], part: str | None, folder: Path, option: str) -> Sources:
    """The part of a set that is asked for; see `sources_in` for arguments and errors."""
    if part == EVERY_PART:
        return _together(parted, folder)
    wanted = part or (PARTS[0] if len(parted) > 1 else parted[0].part)
    for each in parted:
        if each.part == wanted:
            return each
    parts = ", ".join(each.part for each in parted)
    raise UserError(f"{option} {folder}: expected the part {wanted}; it has {parts}: --part says which")


def _together(parted: Sequence[Sources], folder: Path) -> Sources:
    ir: dict[str, Path] = {}
    vi: dict[str, Path] = {}
    for each in parted:
        for all_of_them, some in ((ir, each.ir), (vi, each.vi)):
            if both := all_of_them.keys() & some.keys():
                first = min(both)
                raise UserError(f"{all_of_them[first]} and {some[first]} have one name: give one part by --part")
            all_of_them.update(some)
    return Sources(ir, vi, folder, folder, EVERY_PART)


def _found(folder: Path, odd: Odd | None) -> Iterator[Sources]:
    """Every layout that fits, of every part."""
    yield from _in_pair(folder, "", odd)
    for name, place in _folders(folder, PARTS):
        yield from _in_pair(place, name, odd)
    yield from _by_ends(folder, odd)


def _in_pair(folder: Path, part: str, odd: Odd | None) -> Iterator[Sources]:
    """`ir` and `vi` beside each other, with the images or with parts in them."""
    for _, ir in _folders(folder, INFRARED):
        for _, vi in _folders(folder, VISIBLE):
            if _has_images(ir) and _has_images(vi):
                yield Sources(images_in(ir, odd), images_in(vi, odd), ir, vi, part)
            elif not part:
                below = dict(_folders(vi, PARTS))
                for name, place in _folders(ir, PARTS):
                    if name in below and _has_images(place) and _has_images(below[name]):
                        yield Sources(images_in(place, odd), images_in(below[name], odd), place, below[name], name)


def _by_ends(folder: Path, odd: Odd | None) -> Iterator[Sources]:
    """`NAME_ir.png` and `NAME_vi.png` in one folder."""
    images = images_in(folder, odd) if _has_images(folder) else {}
    ir, vi = (
        {_scene(stem, ends): path for stem, path in images.items() if _scene(stem, ends)}
        for ends in (INFRARED, VISIBLE)
    )
    if ir.keys() & vi.keys():
        yield Sources(ir, vi, folder, folder)


def _scene(stem: str, ends: Collection[str]) -> str:
    """What stands before `_ir`; empty if the stem ends otherwise."""
    scene, _, end = stem.replace("-", "_").rpartition("_")
    return stem[: len(scene)] if end.lower() in ends else ""


def _folders(folder: Path, names: Sequence[str]) -> list[tuple[str, Path]]:
    found = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_dir()}
    return [(name, found[name]) for name in names if name in found]


def _has_images(folder: Path) -> bool:
    return any(path.suffix.lower() in SUFFIXES and not path.name.startswith(".") for path in folder.iterdir())


def _seen(folder: Path) -> str:
    """What is in a folder, in short."""
    paths = sorted(folder.iterdir(), key=lambda path: path.name)
    folders = [f"{path.name}/" for path in paths if path.is_dir()]
    files = len(paths) - len(folders)
    some = [*folders[:6], *([f"{len(folders) - 6} more folders"] if len(folders) > 6 else [])]
    return ", ".join([*some, *([f"{files} file{'' if files == 1 else 's'}"] if files else [])]) or "nothing"
