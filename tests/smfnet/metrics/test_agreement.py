"""The field's evaluator and the paper's own table, image by image, through the command and the files it reads."""

from __future__ import annotations

import csv
import math
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from smfnet.cli.evaluate import main
from smfnet.data.images import read_grey
from smfnet.metrics import measure

pytestmark = pytest.mark.shared

Table = dict[str, dict[str, float]]
SETS = {"roadscene_mean": 50, "tno_authors": 3, "tno_pmgi": 25}
# Relative differences to an evaluator that computes in float32, except VIF: ten times what float32 alone explains.
RTOL = (
    {"SSIM": 1e-4} | dict.fromkeys(("EN", "MI", "VIF"), 1e-7) | dict.fromkeys(("SD", "SF", "SCD", "Qabf", "AG"), 2e-6)
)
# The same evaluator's arithmetic repeated in float64; where ours is float32 (Qabf, AG), its rounding shows.
RTOL_64 = {"Qabf": 1e-6, "AG": 1e-6, "VIF": 1e-7} | dict.fromkeys(("SD", "SF", "SCD", "SSIM"), 1e-10)


def _table(path: Path) -> Table:
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {row.pop("name"): {name: float(value) for name, value in row.items()} for row in rows}


def _grey(folder: Path, name: str) -> np.ndarray:
    (path,) = folder.glob(f"{name}.*")
    return np.rint(read_grey(path))


@pytest.fixture(scope="module")
def folders(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path, Path]]:
    """Folders of infrared, visible and fused images of a set; mean fusion is made here."""
    mean = tmp_path_factory.mktemp("mean")
    road, tno = shared / "data" / "roadscene" / "test", shared / "data" / "tno" / "test"
    for name in _table(shared / "oracle" / "metrics_roadscene_mean.csv"):
        both = _grey(road / "ir", name) + _grey(road / "vi", name)
        Image.fromarray(np.rint(both / 2).astype(np.uint8)).save(mean / f"{name}.png")
    found = {
        "roadscene_mean": (road / "ir", road / "vi", mean),
        "tno_authors": (tno / "ir", tno / "vi", shared / "data" / "fused" / "SMFNet" / "tno"),
        "tno_pmgi": (tno / "ir", tno / "vi", shared / "data" / "fused" / "PMGI" / "tno"),
    }
    return found.__getitem__


@pytest.fixture(scope="module")
def written(
    folders: Callable[[str], tuple[Path, Path, Path]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The CSV file that the command writes for a set."""
    made: dict[str, Path] = {}
    output = tmp_path_factory.mktemp("csv")

    def make(name: str) -> Path:
        if name not in made:
            path = output / f"{name}.csv"
            options = (f"--{kind}={folder}" for kind, folder in zip(("ir", "vi", "fused"), folders(name), strict=True))
            assert main([*options, f"--csv={path}"]) == 0
            made[name] = path
        return made[name]

    return make


@pytest.mark.parametrize("name", ["roadscene_mean", "tno_authors"])
def test_images_are_read_bit_for_bit_as_the_evaluator_reads_them(
    shared: Path, folders: Callable[[str], tuple[Path, Path, Path]], name: str
) -> None:
    with open(shared / "oracle" / f"inputs_{name}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == SETS[name]
    for row in rows:
        for kind, folder in zip(("ir", "vi", "f"), folders(name), strict=True):
            pixels = _grey(folder, row["name"]).astype(np.uint8)
            assert pixels.shape == (int(row["H"]), int(row["W"]))
            assert zlib.crc32(pixels.tobytes()) == int(row[f"{kind}_crc"], 16), (row["name"], kind)


@pytest.mark.parametrize("name", SETS)
def test_every_value_of_every_image_agrees(shared: Path, written: Callable[[str], Path], name: str) -> None:
    ours, theirs = _table(written(name)), _table(shared / "oracle" / f"metrics_{name}.csv")
    assert len(ours) == SETS[name]
    assert ours.keys() == theirs.keys()
    for image, expected in theirs.items():
        for metric, tolerance in RTOL.items():
            value = expected[metric] * (math.sqrt(2) if metric == "AG" else 1)
            assert ours[image][metric] == pytest.approx(value, rel=tolerance), (image, metric)
        assert ours[image]["AG_cddfuse"] == pytest.approx(expected["AG"], rel=RTOL["AG"]), image


@pytest.mark.parametrize("name", ["roadscene_mean", "tno_authors"])
def test_in_float64_the_agreement_is_closer(shared: Path, written: Callable[[str], Path], name: str) -> None:
    ours, theirs = _table(written(name)), _table(shared / "oracle" / f"metrics_{name}.csv")
    for image, expected in theirs.items():
        for metric, tolerance in RTOL_64.items():
            value = expected[f"{metric}_f64"] * (math.sqrt(2) if metric == "AG" else 1)
            assert ours[image][metric] == pytest.approx(value, rel=tolerance), (image, metric)
        assert ours[image]["SSIM_255"] == pytest.approx(expected["SSIM_dr255"], rel=1e-6), image


@pytest.mark.parametrize("name", SETS)
def test_the_comparison_that_came_with_the_values_passes(
    shared: Path, written: Callable[[str], Path], name: str
) -> None:
    oracle = shared / "oracle"
    script = [
        sys.executable,
        oracle / "compare_metrics.py",
        written(name),
        oracle / f"metrics_{name}.csv",
        "--ag",
        "smfnet",
    ]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{SETS[name]} images")
    assert done.stdout.endswith("PASS\n")


def test_the_papers_row_of_pmgi_on_tno_is_recomputed_from_its_images(
    shared: Path, written: Callable[[str], Path]
) -> None:
    with open(shared / "paper" / "table1.csv", newline="") as file:
        (printed,) = (row for row in csv.DictReader(file) if (row["method"], row["dataset"]) == ("PMGI", "TNO"))
    values = _table(written("tno_pmgi")).values()
    for metric in ("EN", "SD", "SF", "MI", "VIF", "Qabf", "AG", "SSIM"):
        mean = math.fsum(row[metric] for row in values) / len(values)
        assert mean == pytest.approx(float(printed[metric]), rel=0.005), metric


def test_maximum_fusion_where_equal_edges_are_common_agrees_in_the_mean(shared: Path) -> None:
    road = shared / "data" / "roadscene" / "test"
    names = list(_table(shared / "oracle" / "metrics_roadscene_mean.csv"))
    rows = []
    for name in names:
        ir, vi = (torch.from_numpy(_grey(road / kind, name))[None, None] for kind in ("ir", "vi"))
        rows.append(measure(torch.maximum(ir, vi), ir, vi))
    (line,) = (
        line for line in (shared / "spec" / "facts.md").read_text().splitlines() if line.startswith("| roadscene_max (")
    )
    measured = ("EN", "SD", "SF", "MI", "SCD", "VIF", "Qabf", "AG_cddfuse", "SSIM", "SSIM_255")
    for metric, cell in zip(measured, line.split("|")[2:-1], strict=True):
        mean = torch.cat([row[metric] for row in rows]).mean().item()
        assert mean == pytest.approx(float(cell), rel=1e-5), metric
