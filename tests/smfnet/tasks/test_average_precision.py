"""AP@.5 by faster-coco-eval, held against closed cases and a plain implementation, on any set of pictures."""

from __future__ import annotations

import numpy as np
import pytest

from smfnet.tasks.detection.average_precision import AveragePrecision
from smfnet.tasks.detection.boxes import Boxes
from tests.smfnet.tasks.plain_average_precision import plain_ap

pytest.importorskip("faster_coco_eval")


def _boxes(*lines: tuple[float, float, float, float, int, float]) -> Boxes:
    """Left, top, right, bottom, class, score each."""
    table = np.array(lines, dtype=float).reshape(-1, 6)
    return Boxes(table[:, :4], table[:, 4].astype(np.int64), table[:, 5])


def test_closed_cases() -> None:
    truth = {"a": _boxes((0, 0, 10, 10, 0, 1), (20, 0, 30, 10, 0, 1)), "b": _boxes((0, 0, 10, 10, 1, 1))}
    same = AveragePrecision(truth, truth, (0, 1))
    np.testing.assert_allclose(same.of("ab"), [1, 1])
    half = {"a": _boxes((0, 0, 10, 10, 0, 0.9)), "b": _boxes((0, 6, 10, 16, 1, 0.9))}  # one of two; overlap 4/16
    np.testing.assert_allclose(AveragePrecision(truth, half, (0, 1)).of("ab"), [51 / 101, 0])
    nothing = {"a": _boxes(), "b": _boxes()}
    np.testing.assert_array_equal(AveragePrecision(truth, nothing, (0, 1)).of("ab"), [0, 0])


def test_a_class_that_does_not_occur_has_none() -> None:
    truth = {"a": _boxes((0, 0, 10, 10, 0, 1)), "b": _boxes((0, 0, 10, 10, 1, 1))}
    np.testing.assert_array_equal(AveragePrecision(truth, truth, (0, 1)).of(["a"]), [1, np.nan])


def _drawn(rng: np.random.Generator, pictures: int) -> tuple[dict[str, Boxes], dict[str, Boxes]]:
    """Objects far from one another, of which some are found, and things that are none."""
    truth, found = {}, {}
    for picture in range(pictures):
        drawn, seen = [], []
        for place in range(rng.integers(1, 5)):
            box = (40.0 * place, 0.0, 40.0 * place + 20, 20.0)
            drawn.append((*box, int(place % 2), 1.0))
            if rng.random() < 0.7:
                seen.append((box[0] + 2, 0.0, box[2] + 2, 20.0, int(place % 2), rng.uniform(0.3, 1)))
            if rng.random() < 0.4:
                seen.append((box[0], 100.0, box[2], 120.0, int(place % 2), rng.uniform(0, 0.7)))
        truth[f"{picture}"], found[f"{picture}"] = _boxes(*drawn), _boxes(*seen)
    return truth, found


def _plainly(truth: dict[str, Boxes], found: dict[str, Boxes], kind: int, some: list[str]) -> float:
    of = [
        (found[name].scores[found[name].classes == kind], found[name].corners[found[name].classes == kind])
        for name in some
    ]
    scores = np.concatenate([each for each, _ in of])
    hits = np.concatenate([corners[:, 1] < 50 for _, corners in of])
    return plain_ap(scores, hits, sum(int((truth[name].classes == kind).sum()) for name in some))


def test_any_set_of_pictures_agrees_with_a_plain_implementation() -> None:
    truth, found = _drawn(np.random.default_rng(2), 12)
    precision = AveragePrecision(truth, found, (0, 1))
    for some in (list(truth), list(truth)[3:9], list(truth)[1:]):
        np.testing.assert_allclose(precision.of(some), [_plainly(truth, found, kind, some) for kind in (0, 1)])


def test_values_of_pictures_have_the_ap_of_the_split_as_their_mean() -> None:
    truth, found = _drawn(np.random.default_rng(4), 10)
    precision = AveragePrecision(truth, found, (0, 1))
    whole = precision.of(list(truth))
    np.testing.assert_allclose(precision.values().mean(0), [*whole, whole.mean()])
    left = [precision.of([name for name in truth if name != out]).mean() for out in truth]
    np.testing.assert_allclose(np.diff(precision.values()[:, -1]), -9 * np.diff(left), atol=1e-12)
