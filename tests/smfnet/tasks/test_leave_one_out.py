"""Values of pictures for a statistic of the whole split: their mean is the statistic, their intervals cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.evidence.statistics.methods import method_verdicts
from assay.metric import Metric
from smfnet.tasks.leave_one_out import effective_samples, leave_one_out_values
from smfnet.tasks.segmentation.confusion import ious, split_values
from tests.smfnet.tasks.plain_average_precision import plain_ap

Array = NDArray[np.float64]
REPEATS, PICTURES = 300, 40


def test_of_a_mean_they_are_the_samples_and_their_mean_is_the_statistic() -> None:
    samples = np.random.default_rng(1).lognormal(size=12)
    without = (samples.sum() - samples) / 11
    np.testing.assert_allclose(leave_one_out_values(samples.mean(), without), samples, rtol=1e-12)
    ratio = samples.sum() / np.square(samples).sum()
    others = (samples.sum() - samples) / (np.square(samples).sum() - np.square(samples))
    values = leave_one_out_values(np.asarray(ratio), others)
    np.testing.assert_allclose(values.mean(), ratio, rtol=1e-12)
    np.testing.assert_allclose(values - values.mean(), -11 * (others - others.mean()), rtol=1e-9)


def _pictures(rng: np.random.Generator, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Confusion matrices of two methods on the same pictures: sizes of classes and difficulty differ by picture."""
    sizes = rng.lognormal([7.0, 4.0, 3.0], [0.2, 1.0, 1.2], size=(count, 3)).astype(np.int64)
    hard = rng.normal(0, 0.7, size=(count, 1, 1))
    both = []
    for skill in (1.2, 1.5):
        logits = skill * 2 * np.eye(3) - 0.5 * hard * np.eye(3) + rng.normal(0, 0.3, size=(count, 3, 3))
        chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        both.append(rng.multinomial(sizes, chances))
    return both[0], both[1]


def _coverage(differences: list[Array], truth: float) -> float:
    """Share of the 95 % intervals, as tables of methods have them, that hold the true difference."""
    rows = {"base": np.zeros(PICTURES)} | {f"{n}": each for n, each in enumerate(differences)}
    lines = pd.DataFrame(rows).rename_axis("sample").reset_index().melt("sample", var_name="method")
    told = method_verdicts(lines.assign(group="", metric="mIoU"), [Metric("mIoU")], "base")
    assert len(told) == REPEATS
    return float(((told["low"] <= truth) & (truth <= told["high"])).mean())


def test_intervals_of_a_difference_of_miou_cover_it_and_means_over_pictures_do_not() -> None:
    rng = np.random.default_rng(7)
    one, two = (each.sum(0) for each in _pictures(rng, 200_000))
    truth = float(ious(two).mean() - ious(one).mean())
    drawn = [_pictures(rng, PICTURES) for _ in range(REPEATS)]
    ours = [(split_values(b, (0, 1, 2)) - split_values(a, (0, 1, 2)))[:, -1] for a, b in drawn]
    plain = [np.nanmean(ious(b), -1) - np.nanmean(ious(a), -1) for a, b in drawn]
    assert 0.92 <= _coverage(ours, truth) <= 0.99
    assert _coverage(plain, truth) < 0.85


Found = tuple[Array, NDArray[np.bool_], NDArray[np.int64]]  # score, hit and picture of each detection


def _detections(rng: np.random.Generator, count: int) -> tuple[NDArray[np.int64], Found, Found]:
    """Objects of each picture, and what two methods find in it; pictures differ in how hard they are."""
    objects, hard = rng.integers(1, 6, count), rng.normal(0, 0.8, count)
    both = []
    for skill in (0.2, 0.7):
        owner = np.repeat(np.arange(count), objects)
        found = owner[rng.random(len(owner)) < 1 / (1 + np.exp(hard[owner] - skill))]
        false = np.repeat(np.arange(count), rng.poisson(1.5, count))
        scores = np.concatenate([rng.beta(4, 2, len(found)), rng.beta(2, 3, len(false))])
        hits = np.arange(len(scores)) < len(found)
        both.append((scores, hits, np.concatenate([found, false])))
    return objects, both[0], both[1]


