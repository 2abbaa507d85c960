"""What docs/api/index.md shows in Python works as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import assay
import smfnet
from tests.assay.conftest import LINE
from tests.docs.recipe import blocks
from tests.smfnet.cli.test_fuse import world
from tests.synthetic_runs import Plan, write_run

__all__ = ["world"]


@pytest.fixture
def shown(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The page's blocks, in a folder with a study and a run."""
    monkeypatch.chdir(tmp_path)
    Path("my_study.py").write_text(LINE)
    return [block.text for block in blocks(root / "docs" / "api" / "index.md")]


@pytest.mark.slow
def test_an_ablation_and_a_search(shown: list[str]) -> None:
    names: dict[str, Any] = {}
    exec(shown[0], names)
    assert isinstance(names["run"], assay.Run)
    assert isinstance(names["found"], assay.SearchRun)
    assert names["run"].unfinished == names["found"].unfinished == []


def test_plans(shown: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    exec(shown[1], {"assay": assay})
    out = capsys.readouterr().out
    assert out.startswith("18 trials: 3 rows x 6 seeds")
    assert "search: 30 trials, 0 ended already; tpe over lr" in out


def test_a_run_that_is_there(shown: list[str]) -> None:
    write_run(Path("runs/table5"), Plan())
    exec(shown[2], {"assay": assay})
    assert Path("runs/table5/report.html").is_file()


def test_images(shown: list[str], world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world)
    for name, place in (("runs/table5", "run"), ("my/ir", "test/ir"), ("my/vi", "test/vi")):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).symlink_to(world / place)
    images = {name: np.random.default_rng(3).integers(0, 256, (24, 28), dtype=np.uint8) for name in ("ir", "vi")}
    exec(shown[3], {**images, "smfnet": smfnet})
    assert sorted(path.name for path in Path("my/fused").iterdir()) == ["a.png", "b c.png"]
