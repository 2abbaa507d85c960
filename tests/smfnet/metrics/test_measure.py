"""All metrics together: names, errors, batches, symmetries, and images at the edge of what there is."""

from __future__ import annotations

import doctest
import importlib
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import Tensor

from benchmarks.evaluation.evaluator import evaluate
from smfnet.config.metrics import METRICS
from smfnet.config.test_step import MetricsConfig
from smfnet.metrics import measure

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


def _grey(height: int, width: int) -> st.SearchStrategy[Tensor]:
    """Images from noise over few levels to constants."""
    few = st.lists(st.integers(0, 255), min_size=1, max_size=4).flatmap(
        lambda levels: arrays.arrays(np.float32, (height, width), elements=st.sampled_from([float(x) for x in levels]))
    )
    noise = st.integers(0, 2**32 - 1).map(
        lambda seed: np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.float32)
    )
    return st.one_of(few, noise).map(lambda pixels: torch.from_numpy(pixels)[None, None])


three_images = st.tuples(*(_grey(18, 21) for _ in range(3)))


def test_names_and_order_are_those_of_the_configuration_and_of_the_csv_file(triple: Triples) -> None:
    assert tuple(measure(*triple())) == tuple(METRICS)
    assert ",".join(METRICS) == "EN,SD,SF,MI,SCD,VIF,Qabf,AG,SSIM,AG_cddfuse,SSIM_255"
    assert MetricsConfig(table=tuple(METRICS)).table == tuple(METRICS)


def test_every_value_equals_the_evaluators(triple: Triples) -> None:
    images = triple(83, 97, seed=11)
    expected = evaluate(*(image[0, 0].double().numpy() for image in images))
    assert {name: value.item() for name, value in measure(*images).items()} == pytest.approx(expected, rel=1e-6)


def test_a_batch_gives_what_its_images_give_one_by_one(triple: Triples) -> None:
    images = triple(50, 66, batch=3)
    together = measure(*images)
    for index in range(3):
        alone = measure(*(image[index : index + 1] for image in images))
        for name, value in alone.items():
            assert together[name].shape == (3,)
            assert together[name].dtype == torch.float64
            torch.testing.assert_close(together[name][index], value[0], rtol=1e-12, atol=1e-12)


def test_the_second_convention_of_ag_is_smaller_by_the_root_of_two(triple: Triples) -> None:
    values = measure(*triple())
    assert (values["AG"] / values["AG_cddfuse"]).item() == pytest.approx(math.sqrt(2), rel=1e-15)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float64, torch.bfloat16])
def test_the_type_of_the_levels_does_not_matter(triple: Triples, dtype: torch.dtype) -> None:
    images = triple()
    assert measure(*(image.to(dtype) for image in images)) == measure(*(image.to(dtype).float() for image in images))


def test_levels_are_rounded_as_a_file_of_8_bits_is(triple: Triples) -> None:
    fused, ir, vi = triple()
    assert measure((fused + 0.4).clamp(max=255), ir, (vi - 0.3).clamp(min=0)) == measure(fused, ir, vi)


def test_the_layout_in_memory_does_not_matter(triple: Triples) -> None:
    images = triple(batch=2)
    turned = (image.transpose(2, 3).contiguous().transpose(2, 3) for image in images)
    torch.testing.assert_close(measure(*turned), measure(*images), rtol=1e-12, atol=1e-12)


def test_no_graph_is_kept(triple: Triples) -> None:
    fused, ir, vi = triple()
    assert not any(value.requires_grad for value in measure(fused.requires_grad_(), ir, vi).values())


