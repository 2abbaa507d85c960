"""Validation pairs, taken out of training so that no scene is on both sides."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

__all__ = ["held_out"]

_RUN = 8
_GOLDEN = (5**0.5 - 1) / 2
_NUMBER = re.compile(r"(\d+)\D*$")


def held_out(
    train: Sequence[str], taken: Iterable[str], same_scene: Iterable[tuple[str, str]], frames: int, wanted: int
) -> tuple[list[str], list[str]]:
    """Choose validation pairs; the same for the same names.

    Two pairs share a scene if a chain of `same_scene` joins them, or if their names are equal up to the last number
    and these numbers differ by at most `frames` (pictures of one drive).

    Args:
        train: names of the training pairs, in order.
        taken: names that are in the test split or were left out for its sake; what a chain of `same_scene` joins to
            one of them is not chosen.
        same_scene: pairs of names that show one place.
        frames: see above; 0 switches this off.
        wanted: how many to choose; fewer are chosen if whole scenes do not add up to it.

    Returns:
        The names chosen, and those left for training: neither chosen nor sharing a scene with one that is.
    """
    scenes = _Scenes(same_scene)
    for run in _runs(train, frames, min(_RUN, wanted)):
        scenes.join(*run)
    forbidden = {scenes.root(name) for name in taken}
    units: dict[str, list[str]] = defaultdict(list)
    for name in train:
        units[scenes.root(name)].append(name)
    chosen: set[str] = set()
    for unit in _spread([unit for root, unit in units.items() if root not in forbidden]):
        if len(chosen) + len(unit) <= wanted:
            chosen.update(unit)
    rest = [name for name in train if name not in chosen]
    near = _near(rest, chosen, frames)
    return [name for name in train if name in chosen], [name for name in rest if name not in near]


class _Scenes:
    """Names joined into scenes (union-find)."""

    def __init__(self, same_scene: Iterable[tuple[str, str]]) -> None:
        self._above: dict[str, str] = {}
        for a, b in same_scene:
            self.join(a, b)

    def join(self, first: str, *others: str) -> None:
        """Put all these into one scene."""
        for other in others:
            self._above[self.root(other)] = self.root(first)

    def root(self, name: str) -> str:
        """The name that stands for the scene of `name`."""
        above = self._above.setdefault(name, name)
        while above != self._above[above]:
            above = self._above[above]
        self._above[name] = above
        return above


def _runs(names: Sequence[str], frames: int, longest: int) -> Iterator[list[str]]:
    """Cut names into pieces of at most `longest`, within which each is near the next."""
    run: list[str] = list(names[:1])
    for before, name in pairwise(names):
        if len(run) == longest or not _near([name], {before}, frames):
            yield run
            run = []
        run.append(name)
    yield run


def _near(names: Iterable[str], others: Iterable[str], frames: int) -> set[str]:
    """Those of `names` that are within `frames` of one of the others."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for text, number in filter(None, map(_place, others)):
        numbers[text].append(number)
    places = {name: place for name in names if frames and (place := _place(name))}
    return {n for n, (text, number) in places.items() if any(abs(number - m) <= frames for m in numbers[text])}


def _place(name: str) -> tuple[str, int] | None:
    """The text before the last number of a name, and that number."""
    found = _NUMBER.search(name)
    return (name[: found.start()], int(found[1])) if found else None


def _spread(units: Sequence[list[str]]) -> list[list[str]]:
    """Units in an order whose every beginning is spread evenly over the whole (multiples of the golden ratio)."""
    order = sorted(range(len(units)), key=lambda index: (index + 0.5) * _GOLDEN % 1)
    return [units[index] for index in order]
