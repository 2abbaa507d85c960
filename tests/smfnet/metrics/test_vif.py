"""VIF against an implementation of its own with SciPy, and closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.evaluation.evaluator import evaluate
from smfnet.metrics import visual_information_fidelity
from smfnet.metrics.vif import WINDOWS

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


@pytest.mark.parametrize(("height", "width"), [(41, 41), (61, 74), (42, 151), (128, 57)])
def test_it_equals_the_evaluator_at_every_size(triple: Triples, height: int, width: int) -> None:
    fused, ir, vi = triple(height, width)
    expected = evaluate(*(image[0, 0].double().numpy() for image in (fused, ir, vi)))["VIF"]
    ours = visual_information_fidelity(fused, torch.cat([ir, vi], dim=1)).item()
    assert ours == pytest.approx(expected, rel=1e-8)


def test_it_equals_the_evaluator_beside_flat_parts_where_variances_are_as_small_as_eps() -> None:
    ir, vi = (torch.full((1, 1, 150, 150), level) for level in (20.0, 240.0))
    ir[..., 40:60, 50:90], vi[..., 100:110, 20:140] = 21, 239
    fused = (130 + 2 * torch.randn(1, 1, 150, 150, generator=torch.Generator().manual_seed(1))).round()
    expected = evaluate(*(image[0, 0].double().numpy() for image in (fused, ir, vi)))["VIF"]
    ours = visual_information_fidelity(fused, torch.cat([ir, vi], dim=1)).item()
    assert ours == pytest.approx(expected, rel=1.5e-7)  # the evaluator's own rounding; eps in another place: 3e-7


def test_an_image_keeps_all_of_itself(triple: Triples) -> None:
    image, _, _ = triple()
    assert visual_information_fidelity(image, image).item() == pytest.approx(1, abs=1e-6)


def test_more_contrast_than_the_source_is_worth_more_than_one(triple: Triples) -> None:
    _, source, _ = triple()
    assert visual_information_fidelity(2 * source - 128, source).item() > 1.1


def test_noise_keeps_less_the_stronger_it_is(triple: Triples) -> None:
    _, source, _ = triple()
    noise = torch.randn(source.shape, generator=torch.Generator().manual_seed(2))
    values = [visual_information_fidelity((source + sd * noise).round(), source).item() for sd in (0, 2, 8, 32)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.5


@pytest.mark.parametrize("level", [0, 1, 37, 255])
def test_a_constant_source_counts_as_one_whatever_the_level(triple: Triples, level: int) -> None:
    fused, _, _ = triple()
    assert visual_information_fidelity(fused, torch.full_like(fused, level)).item() == 1


def test_a_flat_image_keeps_nothing(triple: Triples) -> None:
    _, source, _ = triple()
    assert visual_information_fidelity(torch.full_like(source, 200), source).item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("size", "scales"), [(17, 1), (24, 1), (25, 2), (28, 2), (29, 2), (40, 3), (41, 4)])
def test_small_images_are_measured_at_the_scales_that_fit(
    triple: Triples, monkeypatch: pytest.MonkeyPatch, size: int, scales: int
) -> None:
    fused, source, _ = triple(size, 64)
    whole = visual_information_fidelity(fused, source)
    monkeypatch.setattr("smfnet.metrics.vif.WINDOWS", WINDOWS[:scales])
    assert visual_information_fidelity(fused, source).item() == whole.item()
    monkeypatch.setattr("smfnet.metrics.vif.WINDOWS", WINDOWS[: scales - 1])
    assert scales == 1 or visual_information_fidelity(fused, source).item() != whole.item()


def test_the_windows_deviation_is_a_fifth_of_its_taps() -> None:
    from smfnet.metrics.vif import _gaussian

    weights = _gaussian(9, torch.device("cpu")).numpy()
    expected = np.exp(-0.5 * (np.arange(-4, 5) / 1.8) ** 2)
    np.testing.assert_allclose(weights, expected / expected.sum(), rtol=1e-12)