@settings(max_examples=40)
@given(three_images)
def test_values_are_finite_and_in_range(images: tuple[Tensor, Tensor, Tensor]) -> None:
    values = {name: value.item() for name, value in measure(*images).items()}
    assert all(map(math.isfinite, values.values()))
    assert 0 <= values["EN"] <= 8
    assert 0 <= values["Qabf"] < 1
    assert -2 - 1e-9 <= values["SCD"] <= 2 + 1e-9
    assert max(abs(values["SSIM"]), abs(values["SSIM_255"])) <= 2 + 1e-9
    assert min(values[name] for name in ("SD", "SF", "MI", "VIF", "AG")) >= 0
    assert values["MI"] <= 2 * values["EN"] * math.log(2) + 1e-9


@settings(max_examples=20)
@given(three_images)
def test_the_two_sources_are_alike(images: tuple[Tensor, Tensor, Tensor]) -> None:
    fused, ir, vi = images
    torch.testing.assert_close(measure(fused, ir, vi), measure(fused, vi, ir), rtol=1e-6, atol=1e-9)


@settings(max_examples=20)
@given(three_images, st.sampled_from([(2,), (3,), (2, 3)]))
def test_mirroring_all_images_changes_neither_contrast_nor_statistics(
    images: tuple[Tensor, Tensor, Tensor], axes: tuple[int, ...]
) -> None:
    mirrored = measure(*(image.flip(axes) for image in images))
    for name, value in measure(*images).items():
        if name not in ("VIF", "Qabf"):  # one keeps every second pixel, the other sets one angle by hand
            torch.testing.assert_close(mirrored[name], value, rtol=1e-6, atol=1e-9)


@settings(max_examples=20)
@given(three_images, st.integers(1, 60))
def test_brighter_images_have_the_same_contrast(images: tuple[Tensor, Tensor, Tensor], offset: int) -> None:
    dimmed = [image.clamp(max=255 - offset) for image in images]
    brighter = measure(*(image + offset for image in dimmed))
    for name, value in measure(*dimmed).items():
        if name in ("EN", "SD", "SF", "MI", "SCD", "AG", "VIF"):
            torch.testing.assert_close(brighter[name], value, rtol=1e-7, atol=1e-7)


def test_a_copy_of_both_sources_scores_the_most_that_a_copy_can(triple: Triples) -> None:
    image, _, _ = triple()
    values = measure(image, image, image)
    assert values["SSIM"].item() == pytest.approx(2)
    assert values["VIF"].item() == pytest.approx(2, abs=1e-6)
    assert values["MI"].item() == pytest.approx(2 * values["EN"].item() * math.log(2))
    assert values["SCD"].item() == 0  # F - B is constant


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(1, 1, 20, 20), (1, 1, 20, 21), (1, 1, 20, 20)], r"one shape.*\(1, 1, 20, 20\) and \(1, 1, 20, 21\)"),
        ([(2, 1, 20, 20), (1, 1, 20, 20), (1, 1, 20, 20)], "one shape"),
        ([(1, 3, 20, 20)] * 3, r"shape \(B, 1, H, W\)"),
        ([(20, 20)] * 3, r"shape \(B, 1, H, W\)"),
        ([(1, 1, 16, 40)] * 3, "at least 17x17 pixels"),
        ([(0, 1, 20, 20)] * 3, "at least"),
    ],
)
def test_images_that_do_not_fit_are_refused(shapes: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measure(*map(torch.zeros, shapes))


@pytest.mark.parametrize("level", [float("nan"), float("inf"), -1.0, 256.0])
def test_a_level_that_no_8_bit_image_has_is_refused(level: float) -> None:
    images = torch.zeros(3, 1, 1, 20, 20)
    images[1, ..., 5, 5] = level
    with pytest.raises(ValueError, match=r"grey levels in 0\.\.255"):
        measure(*images)


def test_the_example_in_the_documentation_runs() -> None:
    assert doctest.testmod(importlib.import_module("smfnet.metrics.measure")) == (0, 2)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_gives_what_the_cpu_gives(triple: Triples) -> None:
    images = triple(300, 210, batch=2)
    there = measure(*(image.cuda() for image in images))
    for name, value in measure(*images).items():
        torch.testing.assert_close(there[name].cpu(), value, rtol=1e-6, atol=1e-9)
