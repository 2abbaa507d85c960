"""SCD against SciPy's Pearson correlation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from scipy.stats import pearsonr
from torch import Tensor

from smfnet.metrics import sum_of_correlations

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


def test_it_adds_up_scipys_correlations(triple: Triples) -> None:
    fused, ir, vi = triple()
    expected = sum(
        pearsonr(source.numpy().ravel(), (fused - other).numpy().ravel()).statistic
        for source, other in ((ir, vi), (vi, ir))
    )
    assert sum_of_correlations(fused, ir, vi).item() == pytest.approx(expected, rel=1e-6)


def test_a_sum_of_both_explains_both(triple: Triples) -> None:
    _, ir, vi = triple()
    assert sum_of_correlations(ir + vi, ir, vi).item() == pytest.approx(2, rel=1e-9)


def test_a_difference_that_is_constant_counts_as_nothing(triple: Triples) -> None:
    _, ir, vi = triple()
    image_only = sum_of_correlations(vi, ir, vi).item()
    expected = pearsonr(vi.numpy().ravel(), (vi - ir).numpy().ravel()).statistic
    assert image_only == pytest.approx(expected, rel=1e-6)
    constant = torch.full_like(ir, 7)
    assert sum_of_correlations(constant, constant, constant).item() == 0
