"""Every further metric against NumPy, SciPy and scikit-image, and against the values that VIFB prints."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from benchmarks.evaluation.further_evaluator import FURTHER as EVALUATOR
from smfnet.config.metrics import FURTHER, FURTHER_METRICS
from smfnet.metrics import measure

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]

# VIFB's program measures each channel of colour images and takes the mean. Of these the formulas are ours.
VIFB = {"CE": "Cross_entropy", "EI": "Edge_intensity", "Qcb": "Qcb", "Qcv": "Qcv", "EN": "Entropy", "MI": "Mutinf"}


def test_every_metric_has_an_entry_a_function_and_an_evaluator() -> None:
    assert list(FURTHER) == list(FURTHER_METRICS) == list(EVALUATOR)


@pytest.mark.parametrize("metric", FURTHER)
@pytest.mark.parametrize(("height", "width"), [(177, 190), (192, 211)])
def test_every_value_equals_the_evaluators(triple: Triples, height: int, width: int, metric: str) -> None:
    if metric.startswith("FMI"):  # which has the smallest windows, and is the slowest
        height, width = height // 3, width // 3
    images = triple(height, width, seed=height)
    expected = EVALUATOR[metric](*(image[0, 0].double().numpy() for image in images))
    assert measure(*images, [metric])[metric].item() == pytest.approx(expected, rel=1e-7)


def _channels(path: Path) -> Tensor:
    return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)[:, None].float()


@pytest.fixture(scope="module")
def printed(shared: Path) -> list[tuple[dict[str, float], dict[str, float]]]:
    """VIFB's values and ours, of a few images of each method."""
    return list(_beside(shared / "data"))


def _beside(data: Path) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
    sources, wanted = data / "vifb" / "test", (*VIFB, "SD", "Qabf", "PSNR")
    with open(data / "fused" / "vifb_metrics.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (data / "fused" / row["method"]).is_dir()]
    for row in rows[::9]:
        name = row["image"].rpartition(".")[0]
        fused = _channels(data / "fused" / row["method"] / "vifb" / row["image"])
        ir, vi = (_channels(next((sources / kind).glob(f"{name}.*"))) for kind in ("ir", "vi"))
        values = {metric: each.mean().item() for metric, each in measure(fused, ir, vi, wanted).items()}
        errors = [((fused - source).double().square().mean((1, 2, 3)) / fused[0].numel()).sqrt() for source in (ir, vi)]
        values["Rmse"] = (sum(errors).mean() / 2).item()
        yield {key: float(row[key]) for key in row if key not in ("method", "image")}, values


@pytest.mark.shared
def test_vifbs_values_are_reproduced_image_by_image(
    printed: list[tuple[dict[str, float], dict[str, float]]],
) -> None:
    assert len(printed) >= 10
    for ours, theirs in (*VIFB.items(), ("SD", "Variance"), ("Qabf", "Qabf")):
        differences = [abs(found[ours] / expected[theirs] - 1) for expected, found in printed]
        assert np.median(differences) < 5e-5, ours  # it prints five digits
        assert max(differences) < 0.01, ours  # decoders of colour JPEG differ by a level


@pytest.mark.shared
def test_vifbs_rmse_and_psnr_are_of_a_root_that_is_divided_by_the_pixels_after_it_was_taken(
    printed: list[tuple[dict[str, float], dict[str, float]]],
) -> None:
    for expected, found in printed:
        assert expected["Rmse"] == pytest.approx(found["Rmse"], rel=2e-3)
        assert expected["Psnr"] == pytest.approx(20 * math.log10(255 / math.sqrt(expected["Rmse"])), rel=2e-3)
        assert expected["Psnr"] > found["PSNR"] + 20
