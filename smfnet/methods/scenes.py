"""Fused images of methods beside their sources, and the scenes that all methods have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError
from smfnet.data.folder import Odd, images_in
from smfnet.fusion.fused_files import FusedFiles
from smfnet.methods.layout import Sources
from smfnet.methods.named import Method

__all__ = ["Scenes", "scenes_of"]


@dataclass(frozen=True)
class Scenes:
    """What is measured of one set.

    Attributes:
        group: name of the set; empty where there is one without a name.
        files: method -> its fused images with their sources, by name.
        unused: pairs of sources of which no method has a fused image.
        notes: what is left out, a sentence each.
    """

    group: str
    files: Mapping[str, Sequence[FusedFiles]]
    unused: int
    notes: tuple[str, ...]

    @property
    def shared(self) -> frozenset[str]:
        """Names of the images that every method has."""
        return frozenset.intersection(*(frozenset(each.name for each in files) for files in self.files.values()))


def scenes_of(
    group: str,
    methods: Sequence[Method],
    sources: Sources,
    suffix: str = "",
    odd: Odd | None = None,
    *,
    part_of_set: bool = False,
) -> Scenes:
    """Find each method's images and their sources.

    Args:
        group: name of the set.
        methods: with the places of their images of this set.
        sources: of the set.
        suffix: what the fused images' names end with beyond those of their sources, `_fused`.
        odd: see `images_in`.
        part_of_set: whether fused images without sources may be those of another part of the set; they are left out.

    Raises:
        UserError: a place is missing or empty, a fused image lacks a source, or no image is there of every method.
    """
    notes: list[str] = []
    files = {}
    for method in methods:
        images, others = _with_sources(_images(method, sources, suffix, odd), sources, part_of_set=part_of_set)
        files[method.name] = [
            FusedFiles(name, path, sources.ir[name], sources.vi[name]) for name, path in images.items()
        ]
        if others:
            of = f" of {method.name}" if method.name else ""
            notes.append(f"{_counted(len(others))}{of} left out: not of {sources.words}, such as {others[0]}.")
    _check_shared(files)
    unused = set(sources.scenes) - {each.name for found in files.values() for each in found}
    return Scenes(group, files, len(unused), (*notes, *_lacking(files, group)))


def _images(method: Method, sources: Sources, suffix: str, odd: Odd | None) -> dict[str, Path]:
    """Scene -> fused image."""
    if method.place.is_file():
        if len(sources.scenes) != 1 or not sources.ir_place.is_file():
            raise UserError(f"{method.place} is a file: expected a folder of fused images, as the sources are folders")
        return {sources.scenes[0]: method.place}
    if sources.ir_place.is_file():
        if method.place.exists():
            raise UserError(f"{method.place} is a folder: expected a fused image, as the sources are two files")
        raise UserError(f"expected a fused image at {method.place}; there is none")
    images = images_in(method.place, odd)
    if not suffix:
        return images
    found = {stem[: -len(suffix)]: path for stem, path in images.items() if stem.endswith(suffix)}
    found.pop("", None)
    if not found:
        raise UserError(f"no image in {method.place} ends with {suffix}: it has {next(iter(images.values())).name}")
    return found


def _with_sources(
    images: Mapping[str, Path], sources: Sources, *, part_of_set: bool
) -> tuple[dict[str, Path], list[str]]:
    """Those that have both sources, and names of the files that have none."""
    alone = {
        place: [path for name, path in images.items() if name not in of]
        for of, place in ((sources.ir, sources.ir_place), (sources.vi, sources.vi_place))
    }
    place, missing = max(alone.items(), key=lambda item: len(item[1]))
    found = {name: path for name, path in images.items() if name in sources.ir and name in sources.vi}
    if missing and not (part_of_set and found):
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise UserError(f"{missing[0]} lacks a source{more}: expected {place / missing[0].stem}.*")
    return found, [path.name for name, path in images.items() if name not in found]


def _check_shared(files: Mapping[str, Sequence[FusedFiles]]) -> None:
    if frozenset.intersection(*(frozenset(each.name for each in found) for found in files.values())):
        return
    few = min(files, key=lambda name: len(files[name]))
    counts = ", ".join(f"{name} {len(found)}" for name, found in files.items())
    raise UserError(f"no image is there of every method (images: {counts}): leave one out, {few} say")


def _lacking(files: Mapping[str, Sequence[FusedFiles]], group: str) -> list[str]:
    """Images that some method lacks, which are left out for all."""
    names = {method: {each.name for each in found} for method, found in files.items()}
    every = set().union(*names.values())
    shared = set.intersection(*names.values())
    if every == shared:
        return []
    where = f"{group}: " if group else ""
    lacking = {method: every - has for method, has in names.items() if every - has}
    who = ", ".join(f"{method} lacks {len(missing)} ({min(missing)})" for method, missing in lacking.items())
    there = f"{len(shared)} of {_counted(len(every))} are there of every method"
    return [f"{where}{there}, the others are left out for all: {who}{_with_fewer(names, len(shared))}."]


def _with_fewer(names: Mapping[str, set[str]], shared: int) -> str:
    """Of which method most images are left when it is left out, if they are more."""
    if len(names) < 3:
        return ""
    left = {method: set.intersection(*(has for other, has in names.items() if other != method)) for method in names}
    best = max(left, key=lambda method: len(left[method]))
    return f"; without {best} {len(left[best])} would be" if len(left[best]) > shared else ""


def _counted(number: int) -> str:
    return f"{number} fused image{'' if number == 1 else 's'}"
