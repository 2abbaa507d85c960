"""The further metrics where the answer is known without a program: copies, constants, single edges, directions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from assay.metric import LARGER
from smfnet.config.metrics import EVERY_METRIC, FURTHER, FURTHER_METRICS
from smfnet.metrics import measure
from smfnet.metrics.further.meyer import LOW, meyer_coefficients

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


def _values(*images: Tensor, metrics: tuple[str, ...] = tuple(FURTHER)) -> dict[str, float]:
    return {name: value.item() for name, value in measure(*images, metrics).items()}


def test_a_copy_of_both_sources_is_the_best_that_there_can_be(triple: Triples) -> None:
    image, _, _ = triple(170, 175)
    best = dict.fromkeys(("CC", "MS_SSIM", "FMI_pixel", "FMI_dct", "FMI_wavelet", "Qcb", "Qy"), 1.0)
    best |= dict.fromkeys(("CE", "MSE", "Nabf", "Qcv"), 0.0) | {"NMI": 2.0, "PSNR": 10 * math.log10(255**2 / 1e-10)}
    found = _values(image, image, image)
    assert {name: found[name] for name in best} == pytest.approx(best, abs=1e-9)


def test_every_direction_says_that_the_mean_is_better_than_noise(triple: Triples) -> None:
    _, ir, vi = triple(170, 175)
    mean = ((ir + vi) / 2).round()
    noise = torch.randint(0, 256, mean.shape, generator=torch.Generator().manual_seed(0)).float()
    good, bad = _values(mean, ir, vi), _values(noise, ir, vi)
    for name, metric in FURTHER_METRICS.items():
        if name not in ("EI", "CE"):  # noise has edges; a narrow histogram is passed over where it is empty
            assert metric.signed(good[name] - bad[name]) > 0, name
    assert {name for name, metric in FURTHER_METRICS.items() if metric.better != LARGER} == {"CE", "MSE", "Nabf", "Qcv"}


def test_an_offset_has_the_error_of_a_calculator(triple: Triples) -> None:
    image = triple()[1].clamp(max=245)
    found = _values(image + 10, image, image, metrics=("MSE", "PSNR", "CC"))
    assert found == pytest.approx({"MSE": 100, "PSNR": 20 * math.log10(25.5), "CC": 1})


def test_the_cross_entropy_of_two_levels_is_in_bits() -> None:
    half, quarter = torch.zeros(1, 1, 20, 20), torch.zeros(1, 1, 20, 20)
    half[..., 10:], quarter[..., 15:] = 9, 9
    expected = 0.25 * math.log2(0.25 / 0.5) + 0.75 * math.log2(0.75 / 0.5)
    assert _values(half, quarter, quarter, metrics=("CE",))["CE"] == pytest.approx(expected)


def test_a_vertical_edge_has_four_times_its_height_along_two_columns() -> None:
    edge = torch.zeros(1, 1, 20, 20)
    edge[..., 10:] = 50
    assert _values(edge, edge, edge, metrics=("EI",))["EI"] == pytest.approx(4 * 50 * 2 / 20)


def test_an_edge_that_no_source_has_is_an_artefact_and_a_lost_one_is_none() -> None:
    flat, edge = torch.full((1, 1, 40, 40), 90.0), torch.full((1, 1, 40, 40), 90.0)
    edge[..., 20:] = 190
    assert _values(edge, flat, flat, metrics=("Nabf",))["Nabf"] > 0.04  # two of forty columns
    assert _values(flat, edge, edge, metrics=("Nabf",))["Nabf"] == 0
    assert _values(edge, edge, flat, metrics=("Nabf",))["Nabf"] == 0


def test_the_wavelet_keeps_energy_as_far_as_its_finite_filter_does() -> None:
    low = np.array(LOW)
    assert low.sum() == pytest.approx(math.sqrt(2), abs=1e-6)
    shifted = [np.dot(low[: len(low) - 2 * shift], low[2 * shift :]) for shift in range(4)]
    assert shifted == pytest.approx([1, 0, 0, 0], abs=3e-3)
    inside = torch.zeros(1, 1, 200, 220, dtype=torch.float64)
    inside[..., 80:120, 90:130] = torch.rand(40, 40, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert meyer_coefficients(inside).square().sum().item() == pytest.approx(inside.square().sum().item(), rel=1e-2)


def test_a_small_image_is_measured_at_the_scales_that_it_has(triple: Triples) -> None:
    fused, ir, vi = triple(21, 30)
    assert 0 < _values(fused, ir, vi, metrics=("MS_SSIM",))["MS_SSIM"] < 1


def test_a_batch_gives_what_its_images_give_one_by_one(triple: Triples) -> None:
    images = triple(50, 66, batch=3)
    together = measure(*images, FURTHER)
    for index in range(3):
        for name, value in measure(*(image[index : index + 1] for image in images), FURTHER).items():
            assert together[name].shape == (3,)
            torch.testing.assert_close(together[name][index], value[0], rtol=1e-9, atol=1e-9)


levels = st.lists(st.integers(0, 255), min_size=1, max_size=4)


@settings(max_examples=30)
@given(st.tuples(*((st.tuples(levels, st.integers(0, 2**16)),) * 3)))
def test_values_are_finite_and_in_range_whatever_is_flat(drawn: tuple[tuple[list[int], int], ...]) -> None:
    images = [torch.from_numpy(np.random.default_rng(seed).choice(few, (1, 1, 18, 21))).float() for few, seed in drawn]
    found = _values(*images)
    assert all(map(math.isfinite, found.values())), found
    for name, high in {"NMI": 2, "Nabf": 1, "MS_SSIM": 1, "Qcb": 1, "MSE": 65025}.items():
        assert 0 <= found[name] <= high + 1e-9, name
    assert max(abs(found["CC"]), abs(found["Qy"])) <= 1 + 1e-9
    assert min(found["EI"], found["Qcv"]) >= 0
    swapped = _values(images[0], images[2], images[1])
    if any(image.min() == image.max() for image in images):  # of a flat image wavelets see rounding alone
        del swapped["FMI_wavelet"], found["FMI_wavelet"]
    assert swapped == pytest.approx(found, rel=1e-7, abs=1e-9)


def test_names_come_in_the_order_in_which_they_are_asked_for(triple: Triples) -> None:
    assert list(measure(*triple(), ["Qy", "SSIM_255", "EN", "Qy"])) == ["Qy", "SSIM_255", "EN"]
    assert len(EVERY_METRIC) == 25
