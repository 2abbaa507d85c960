"""A run with looks trains what is open, keeps its looks, and says when the 5 % do not cover what it does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import assay
from assay.config.errors import UserError
from assay.store.run.looks import kept_looks
from assay.store.store import Store

TrainHere = Callable[..., list[str]]
SUITE = {
    "rows": {
        "ours": {},
        "slow": {"changes": {"optim.lr": 0.001}},  # decided early
        "wide": {"changes": {"net.width": 3}},
    }
}
LOOKS = [3, 4, 6]


def _ablate(output: str, seeds: object = LOOKS, storage: str = "kept", **more: object) -> assay.Run:
    how = {"storage": storage, "train": {"epochs": 12}, "progress": False}
    return assay.ablate("line.py", SUITE, seeds=seeds, output=output, **how, **more)  # type: ignore[arg-type]


def _words(run: assay.Run) -> pd.DataFrame:
    return run.verdicts()[["row", "metric", "verdict", "p_adjusted", "n_seeds"]]


@pytest.fixture(autouse=True)
def _enough_samples(line_study: Path) -> None:
    line_study.write_text(line_study.read_text().replace('5 if split == "test"', '40 if split == "test"'))


@pytest.fixture
def whole(line_study: Path, train_here: TrainHere) -> assay.Run:
    train_here()
    return _ablate("whole", storage="elsewhere")


def test_rows_get_further_seeds_until_they_are_decided(line_study: Path, train_here: TrainHere) -> None:
    trained = train_here()
    run = _ablate("run")
    words = run.verdicts().set_index("row")
    assert words["verdict"].to_dict() == {"slow": "worse", "wide": "not resolved"}
    assert words["n_seeds"].to_dict() == {"slow": 4, "wide": 6}
    assert trained[:9] == [f"{row}-seed{seed}" for seed in (2025, 2026, 2027) for row in ("ours", "slow", "wide")]
    assert trained[12:] == [f"{row}-seed{seed}" for seed in (2029, 2030) for row in ("ours", "wide")]
    assert [each.look.seeds for each in run.record.looked] == LOOKS
    assert run.unfinished == []
    assert "taken at 3, 4, 6" in " ".join(str(run).split())


@pytest.mark.slow
@pytest.mark.parametrize("stopped_after", [0, 5, 9, 11, 13])
def test_a_run_that_was_stopped_gives_the_words_of_one_that_was_not(
    stopped_after: int, whole: assay.Run, train_here: TrainHere
) -> None:
    before = train_here(stopped_after)
    with pytest.raises(KeyboardInterrupt):
        _ablate("run")
    assert assay.load_run("run").verdicts()["row"].tolist() == ["slow", "wide"]  # a table at any time
    after = train_here()
    again = _ablate("run")
    assert not {*before} & {*after}
    pd.testing.assert_frame_equal(_words(again), _words(whole))
    assert str(again.record.looked) == str(whole.record.looked)


@pytest.mark.filterwarnings("ignore:.*did not finish")
def test_no_look_is_taken_at_what_the_same_command_will_make_up_for(whole: assay.Run, train_here: TrainHere) -> None:
    train_here(fails=lambda trial: True if trial == "wide-seed2026" else None)  # the disk was full, say
    assert _ablate("run").record.looked == ()
    train_here()
    pd.testing.assert_frame_equal(_words(_ablate("run")), _words(whole))


@pytest.mark.filterwarnings("ignore:.*did not finish")
def test_a_row_that_fails_by_itself_gets_no_further_seeds_and_the_others_do(
    line_study: Path, train_here: TrainHere
) -> None:
    trained = train_here(fails=lambda trial: False if trial.startswith("slow") else None)
    run = _ablate("run")
    assert [each.look.seeds for each in run.record.looked] == LOOKS
    assert sum(trial.startswith("slow") for trial in trained) == LOOKS[0]


@pytest.mark.filterwarnings("ignore:.*did not finish")
def test_a_look_at_nothing_is_none(line_study: Path, train_here: TrainHere) -> None:
    train_here(fails=lambda trial: False)
    run = _ablate("run")
    assert run.record.looked == kept_looks(Store("kept"), run.record.table) == ()


def test_a_new_folder_does_not_begin_the_count_anew(line_study: Path, train_here: TrainHere) -> None:
    train_here()
    first = _ablate("first")
    trained = train_here()
    second = _ablate("second")
    assert trained == []
    assert str(second.record.looked) == str(first.record.looked)
    assert len(kept_looks(Store("kept"), first.record.table)) == len(LOOKS)
    assert "Not covered" not in str(second)


@pytest.mark.slow
@pytest.mark.parametrize("output", ["run", "another"])
@pytest.mark.parametrize("seeds", [[3, 4, 6, 7], [3, 5], 7])
def test_a_run_beyond_what_was_declared_says_that_it_is_not_covered(
    seeds: object, output: str, line_study: Path, train_here: TrainHere
) -> None:
    train_here()
    _ablate("run")
    if output == "run" and seeds == [3, 5]:
        with pytest.raises(UserError, match="of 6 seed"):
            _ablate(output, seeds)
        return
    run = _ablate(output, seeds)
    assert "Not covered by the 5 %" in (run.folder / "table.md").read_text(encoding="utf-8").replace("\\", "")
    assert run.verdicts().set_index("row").loc["slow", "verdict"] == "worse"  # what was said stays


def test_other_rows_are_another_table(line_study: Path, train_here: TrainHere) -> None:
    train_here()
    _ablate("run")
    run = _ablate("fewer", rows=["ours", "wide"])
    assert {cell.row for each in run.record.looked for cell in each.cells} == {"wide"}
    assert "Not covered" not in str(run)


def test_the_store_knows_of_a_look_before_the_folder_does(line_study: Path, train_here: TrainHere) -> None:
    """Killed in between, and with the folder lost, the look is not taken again."""
    train_here()
    first = _ablate("run")
    shutil.rmtree("run")
    assert str(_ablate("run").record.looked) == str(first.record.looked)


def test_a_plan_tells_of_the_looks_and_writes_nothing(line_study: Path) -> None:
    text = str(assay.plan("line.py", SUITE, until_decided=True, storage="kept"))
    assert text.startswith("at most 33 trials: 3 rows x 11 seeds")
    assert "until the next look, at 6 seeds: 18 trials to do" in text
    assert "6 (40 % of it), 8 (30 % of it), 11 (30 % of it)" in text
    assert not Path("kept").exists()
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"seeds": [2, 5]}, "expected a first look at 3 or more"),
        ({"seeds": [5, 5]}, "expected looks at more and more seeds"),
        ({"seeds": [6, 8], "until_decided": True}, "give one of the two"),
        ({"seeds": [6, 8], "rows": ["wide"]}, "looks decide between ours and other rows"),
    ],
)
def test_looks_that_cannot_be_are_refused_before_anything_is_written(
    line_study: Path, arguments: dict[str, object], reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        assay.plan("line.py", SUITE, **arguments)  # type: ignore[arg-type]
    assert not Path("runs").exists()
