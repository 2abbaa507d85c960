"""The Lovasz extension against its definition, against kornia, and at hard predictions against the Jaccard index."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from kornia.losses import lovasz_softmax_loss
from torch import Tensor

from smfnet.losses.lovasz import lovasz

PIXELS = 7
LABELS = arrays(bool, PIXELS)
ERRORS = arrays(np.float64, PIXELS, elements=st.floats(0, 1, width=16))


def _jaccard_loss(label: np.ndarray, wrong: set[int]) -> float:
    """1 - IoU of a prediction that is wrong in some pixels, by sets."""
    truth = set(np.flatnonzero(label))
    predicted = truth ^ wrong
    union = truth | predicted
    return 1 - len(truth & predicted) / len(union) if union else 0.0


def _lovasz(errors: np.ndarray, label: np.ndarray, order: tuple[int, ...] | None = None) -> float:
    """Definition: errors times the growth of the loss as pixels go wrong in a given order, by default worst first."""
    order = order or tuple(np.argsort(-errors, kind="stable"))
    losses = [_jaccard_loss(label, set(order[:count])) for count in range(len(order) + 1)]
    return float(np.dot(errors[list(order)], np.diff(losses)))


def _ours(errors: np.ndarray, label: np.ndarray, *, both: bool = False) -> float:
    return lovasz(torch.from_numpy(errors)[None, None], torch.from_numpy(label)[None, None], both=both).item()


@given(ERRORS, LABELS)
def test_equals_its_definition(errors: np.ndarray, label: np.ndarray) -> None:
    expected = _lovasz(errors, label) if label.any() else 0.0
    assert _ours(errors, label) == pytest.approx(expected, abs=1e-12)


@given(ERRORS, LABELS)
def test_both_is_the_mean_over_the_two_classes_that_occur(errors: np.ndarray, label: np.ndarray) -> None:
    expected = np.mean([_lovasz(errors, each) for each in (label, ~label) if each.any()])
    assert _ours(errors, label, both=True) == pytest.approx(expected, abs=1e-12)


@given(LABELS, LABELS)
def test_hard_predictions_give_the_jaccard_loss(label: np.ndarray, prediction: np.ndarray) -> None:
    errors = (label != prediction).astype(np.float64)
    for truth, predicted in ((label, prediction), (~label, ~prediction)):
        if truth.any():
            expected = 1 - (truth & predicted).sum() / (truth | predicted).sum()
            assert _ours(errors, truth) == pytest.approx(expected, abs=1e-12)


def test_no_other_order_of_the_pixels_gives_more() -> None:
    errors, label = np.random.default_rng(0).random(5), np.array([True, False, True, True, False])
    most = max(_lovasz(errors, label, order) for order in permutations(range(5)))
    assert _ours(errors, label) == pytest.approx(most, abs=1e-12)


@given(ERRORS, LABELS, st.permutations(range(PIXELS)))
def test_the_order_of_the_pixels_and_ties_do_not_matter(
    errors: np.ndarray, label: np.ndarray, order: list[int]
) -> None:
    errors = np.round(errors * 2) / 2
    assert _ours(errors[order], label[order], both=True) == pytest.approx(_ours(errors, label, both=True), abs=1e-12)


def _multiclass(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, 3, 8, 9, generator=generator, dtype=torch.float64)
    return logits, torch.randint(0, 3, (2, 8, 9), generator=generator)


def test_equals_kornia_where_every_class_occurs() -> None:
    logits, labels = _multiclass(1)
    foreground = torch.nn.functional.one_hot(labels, 3).movedim(3, 1).bool()
    errors = (logits.softmax(1) - foreground.double()).abs()
    ours = lovasz(errors.flatten(2), foreground.flatten(2)).mean()
    torch.testing.assert_close(ours, lovasz_softmax_loss(logits, labels))


def test_both_equals_kornia_with_two_classes() -> None:
    probability = torch.sigmoid(_multiclass(2)[0][:, :1])
    foreground = _multiclass(3)[0][:, :1] > 0
    errors = (probability - foreground.double()).abs()
    logits = torch.cat([1 - probability, probability], 1).log()
    ours = lovasz(errors.flatten(2), foreground.flatten(2), both=True).mean()
    torch.testing.assert_close(ours, lovasz_softmax_loss(logits, foreground[:, 0].long()))


def test_gradient() -> None:
    errors = torch.rand(2, 3, 6, generator=torch.Generator().manual_seed(4), dtype=torch.float64).requires_grad_()
    foreground = torch.rand(2, 3, 6, generator=torch.Generator().manual_seed(5)) > 0.5
    assert torch.autograd.gradcheck(lambda x: lovasz(x, foreground, both=True), errors)
