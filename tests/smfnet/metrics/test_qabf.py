"""Qabf against an implementation of its own with SciPy, and its edge cases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from benchmarks.evaluation.evaluator import evaluate
from smfnet.metrics import edge_preservation

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


@pytest.mark.parametrize(("height", "width"), [(41, 41), (61, 74), (42, 151), (128, 57)])
def test_it_equals_the_evaluator_at_every_size(triple: Triples, height: int, width: int) -> None:
    fused, ir, vi = triple(height, width)
    expected = evaluate(*(image[0, 0].double().numpy() for image in (fused, ir, vi)))["Qabf"]
    assert edge_preservation(fused, torch.cat([ir, vi], dim=1)).item() == pytest.approx(expected, rel=1e-6)


def test_an_equal_strength_counts_as_the_strength_itself_not_as_one(triple: Triples) -> None:
    image, _, _ = triple()
    best = 0.9994 * 0.9879 / (1 + torch.tensor(-22 * 0.2).exp().item())  # both sigmoids, the angles alike
    assert edge_preservation(image, image).item() == pytest.approx(best, rel=1e-3)
    weak = torch.zeros(1, 1, 20, 20)
    weak[..., 10:] = 1  # an edge whose strength is 4, so that its ratio is 4, where 1 would do
    with_one = best / (1 + torch.tensor(-15 * 0.5).exp().item())
    assert edge_preservation(weak, weak).item() > with_one


def test_turned_edges_are_worth_less_than_weaker_ones(triple: Triples) -> None:
    edge = torch.zeros(1, 1, 40, 40)
    edge[..., 20:] = 100
    weaker = edge_preservation(edge * 0.8, edge).item()
    assert edge_preservation(edge.transpose(2, 3), edge).item() < weaker / 2


def test_sources_without_an_edge_have_nothing_to_be_kept(triple: Triples) -> None:
    fused, _, _ = triple()
    assert edge_preservation(fused, torch.zeros_like(fused)).item() == 0
