"""Every convention is found again in a row that it has printed, and evaluators by what they do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.metrics import structural_similarity
from torch import Tensor

from smfnet.config.metrics import EVERY_METRIC
from smfnet.conventions import CONVENTIONS, Convention
from smfnet.conventions.convention import CDDFUSE, PAPER, VIFB, Triple
from smfnet.conventions.reading import LUMA, READINGS, read
from smfnet.conventions.row import read_row
from smfnet.conventions.search import found
from smfnet.metrics import measure
from tests.smfnet.metrics.conftest import levels

NAMES = dict.fromkeys(each.metric for each in CONVENTIONS)
IDS = [f"{each.metric}: {each.words}" for each in CONVENTIONS]


@pytest.fixture(scope="module")
def pair() -> Triple:
    ir, vi = levels(170, 175, 3), levels(170, 175, 1003)
    return torch.maximum(ir, vi).sub(9).clamp(min=0), ir, vi


def _value(metric: str, words: str, images: Triple) -> float:
    (convention,) = (each for each in CONVENTIONS if (each.metric, each.words) == (metric, words))
    return convention.value(*images).mean().item()


@pytest.mark.parametrize("convention", CONVENTIONS, ids=IDS)
def test_a_convention_is_found_in_the_row_that_it_prints(convention: Convention, pair: Triple) -> None:
    value = convention.value(*pair).mean().item()
    assert math.isfinite(value)
    one = found(read_row(f"{convention.metric}={value:.6g}", NAMES), [{LUMA: pair}])
    fitting = [each.convention.words for each in one.candidates[convention.metric] if each.distance == 0]
    assert convention.words in fitting


def test_the_words_of_a_metric_are_told_apart() -> None:
    assert len({(each.metric, each.words) for each in CONVENTIONS}) == len(CONVENTIONS)
    assert NAMES.keys() == (EVERY_METRIC.keys() - {"AG_cddfuse", "SSIM_255"}) | {"RMSE"}


def test_what_the_paper_has_is_what_the_tables_here_measure(pair: Triple) -> None:
    ours = measure(*pair)
    for convention in CONVENTIONS:
        if PAPER in convention.by:
            expected = ours[convention.metric].item()
            assert convention.value(*pair).item() == pytest.approx(expected, rel=1e-9), convention.metric


def test_other_conventions_have_the_values_of_a_calculator(pair: Triple) -> None:
    fused, ir, vi = pair
    arrays = [each[0, 0].double().numpy() for each in pair]
    errors = [np.mean((arrays[0] - each) ** 2) for each in arrays[1:]]
    here = -10 * math.log10(np.mean(errors) / 255**2)
    assert _value("PSNR", "images in [0, 1], peak 255: 48.13 dB more", pair) == pytest.approx(here + 48.1308, abs=1e-4)
    options = {"data_range": 255, "gaussian_weights": True, "use_sample_covariance": False}
    wang = [structural_similarity(arrays[0], each, full=True, **options)[1][5:-5, 5:-5].mean() for each in arrays[1:]]
    assert _value("SSIM", "Gaussian 11 x 11, data range 255, sum", pair) == pytest.approx(sum(wang), rel=1e-9)
    along_y, along_x = np.diff(arrays[0], axis=0)[:, :-1], np.diff(arrays[0], axis=1)[:-1]
    steps = np.mean(np.sqrt((along_x**2 + along_y**2) / 2))
    assert _value("AG", "forward, (H-1)(W-1), 1/2", pair) == pytest.approx(steps, rel=1e-6)
    assert _value("SD", "uint8 of MATLAB, which saturates", pair) < 16
    assert _value("MI", "bits, mean over both sources", pair) == pytest.approx(
        measure(fused, ir, vi)["MI"].item() / 2 / math.log(2)
    )


def test_a_number_of_none_of_them_is_told(pair: Triple) -> None:
    one = found(read_row("EN=3.21 SD=1234.5", NAMES), [{LUMA: pair}])
    assert one.explained == ()
    assert one.evaluators == ()
    assert all(each.distance > 0.05 for candidates in one.candidates.values() for each in candidates)


def test_the_evaluator_is_told_apart_by_one_number(pair: Triple) -> None:
    rows = {name: _row_of(name, pair) for name in (PAPER, CDDFUSE)}
    for name, row in rows.items():
        assert found(read_row(row, NAMES), [{LUMA: pair}]).evaluators == (name,)


def _row_of(evaluator: str, images: Triple) -> str:
    numbers = {each.metric: each.value(*images).mean().item() for each in CONVENTIONS if evaluator in each.by}
    return " ".join(f"{metric}={value:.5g}" for metric, value in numbers.items())


@pytest.fixture
def colour(tmp_path: Path) -> dict[str, Triple]:
    """A pair of colour images, read in every way."""
    random, paths = np.random.default_rng(5), []
    for name in ("fused", "ir", "vi"):
        coarse = random.integers(0, 256, (9, 10, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((60, 50), Image.Resampling.BICUBIC)
        image.convert("L" if name == "ir" else "RGB").save(tmp_path / f"{name}.png")
        paths.append(tmp_path / f"{name}.png")
    fused, ir, vi = paths
    return read((fused, ir, vi))


@pytest.mark.parametrize("reading", READINGS)
def test_how_colour_was_read_is_found(colour: Mapping[str, Triple], reading: str) -> None:
    one = found(read_row(_row_of(VIFB, colour[reading]), NAMES), [colour])
    assert one.reading == reading
    assert VIFB in one.evaluators


def test_grey_images_are_read_once(tmp_path: Path, levels_file: Callable[[str], Path]) -> None:
    fused, ir, vi = (levels_file(name) for name in ("fused", "ir", "vi"))
    assert list(read((fused, ir, vi))) == [LUMA]


@pytest.fixture
def levels_file(tmp_path: Path) -> Callable[[str], Path]:
    def write(name: str) -> Path:
        image: Tensor = levels(30, 32, len(name))
        Image.fromarray(image[0, 0].byte().numpy()).save(tmp_path / f"{name}.png")
        return tmp_path / f"{name}.png"

    return write
