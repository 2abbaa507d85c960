"""A run with a time ends with the table that it allows for, and is valid wherever it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import assay
from assay.config.errors import UserError
from assay.experiment.time_limit import TimeLimit
from assay.launch.trials.within import MOST, looks_for

TrainHere = Callable[..., list[str]]
SUITE = {"rows": {"ours": {}, "slow": {"changes": {"optim.lr": 0.001}}, "wide": {"changes": {"net.width": 3}}}}


@pytest.fixture(autouse=True)
def _enough_samples(line_study: Path) -> None:
    line_study.write_text(line_study.read_text().replace('5 if split == "test"', '40 if split == "test"'))


@pytest.fixture
def time_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A function after which every time allows for so many trials."""

    def use(trials: int) -> None:
        class Allowing(TimeLimit):
            begun = 0

            def allows(self, trial: object) -> bool:
                self.closed = self.closed or self.begun == trials
                self.begun += not self.closed
                return not self.closed

            def is_up(self) -> bool:
                return False

        monkeypatch.setattr("assay.experiment.time_limit.TimeLimit", Allowing)

    return use


def _ablate(output: str = "run", within: str = "10m", **more: object) -> assay.Run:
    how = {"storage": "kept", "train": {"epochs": 12}, "progress": False}
    return assay.ablate("line.py", SUITE, within=within, output=output, **how, **more)  # type: ignore[arg-type]


def _looks(seeds: int | None) -> list[int]:
    return [look.seeds for look in looks_for(seeds)]


def test_looks_are_early_where_time_allows_for_more_and_the_last_is_when_it_is_up() -> None:
    assert [_looks(seeds) for seeds in (1, 3, 5, 8, 12)] == [[6], [6], [10], [6, 16], [6, 8, 24]]
    assert _looks(None) == [6, 8, 11, MOST]
    for seeds in range(1, MOST + 1):
        assert sum(look.share for look in looks_for(seeds)) == pytest.approx(1)


def test_when_time_is_up_the_table_has_words_by_the_error_that_is_left(
    line_study: Path, train_here: TrainHere, time_for: Callable[[int], None]
) -> None:
    trained, _ = train_here(), time_for(14)
    run = _ablate()
    assert trained[:3] == ["ours-seed2025", "slow-seed2025", "wide-seed2025"]
    assert len(trained) == 14
    assert run.unfinished == []
    (looked,) = run.record.looked
    assert (looked.look.seeds, looked.look.share, looked.ended_s) == (5, 1.0, 600.0)
    words = run.verdicts().set_index("row")
    assert words["verdict"].to_dict() == {"slow": "worse", "wide": "not resolved"}
    assert words["n_seeds"].to_dict() == {"slow": 5, "wide": 4}
    assert "taken at 5 as time was up" in " ".join(str(run).split())


def test_fewer_than_three_seeds_are_no_look_and_the_same_again_goes_on(
    line_study: Path, train_here: TrainHere, time_for: Callable[[int], None]
) -> None:
    train_here()
    time_for(5)
    first = _ablate()
    assert first.record.looked == ()
    assert first.unfinished == []
    trained = train_here()
    time_for(8)
    assert [each.look.seeds for each in _ablate().record.looked] == [4]
    assert trained[0] == "wide-seed2026"


def test_the_same_again_after_its_end_gives_the_same_and_a_longer_time_is_not_covered(
    line_study: Path, train_here: TrainHere, time_for: Callable[[int], None]
) -> None:
    train_here()
    time_for(14)
    first = _ablate()
    trained = train_here()
    for output in ("run", "another"):
        again = _ablate(output)
        assert str(again.record.looked) == str(first.record.looked)
        assert "Not covered" not in str(again)
    assert trained == []
    longer = _ablate(within="20m")
    assert len(trained) == 14
    assert "Not covered by the 5 %" in (longer.folder / "table.md").read_text(encoding="utf-8").replace("\\", "")
    assert longer.verdicts().set_index("row").loc["slow", "verdict"] == "worse"


@pytest.mark.slow
@pytest.mark.parametrize("stopped_after", [0, 4, 9, 13])
def test_stopped_at_any_moment_the_same_command_gives_a_valid_table(
    stopped_after: int, line_study: Path, train_here: TrainHere, time_for: Callable[[int], None]
) -> None:
    before = train_here(stopped_after)
    time_for(14)
    with pytest.raises(KeyboardInterrupt):
        _ablate()
    assert len(assay.load_run("run").table()) == 3
    after = train_here()
    run = _ablate()
    assert not {*before} & {*after}
    assert run.unfinished == []
    assert "Not covered" not in str(run)
    assert run.verdicts().set_index("row").loc["slow", "verdict"] == "worse"


def test_rows_that_no_time_was_left_for_are_named(
    line_study: Path, train_here: TrainHere, time_for: Callable[[int], None]
) -> None:
    trained, _ = train_here(), time_for(2)
    with pytest.warns(UserWarning, match="no time was left for wide"):
        run = _ablate()
    assert trained == ["ours-seed2025", "slow-seed2025"]
    assert run.unfinished == ["no time was left for wide"]


def test_a_run_ends_before_its_time_when_all_is_decided(
    line_study: Path, train_here: TrainHere, time_for: Callable[[int], None]
) -> None:
    trained, _ = train_here(), time_for(100)
    run = _ablate(rows=["ours", "slow"])
    assert set(run.verdicts()["verdict"]) == {"worse"}
    assert len(trained) == 12
    assert [each.ended_s for each in run.record.looked] == [None]


def test_a_plan_says_what_a_time_allows_for(line_study: Path, train_here: TrainHere) -> None:
    how = {"storage": "kept", "train": {"epochs": 12}}
    unknown = str(assay.plan("line.py", SUITE, within="10m", **how))
    assert "within 10 min 00 s: nobody knows how many seeds that is until a trial ran" in unknown
    given = str(assay.plan("line.py", SUITE, within="10m", seeds=4, **how))
    assert "within 10 min 00 s: no more seeds than that, and a look at what is there when time is up" in given
    train_here()
    assay.ablate("line.py", SUITE, seeds=3, output="run", progress=False, **how)
    known = assay.plan("line.py", SUITE, within="10m", **how)
    assert known.seeds == MOST
    assert f"within 10 min 00 s: about {MOST} seeds of every row" in str(known)
    assert "smallest difference to ours that" in str(known)
    no_room = 10 / (1 - 0.25) + 1e-6  # beside start and end
    assert assay.plan("line.py", SUITE, within=no_room, **how).seeds == 3  # those that are there


def test_a_time_that_is_none_is_refused(line_study: Path) -> None:
    with pytest.raises(UserError, match="expected a time as 90s"):
        assay.plan("line.py", within="ten minutes")
    with pytest.raises(UserError, match="within a time: expected 3 seeds or more, fewer resolve nothing; got 2"):
        assay.plan("line.py", SUITE, within="10m", seeds=2)
