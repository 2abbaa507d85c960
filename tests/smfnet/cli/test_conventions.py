"""`conventions` names who made a row, says where nobody did, and tells what it cannot read."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smfnet.cli.conventions import main

VIFB = {
    "Entropy": "EN",
    "Variance": "SD",
    "Spatial_frequency": "SF",
    "Mutinf": "MI",
    "Avg_gradient": "AG",
    "Edge_intensity": "EI",
    "Cross_entropy": "CE",
    "Psnr": "PSNR",
    "Rmse": "RMSE",
    "Ssim": "SSIM",
    "Qabf": "Qabf",
    "Qcb": "Qcb",
    "Qcv": "Qcv",
}


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    random = np.random.default_rng(1)
    for folder in ("ir", "vi", "fused"):
        (tmp_path / folder).mkdir()
        Image.fromarray(random.integers(0, 256, (40, 44), dtype=np.uint8)).save(tmp_path / folder / "a.png")
    return [f"--{folder}={tmp_path / folder}" for folder in ("ir", "vi", "fused")]


def test_a_row_is_told_with_every_candidate_where_none_fits(
    folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*folders, "--row", "EN=2.5 SCD=0.4"]) == 0
    out = capsys.readouterr().out
    assert out.count("none of those known") == 2
    assert "nats (natural logarithm)" in out
    assert "0 of 2 numbers have a convention that fits; no known evaluator fits in all; the closest is" in out


def test_all_shows_the_other_candidates_too(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*folders, "--row", "EN=7.88"]) == 0
    few = capsys.readouterr().out
    assert "bits (log 2) (fits)" in few
    assert "nats" not in few
    assert main([*folders, "--row", "EN=7.88", "--all"]) == 0
    assert "nats" in capsys.readouterr().out


@pytest.mark.parametrize("row", ["", "EN", "EM=3", "EN=3 EN=4"])
def test_a_row_that_cannot_be_read_is_one_line(
    folders: list[str], capsys: pytest.CaptureFixture[str], row: str
) -> None:
    assert main([*folders, "--row", row]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1


def test_sizes_that_differ_are_told(folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (44, 41)).save(tmp_path / "ir" / "a.png")
    assert main([*folders, "--row", "EN=7"]) == 2
    assert "has 44x40 pixels" in capsys.readouterr().err


@pytest.mark.shared
def test_the_papers_row_of_pmgi_is_the_papers(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open(shared / "paper" / "table1.csv", newline="") as file:
        (row,) = (row for row in csv.DictReader(file) if (row["method"], row["dataset"]) == ("PMGI", "TNO"))
    data = shared / "data"
    numbers = " ".join(f"{metric}={row[metric]}" for metric in ("EN", "SD", "SF", "MI", "AG", "Qabf"))
    sources = [f"--{kind}={data / 'tno' / 'test' / kind}" for kind in ("ir", "vi")]
    assert main([*sources, f"--fused={data / 'fused' / 'PMGI' / 'tno'}", "--row", numbers]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "6 of 6 numbers have a convention that fits; all that is known fits of this paper's tables" in out


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(("first", "method"), [*enumerate(["SwinFusion", "IFCNN", "CBF", "GFF", "LatLRR"])])
def test_vifbs_rows_are_vifbs(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], first: int, method: str
) -> None:
    """Of every method another fifth of the pairs: together all of them, at a fifth of the time."""
    data = shared / "data"
    with open(data / "fused" / "vifb_metrics.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["method"] == method][first::5]
    numbers = " ".join(f"{ours}={np.mean([float(row[key]) for row in rows]):.5g}" for key, ours in VIFB.items())
    folders = {kind: data / "vifb" / "test" / kind for kind in ("ir", "vi")}
    folders["fused"] = data / "fused" / method / "vifb"
    for kind, folder in folders.items():
        (tmp_path / kind).mkdir()
        for row in rows:
            (tmp_path / kind / row["image"]).symlink_to(folder / row["image"])
    assert main([*(f"--{kind}={tmp_path / kind}" for kind in folders), "--row", numbers]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "each channel, mean" in out
    assert "13 of 13 numbers have a convention that fits; all that is known fits of VIFB's program (13 numbers)" in out
