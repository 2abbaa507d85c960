"""Output below a link to a file system that is not mounted: every command says so before it computes anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smfnet.cli.main import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pairs of images that are also their own fused ones, a run to fuse with, and the link."""
    for number, folder in enumerate(("ir", "vi", "fused")):
        (tmp_path / folder).mkdir()
        pixels = np.random.default_rng(number).integers(0, 256, (20, 20), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / folder / "a.png")
    (tmp_path / "scratch").symlink_to("not mounted")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["fuse", "run", "max", "--ir", "ir", "--vi", "vi", "--output", "scratch/out"],
        ["fuse", "run", "max", "--ir", "ir", "--vi", "vi", "--output", "/proc/x"],
        ["evaluate", "--ir", "ir", "--vi", "vi", "--fused", "fused", "--csv", "scratch/x.csv"],
        ["ablate", "ours", "--output", "scratch/run"],
        ["ablate", "ours", "storage=scratch/store", "--output", "out"],
        ["search", "alpha3", "--output", "scratch/search"],
        ["search", "alpha3", "storage=scratch/store", "--output", "out"],
    ],
)
def test_it_is_one_line_that_names_the_folder(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert printed.out == ""
    assert "scratch" in line or "/proc/x" in line
    assert "bug" not in line
    assert not Path("not mounted").exists()
