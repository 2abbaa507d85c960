"""The test step: what is measured is what would be saved, whoever fused it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from smfnet.config.metrics import METRICS
from smfnet.config.test_step import InferConfig
from smfnet.data.images import write_png
from smfnet.data.pair import Pair, pair_of
from smfnet.fusion.fused_files import FusedFiles
from smfnet.fusion.rules import RULES, fusion_of
from smfnet.fusion.test_step import fused_image, grey_levels, measure_pairs, rescaled, source_images
from smfnet.fusion.titles import TITLES

CPU = torch.device("cpu")
GREY_CLIP = InferConfig(colour="grey", rescale="clip")


@pytest.fixture
def pixels() -> Callable[..., np.ndarray]:
    """Whole grey or colour levels, (24, 30) or (24, 30, 3), another image at every call."""
    random = np.random.default_rng(4)
    return lambda *channels: random.integers(0, 256, (24, 30, *channels)).astype(np.float32)


@pytest.fixture
def grey_pair(pixels: Callable[..., np.ndarray]) -> Pair:
    return pair_of("grey", pixels(), pixels(), training=False)


@pytest.fixture
def colour_pair(pixels: Callable[..., np.ndarray]) -> Pair:
    return pair_of("colour", pixels(), pixels(3), training=False)


def _half(ir: Tensor, vi: Tensor) -> Tensor:
    return (0.25 + (ir + vi) / 8).clamp(0, 1)


@pytest.mark.parametrize("colour", ["ycrcb", "grey"])
@pytest.mark.parametrize("rescale", ["minmax", "clip"])
def test_what_is_measured_is_what_the_saved_files_give(
    colour_pair: Pair, grey_pair: Pair, tmp_path: Path, colour: str, rescale: str
) -> None:
    measured = measure_pairs([colour_pair, grey_pair], _half, InferConfig(colour=colour, rescale=rescale), CPU)
    for pair, each in zip((colour_pair, grey_pair), measured, strict=True):
        write_png(tmp_path / "fused" / f"{pair.name}.png", each.image)
        for kind, image in source_images(pair).items():
            write_png(tmp_path / kind / f"{pair.name}.png", image)
    for name, each in zip(("colour", "grey"), measured, strict=True):
        file = FusedFiles(name, *(tmp_path / folder / f"{name}.png" for folder in ("fused", "ir", "vi")))
        assert tuple(each.values) == tuple(METRICS)
        assert file.measure() == pytest.approx(each.values, rel=1e-12), each.name


def test_the_stretch_spans_all_levels_of_each_image(grey_pair: Pair) -> None:
    image = fused_image(_half, grey_pair, InferConfig(), CPU)
    fused = _half(grey_pair.ir, grey_pair.vi)[0].numpy()
    expected = 255 * (fused - fused.min()) / (fused.max() - fused.min())
    assert (image.min(), image.max(), image.dtype) == (0, 255, np.uint8)
    assert np.abs(image - expected).max() <= 0.5 + 1e-4


def test_without_the_stretch_values_are_clipped_and_rounded(grey_pair: Pair) -> None:
    image = fused_image(lambda ir, vi: 2 * vi - 0.5, grey_pair, GREY_CLIP, CPU)
    expected = np.clip(np.rint(255 * (2 * grey_pair.vi[0].numpy() - 0.5)), 0, 255)
    assert np.abs(image - expected).max() <= 1
    assert (image == expected).mean() > 0.99  # the rest are ties


def test_a_constant_image_is_not_stretched() -> None:
    constant = torch.full((4, 5), 0.3)
    assert torch.equal(rescaled(constant, InferConfig()), constant)


def test_the_visible_image_gets_its_own_colours_back(pixels: Callable[..., np.ndarray]) -> None:
    colour = pixels(3)
    pair = pair_of("colour", pixels(), colour, training=False)
    clip = InferConfig(rescale="clip")
    assert np.abs(fused_image(lambda ir, vi: vi, pair, clip, CPU).astype(int) - colour).max() <= 1
    assert np.array_equal(fused_image(lambda ir, vi: vi, pair, clip, CPU), source_images(pair)["vi"])


def test_colour_keeps_the_luma_that_was_fused(grey_pair: Pair) -> None:
    chroma = 128 + 6 * torch.randn(2, 24, 30, generator=torch.Generator().manual_seed(1))  # weak: nothing is clipped
    pair = Pair("weak", grey_pair.ir, 0.2 + 0.6 * grey_pair.vi, chroma)
    image = fused_image(lambda ir, vi: vi, pair, InferConfig(rescale="clip"), CPU)
    assert image.shape == (24, 30, 3)
    assert (grey_levels(image)[0, 0] - 255 * pair.vi[0]).abs().max() < 1.01


def test_grey_levels_are_the_rounded_luma(pixels: Callable[..., np.ndarray]) -> None:
    image = pixels(3).astype(np.uint8)
    expected = image.astype(float) @ [0.299, 0.587, 0.114]
    assert np.abs(grey_levels(image)[0, 0].numpy() - expected).max() <= 0.5 + 1e-4
    grey = pixels().astype(np.uint8)
    assert np.array_equal(grey_levels(grey)[0, 0], grey)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_not_finite_is_refused_with_the_pairs_name(grey_pair: Pair, value: float) -> None:
    with pytest.raises(ValueError, match="grey holds values that are not finite"):
        measure_pairs([grey_pair], lambda ir, vi: ir + value, InferConfig(), CPU)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("visible_only", 0.8),
        ("infrared_only", 0.3),
        ("mean", 0.55),
        ("max", 0.8),
        ("stretched_blend", 0.3 * 0.55 + 0.7 * 0.8),
    ],
)
def test_training_free_rules(rule: str, expected: float) -> None:
    fuse, stretched = RULES[rule]
    fused = fuse(torch.full((1, 1, 2, 2), 0.3), torch.full((1, 1, 2, 2), 0.8))
    torch.testing.assert_close(fused, torch.full((1, 1, 2, 2), expected))
    assert stretched == (rule == "stretched_blend")
    assert rule in TITLES


def test_a_rule_without_a_stretch_keeps_the_rest_of_the_test_step() -> None:
    infer = InferConfig(colour="grey", rescale="minmax")
    assert fusion_of("max", infer) == (torch.maximum, GREY_CLIP)
    assert fusion_of("stretched_blend", infer)[1] == infer


def test_the_visible_image_as_the_fused_one_tells_all_about_itself(grey_pair: Pair) -> None:
    (measured,) = measure_pairs([grey_pair], *fusion_of("visible_only", InferConfig()), CPU)
    assert np.array_equal(measured.image, source_images(grey_pair)["vi"])
    assert measured.values["SSIM"] > 1
