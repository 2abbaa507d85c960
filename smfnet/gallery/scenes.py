"""The scenes of a gallery, worst first, as many as fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assay.config.errors import UserError
from assay.metric import Metric
from smfnet.config.metrics import EVERY_METRIC
from smfnet.fusion.fused_files import FusedFiles
from smfnet.gallery.pictures import small_copy
from smfnet.methods.compare import Compared

__all__ = ["INFRARED", "VISIBLE", "Gallery", "Scene", "gallery_of"]

INFRARED, VISIBLE = "infrared", "visible"
_BASE64 = 4 / 3  # of the bytes that it writes

Values = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Scene:
    """What is shown of a scene.

    Attributes:
        title: its name, after that of its data set if there are several.
        pictures: what it shows -> JPEG: both sources, then the methods.
        values: method -> metric -> value.
    """

    title: str
    pictures: Mapping[str, bytes]
    values: Values


@dataclass(frozen=True)
class Gallery:
    """A page's content.

    Attributes:
        scenes: worst first by the first metric.
        metrics: in order; sorted by the first.
        views: the sources, then every method.
        left_out: titles of scenes that did not fit.
    """

    scenes: tuple[Scene, ...]
    metrics: tuple[Metric, ...]
    views: tuple[str, ...]
    left_out: tuple[str, ...]


def gallery_of(
    compared: Compared,
    sort: str,
    longest: int,
    most_bytes: int,
    shown: Callable[[Iterable[str], int], Iterable[str]] = lambda items, _: items,
) -> Gallery:
    """Take scenes, worst first, until the page is full; one at least.

    Args:
        compared: what was measured.
        sort: the metric that decides what is worst: of a scene, its worst method.
        longest: pixels of a picture's longer side.
        most_bytes: of all pictures as the page holds them.
        shown: hands titles on as they are drawn, told their number.

    Raises:
        UserError: a method is called as the sources are.
    """
    files, values = _files(compared), _values(compared)
    methods = dict.fromkeys(method for of in files.values() for method in of)
    if taken := [name for name in methods if name.lower() in (INFRARED, VISIBLE)]:
        raise UserError(f"--fused: the name {taken[0]} is that of a source here: expected another")
    metric = EVERY_METRIC[sort]
    worst = sorted(files, key=lambda title: _worst(values[title], metric))
    scenes: list[Scene] = []
    room = float(most_bytes)
    for title in shown(worst, len(worst)):
        pictures = _pictures(files[title], longest)
        room -= _BASE64 * sum(map(len, pictures.values()))
        if scenes and room < 0:
            break
        scenes.append(Scene(title, pictures, values[title]))
    ordered = (metric, *(EVERY_METRIC[name] for name in compared.metrics if name != sort))
    return Gallery(tuple(scenes), ordered, (INFRARED, VISIBLE, *methods), tuple(worst[len(scenes) :]))


def _files(compared: Compared) -> dict[str, dict[str, FusedFiles]]:
    """Title of a scene -> method -> its image, of scenes that all methods of a set have."""
    found: dict[str, dict[str, FusedFiles]] = {}
    for each in compared.scenes:
        for method, files in each.files.items():
            for one in files:
                if one.name in each.shared:
                    found.setdefault(_title(each.group, one.name), {})[_name(method)] = one
    return found


def _values(compared: Compared) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for group, method, sample, metric, value in compared.shared.itertuples(index=False):
        of = found.setdefault(_title(group, sample), {}).setdefault(_name(method), {})
        of[metric] = value
    return found


def _title(group: str, name: str) -> str:
    return f"{group} {name}" if group else name


def _name(method: str) -> str:
    return method or "fused"


def _worst(values: Values, metric: Metric) -> float:
    """Of the worst method; without a direction the smallest."""
    sign = metric.signed if metric.directed else float
    return min((sign(of[metric.name]) for of in values.values()), default=math.inf)


def _pictures(of: Mapping[str, FusedFiles], longest: int) -> dict[str, bytes]:
    first: FusedFiles = next(iter(of.values()))
    sources: Sequence[tuple[str, bytes]] = (
        (INFRARED, small_copy(first.ir, first.ir_range, longest)),
        (VISIBLE, small_copy(first.vi, first.vi_range, longest)),
    )
    return {**dict(sources), **{method: small_copy(one.fused, None, longest) for method, one in of.items()}}
