"""The recipes of docs/own, followed literally: they work as they stand, and retire nothing that is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.docs.conftest import TINY, Command, Names
from tests.docs.recipe import blocks, commands, follow

pytestmark = pytest.mark.timeout(600)  # whole commands, Ray's start included

# Page -> what the table or the summary of its last command shows.
SHOWN = {
    "row": ("one message", "no message"),
    "component": ("two convolutions",),
    "loss": ("with Charbonnier loss",),
    "metric": ("MAE ↓", "w/o GNN"),
    "parameter": ("messages", "branch"),
}


@pytest.fixture
def page(root: Path, request: pytest.FixtureRequest) -> Path:
    return root / "docs" / "own" / f"{request.param}.md"


def test_every_page_but_the_one_without_a_recipe_is_followed(root: Path) -> None:
    pages = {path.stem for path in (root / "docs" / "own").glob("*.md") if blocks(path)}
    assert pages == {*SHOWN, "data", "script", "study"}


@pytest.mark.slow
@pytest.mark.parametrize("page", ["component", "loss", "metric"], indirect=True)
def test_no_recipe_changes_the_name_of_what_is_trained(
    page: Path, clone: Path, names: Names, names_before: list[str]
) -> None:
    follow(page, clone)
    assert names(clone) == names_before
    assert len(names_before) >= 14


@pytest.mark.slow
@pytest.mark.parametrize("page", SHOWN, indirect=True)
def test_a_recipe_works_as_it_stands(page: Path, clone: Path, command: Command) -> None:
    follow(page, clone)
    for words in commands(page):
        done = command(clone, *words, *TINY, "--output", "runs/made")
        assert done.returncode == 0, done.stderr
    assert [text for text in SHOWN[page.stem] if text not in done.stdout] == []
    results = pd.concat(pd.read_parquet(path) for path in (clone / "runs" / "made" / "results").glob("*.parquet"))
    assert np.isfinite(results["value"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["loss"], indirect=True)
def test_the_new_term_is_part_of_the_loss_that_is_minimised(page: Path, clone: Path, command: Command) -> None:
    follow(page, clone)
    script = (
        "from smfnet.config.loss import LossConfig\n"
        "from smfnet.config.term import declared_terms\n"
        "for loss in (LossConfig(charbonnier=5), LossConfig()):\n"
        "    print([(each.name, each.weight) for each in declared_terms(loss, 'stage1')])\n"
    )
    done = command(clone, "-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[('charbonnier', 5)]", "[]"]


def _pairs(random: np.random.Generator, folder: Path, kinds: tuple[str, str]) -> None:
    """Three pairs of noise, so that no patch has too little contrast."""
    for kind in kinds:
        (folder / kind).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(random.integers(0, 256, (32, 40), dtype=np.uint8)).save(folder / kind / f"{number}.png")


@pytest.mark.slow
@pytest.mark.parametrize("page", ["data"], indirect=True)
def test_data_of_ones_own_are_read_as_the_page_says(page: Path, clone: Path, command: Command) -> None:
    follow(page, clone)
    random = np.random.default_rng(4)
    for folder in ("train", "test"):
        _pairs(random, clone / "DIR" / folder, ("ir", "vi"))
    for folder in ("day", "night"):
        _pairs(random, clone / "DIR" / folder, ("thermal", "colour"))
    tiny = [word for word in TINY if not word.startswith("data.scenes")]
    everything, planned = commands(page)
    done = command(clone, *everything, *tiny, "data.val_pairs=0", "--output", "runs/made")
    assert done.returncode == 0, done.stderr
    assert "over 3 images" in done.stdout
    done = command(clone, *planned, *tiny)
    assert done.returncode == 0, done.stderr
    assert "to train" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("page", ["script"], indirect=True)
def test_a_script_of_ones_own_is_a_study_as_it_is(page: Path, clone: Path, command: Command) -> None:
    follow(page, clone)
    (words,) = commands(page)
    done = command(clone, *words, "--output", "runs/made")
    assert done.returncode == 0, done.stderr
    assert "over 30 points" in done.stdout
    assert "w/o offset" in done.stdout
    assert "▼" in done.stdout