def _ap_values(objects: NDArray[np.int64], found: Found) -> Array:
    scores, hits, owner = found
    without = [plain_ap(scores[owner != n], hits[owner != n], objects.sum() - each) for n, each in enumerate(objects)]
    return leave_one_out_values(np.asarray(plain_ap(scores, hits, objects.sum())), np.array(without))


def test_intervals_of_a_difference_of_average_precision_cover_it() -> None:
    rng = np.random.default_rng(9)
    objects, one, two = _detections(rng, 200_000)
    truth = plain_ap(*two[:2], objects.sum()) - plain_ap(*one[:2], objects.sum())
    drawn = [_detections(rng, PICTURES) for _ in range(REPEATS)]
    assert 0.92 <= _coverage([_ap_values(n, b) - _ap_values(n, a) for n, a, b in drawn], truth) <= 0.99


def test_samples_are_worth_as_many_as_have_equal_weight() -> None:
    weights = np.array([[5, 1, 9, 0], [5, 1, 0, 0], [5, 2, 0, 3], [5, 0, 0, 3]])
    worth = effective_samples(weights)
    np.testing.assert_allclose(worth[:4], [4, 16 / 6, 1, 2])
    shares = np.array([0.25 + 0.25 + 1, 0.25 + 0.25, 0.25 + 0.5 + 0.5, 0.25 + 0.5]) / 4
    np.testing.assert_allclose(worth[4], 1 / np.square(shares).sum())


RARE = (3, 6, 12)  # pictures that have a class, of `PICTURES`
STRICT = 0.05 / 11  # of one cell in a table of eleven


def _shares_below_strict(differences: Array, worth: Array) -> Array:
    """How often each column's difference, which is none, has a p value that is small enough for a word."""
    found = []
    for column, of_column in zip(np.moveaxis(differences, -1, 0), worth, strict=True):
        rows = {"base": np.zeros(PICTURES)} | {f"{n}": each for n, each in enumerate(column)}
        lines = pd.DataFrame(rows).rename_axis("sample").reset_index().melt("sample", var_name="method")
        metric = Metric("IoU", effective_samples=of_column)
        p = method_verdicts(lines.assign(group="", metric="IoU"), [metric], "base")["p"]
        found.append(float((p < STRICT).mean()))
    return np.array(found)


def _rare(rng: np.random.Generator, sizes: NDArray[np.int64], hard: Array) -> NDArray[np.int64]:
    """Confusion matrices of a method as good as any other, of pictures some of which have a class."""
    found = rng.binomial(sizes, 1 / (1 + np.exp(-hard - rng.normal(0, 0.5, sizes.shape))))
    false = np.rint(0.3 * sizes * rng.lognormal(0, 0.5, sizes.shape)).astype(np.int64)
    counts = np.zeros((len(sizes), 4, 4), dtype=np.int64)
    for place in range(3):
        counts[:, place + 1, place + 1] = found[:, place]
        counts[:, place + 1, 0] = sizes[:, place] - found[:, place]
        counts[:, 0, place + 1] = false[:, place]
    counts[:, 0, 0] = 300_000
    return counts


def test_a_class_that_few_pictures_have_gets_no_false_word_more_often_than_others() -> None:
    rng = np.random.default_rng(11)
    sizes = np.zeros((PICTURES, 3), dtype=np.int64)
    for place, pictures in enumerate(RARE):
        sizes[:pictures, place] = rng.lognormal(7, 1, pictures)
    drawn = []
    for _ in range(4 * REPEATS):
        hard = rng.normal(0, 0.8, sizes.shape)
        one, two = (split_values(_rare(rng, sizes, hard), (1, 2, 3))[:, [0, 1, 2, -1]] for _ in "ab")
        drawn.append(two - one)
    assert (_shares_below_strict(np.array(drawn), effective_samples(sizes)) <= 2 * STRICT).all()
    as_if_all_were_alike = _shares_below_strict(np.array(drawn), np.full(4, float(PICTURES)))
    assert (as_if_all_were_alike[:2] > 4 * STRICT).all()
