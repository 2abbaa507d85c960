"""What of a data set is there, what is missing, what cannot be used, and which pairs are not registered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.config.errors import UserError
from assay.files import check_unicode, nfc
from smfnet.data.check import SMALLEST
from smfnet.data.folder import SUFFIXES, FilePair
from smfnet.data.images import luma
from smfnet.data.lists import read_list
from smfnet.data.sets.known import KnownSet, Place
from smfnet.data.sets.located import Located
from smfnet.data.sets.registration import Offset, offset_of

__all__ = ["BROKEN", "MISSING", "SHIFTED", "Checked", "Finding", "PartChecked", "check_set"]

MISSING, BROKEN, SHIFTED = "missing", "broken", "shifted"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        kind: `missing`, `broken` or `shifted`.
        words: what, with the file.
    """

    kind: str
    words: str


@dataclass(frozen=True)
class PartChecked:
    """What was found of a part.

    Attributes:
        place: the part.
        pairs: that are there, both images.
        findings: in the order of the names.
    """

    place: Place
    pairs: int
    findings: tuple[Finding, ...]

    @property
    def expected(self) -> str:
        """How many pairs there should be, in words; empty where nobody knows."""
        return f" of {self.place.pairs}" if self.place.pairs else ""


@dataclass(frozen=True)
class Checked:
    """What was found of a set, part by part."""

    known: KnownSet
    located: Located
    parts: tuple[PartChecked, ...]
    beyond: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all parts, and those that concern several."""
        return (*(each for part in self.parts for each in part.findings), *self.beyond)

    @property
    def whole(self) -> bool:
        """Whether nothing is missing and nothing is broken. A published set is as badly registered as it is."""
        return not any(each.kind in (MISSING, BROKEN) for each in self.findings)


def check_set(
    known: KnownSet,
    found: Located,
    parts: Collection[str] = (),
    *,
    offset: float | None = 4.0,
    shown: Callable[[Sequence[FilePair], str], Iterator[FilePair]] = lambda pairs, part: iter(pairs),
) -> Checked:
    """Look at every image of a set.

    Args:
        known: the set.
        found: where it is.
        parts: only these; all of the layout if empty.
        offset: pairs whose edges agree better so many pixels apart, or more, are told; None: that is not looked at.
        shown: called with the pairs of a part and its name; yields them as they are looked at, to show how far it is.

    Raises:
        UserError: the layout has no such part.
    """
    wanted = tuple(parts) or tuple(place.part for place in found.layout.places)
    for part in wanted:
        if part not in {place.part for place in found.layout.places}:
            there = ", ".join(place.part for place in found.layout.places)
            raise UserError(f"{known.name} in {found.folder} has no part {part!r}: expected {there}")
    absent = tuple(_absent(found, place) for place in found.absent if place.part in wanted)
    pairs: dict[str, list[FilePair]] = {}
    checked = []
    for place, ir, vi in (each for each in found.places if each[0].part in wanted):
        pairs[place.part], findings = _pairs(place, ir, vi)
        seen = [each for pair in shown(pairs[place.part], place.part) for each in _looked_at(pair, offset)]
        checked.append(PartChecked(place, len(pairs[place.part]), (*findings, *seen)))
    return Checked(known, found, tuple(checked), (*absent, *_copies(pairs)))


def _absent(found: Located, place: Place) -> Finding:
    count = f", {place.pairs} pairs" if place.pairs else ""
    neither = f"neither {found.folder / place.ir} nor {found.folder / place.vi} is there"
    return Finding(MISSING, f"the part {place.part}{count}: {neither}")


def _pairs(place: Place, ir: Path, vi: Path) -> tuple[list[FilePair], list[Finding]]:
    """The pairs of a part, and what is missing or there twice."""
    findings: list[Finding] = []
    infrared, visible = (_images(folder, findings) for folder in (ir, vi))
    for images, others, folder in ((infrared, visible, vi), (visible, infrared, ir)):
        findings += [_alone(path, others, folder) for stem, path in images.items() if stem not in others]
    pairs = [FilePair(stem, infrared[stem], visible[stem]) for stem in infrared if stem in visible]
    return pairs, findings + _not_there(place, {pair.stem for pair in pairs})


def _not_there(place: Place, stems: Collection[str]) -> list[Finding]:
    """By their names where they are known, else how many."""
    if place.names is not None:
        listed = read_list(Path(), place.names).stems
        return [Finding(MISSING, f"{place.part}: the pair {stem}") for stem in listed if stem not in stems]
    short = (place.pairs or 0) - len(stems)
    return [Finding(MISSING, f"{place.part}: {short} of {place.pairs} pairs")] if short > 0 else []


def _images(folder: Path, findings: list[Finding]) -> dict[str, Path]:
    """Stem -> image, by stem; a name that cannot be used is told and left out."""
    images: dict[str, Path] = {}
    try:
        files = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        findings.append(Finding(BROKEN, f"cannot look into {folder}: {error.strerror}"))
        return {}
    for path in files:
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        try:
            check_unicode(str(path), "a name")
        except UserError as error:
            findings.append(Finding(BROKEN, str(error)))
            continue
        if (stem := nfc(path.stem)) in images:
            findings.append(
                Finding(BROKEN, f"{images[stem]} and {path} have one stem: expected one image for each pair")
            )
        images.setdefault(stem, path)
    return dict(sorted(images.items()))


def _alone(path: Path, others: Collection[str], folder: Path) -> Finding:
    alike = [stem for stem in others if stem.casefold() == nfc(path.stem).casefold()]
    hint = f"; {alike[0]} there differs in case alone: rename one" if alike else ""
    return Finding(MISSING, f"{folder / path.stem}.*, the partner of {path}{hint}")


def _looked_at(pair: FilePair, offset: float | None) -> Iterator[Finding]:
    """What is wrong with a pair, at most one thing."""
    try:
        ir, vi = (image if image.ndim == 2 else luma(image) for image in pair.pixels())
    except UserError as error:
        yield Finding(BROKEN, str(error))
        return
    if min(ir.shape) < SMALLEST:
        yield Finding(
            BROKEN, f"{pair.ir} has {ir.shape[1]}x{ir.shape[0]} pixels: the metrics need {SMALLEST}x{SMALLEST}"
        )
    elif np.array_equal(ir, vi) and ir.min() < ir.max():
        yield Finding(BROKEN, f"{pair.ir} and {pair.vi} hold one image")
    elif offset is not None and (apart := offset_of(ir, vi)).clear and apart.pixels >= offset:
        yield Finding(SHIFTED, f"{pair.vi} is shifted against {pair.ir.name} by {_direction(apart)}")


def _direction(apart: Offset) -> str:
    """In words, seen from the infrared image."""
    down = f"{abs(apart.down)} px {'down' if apart.down > 0 else 'up'}" if apart.down else ""
    right = f"{abs(apart.right)} px {'right' if apart.right > 0 else 'left'}" if apart.right else ""
    return " and ".join(filter(None, (down, right)))


def _copies(pairs: dict[str, list[FilePair]]) -> Iterator[Finding]:
    """Test pairs that are trained on."""
    seen = {digest: pair for pair in pairs.get("train", ()) if (digest := _digest(pair))}
    for pair in pairs.get("test", ()):
        if copy := seen.get(_digest(pair)):
            yield Finding(BROKEN, f"the training pair {copy.vi} is the test pair {pair.vi}")


def _digest(pair: FilePair) -> str:
    """Of what is in both files; empty where one cannot be read, which is told elsewhere."""
    try:
        return pair.digest()
    except UserError:
        return ""
