"""MI against NumPy's joint histogram and the identities of information."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from smfnet.metrics import entropy, mutual_information

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


def _by_numpy(one: Tensor, other: Tensor) -> float:
    pairs = np.stack([one.numpy().ravel(), other.numpy().ravel()])
    _, joint = np.unique(pairs, axis=1, return_counts=True)
    singles = [np.unique(row, return_counts=True)[1] for row in pairs]

    def nats(counts: np.ndarray) -> float:
        shares = counts / counts.sum()
        return float(-(shares * np.log(shares)).sum())

    return nats(singles[0]) + nats(singles[1]) - nats(joint)


def test_it_adds_up_what_numpy_finds_for_each_source(triple: Triples) -> None:
    fused, ir, vi = triple()
    expected = _by_numpy(fused, ir) + _by_numpy(fused, vi)
    assert mutual_information(fused, torch.cat([ir, vi], dim=1)).item() == pytest.approx(expected, rel=1e-12)


def test_an_image_tells_its_own_entropy_about_itself_in_nats(triple: Triples) -> None:
    image, _, _ = triple(batch=2)
    assert mutual_information(image, image).tolist() == pytest.approx((entropy(image) * math.log(2)).tolist())


def test_renaming_the_levels_changes_nothing(triple: Triples) -> None:
    fused, ir, _ = triple()
    names = torch.randperm(256, generator=torch.Generator().manual_seed(5)).float()
    renamed = names[ir.long()]
    assert mutual_information(fused, renamed).item() == pytest.approx(mutual_information(fused, ir).item(), rel=1e-12)


def test_a_constant_image_tells_nothing() -> None:
    constant, ramp = torch.full((1, 1, 16, 16), 255.0), torch.arange(256.0).view(1, 1, 16, 16)
    assert mutual_information(ramp, torch.cat([constant, constant], dim=1)).item() == pytest.approx(0, abs=1e-12)
