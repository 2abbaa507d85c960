"""The table of real images that is kept: its measurements give it, README shows it, docs/table5.md reads it rightly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import assay
from assay.evidence.tables.markdown import markdown

DECIMALS = {"EN": 3, "SD": 2, "VIF": 4, "SSIM": 4}


@pytest.fixture(scope="module")
def kept(root: Path) -> Path:
    """The folder of the run."""
    return root / "results" / "table5"


@pytest.fixture(scope="module")
def run(kept: Path) -> assay.Run:
    """What was measured."""
    return assay.load_run(kept)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """docs/table5.md without its line breaks."""
    return " ".join((root / "docs" / "table5.md").read_text(encoding="utf-8").split())


def _table(text: str) -> list[str]:
    """The title and the lines of the first table with results."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("**table5: mean over"))
    end = next(number for number in range(start + 2, len(lines)) if not lines[number].startswith("|"))
    return lines[start:end]


def test_readmes_first_table_is_the_kept_one(root: Path, kept: Path) -> None:
    shown, table = (path.read_text(encoding="utf-8") for path in (root / "README.md", kept / "table.md"))
    assert len(_table(table)) == 19
    assert _table(shown) == _table(table)


def test_the_kept_table_is_what_its_measurements_give(kept: Path, run: assay.Run) -> None:
    assert markdown(run.evidence) == (kept / "table.md").read_text(encoding="utf-8")


def test_every_cell_is_read_with_its_interval(run: assay.Run, page: str) -> None:
    cells = run.verdicts().query("not baseline")
    assert len(cells) == 28
    assert [text for text in map(_told, cells.itertuples()) if text not in page] == []


def _told(cell: Any) -> str:
    return "{:.{n}f} ({:.{n}f} to {:.{n}f})".format(cell.difference, cell.low, cell.high, n=DECIMALS[cell.metric])


def test_the_words_that_are_told_are_those_of_the_table(run: assay.Run, page: str) -> None:
    cells = run.verdicts().query("not baseline and verdict != 'not resolved'")
    assert set(zip(cells["title"], cells["metric"], cells["verdict"], strict=True)) == {
        (title, "SSIM", "equivalent")
        for title in ("two-stage both cc_G", "w/o intensity and semantic loss", "w/o GNN")
        if f"**{title}**: SSIM is equivalent" in page
    }


def test_what_two_single_trainings_may_differ_by(run: assay.Run, page: str) -> None:
    for line in run.noise().itertuples():
        two = 1.959964 * 2**0.5 * line.seed_sd
        assert f"| {line.metric} | {line.seed_sd:.4f} | {two:.4f} | {line.published_span:.4f} |" in page


@pytest.mark.parametrize("seeds", [8, 16])
def test_what_more_seeds_would_decide(seeds: int, run: assay.Run, page: str) -> None:
    expected = run.forecast(seeds)
    assert expected is not None
    assert f"`forecast({seeds})`" in page.replace('`assay.load_run("results/table5").', "`")
    assert f"{expected.decided:.1f}" in page
    assert f"{expected.low} to {expected.high})" in page


def test_no_image_is_kept_but_four_small_ones(kept: Path) -> None:
    images = [path for path in kept.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".tif", ".bmp")]
    assert len(images) == 4
    assert max(side for path in images for side in Image.open(path).size) <= 128
    gallery = re.findall(r"sources and rows, with a magnified part", (kept / "report.html").read_text(encoding="utf-8"))
    assert len(set(gallery)) == 1
