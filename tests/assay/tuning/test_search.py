"""The search as a source: what it hands out, how it stops, and that it goes on where it was left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from assay.experiment.source import Finished, Stop, Waiting
from assay.experiment.time_limit import TimeLimit
from assay.store.run.folder import RunFolder
from assay.tuning.pruning import rungs_of
from assay.tuning.validation import Validated, validation_steps
from smfnet.config.root import Config

Desk = Any  # see conftest.py
Plainly = Callable[[Path], optuna.Study]


def _ended(study: optuna.Study) -> list[tuple[Any, ...]]:
    """All that a search leaves of its trials, without the times."""
    return [
        (t.number, t.state.name, t.values, sorted(t.params.items()), sorted(t.intermediate_values.items()))
        for t in study.trials
    ]


def test_a_search_ends_with_its_budget_and_finds_better_values(desk: Desk) -> None:
    search = desk.search(samples=20)
    desk.worker(search).work()
    trials = search.study.trials
    assert len(trials) == 20
    assert trials[0].params == {"alpha3": 8, "beta1": 10}
    assert trials[0].user_attrs["role"] == "paper"
    assert search.study.best_value > trials[0].value
    assert search.study.best_value == pytest.approx(1 - 0.2 / 9, abs=0.02)


def test_what_is_poor_is_stopped_and_keeps_its_values(desk: Desk, plainly: Plainly) -> None:
    desk.worker(desk.search(samples=20)).work()
    pruned = [t for t in plainly(desk.folder).trials if t.state == TrialState.PRUNED]
    assert len(pruned) >= 10
    for trial in pruned:
        last = max(trial.intermediate_values)
        assert last in rungs_of(9)
        assert sorted(trial.intermediate_values) == list(range(1, last + 1))
        assert trial.user_attrs["reason"] == f"stopped after {last} epoch{'s' if last > 1 else ''} of its last stage"


def test_asynchronous_halving_stops_what_is_not_in_the_best_third_at_a_rung(desk: Desk) -> None:
    """Li et al. (MLSys 2020): of n values at a rung, the best n // 3 go on; of fewer than 3, the best."""
    desk.worker(search := desk.search(samples=24)).work()
    rung: list[float] = []
    for trial in search.study.trials:
        value = trial.intermediate_values[2]
        rung.append(value)
        place = max(len(rung) // 3, 1)
        stopped = trial.state == TrialState.PRUNED and max(trial.intermediate_values) == 2
        if trial.number:  # the paper's defaults are not stopped
            assert stopped == (value < sorted(rung)[-place])


def test_without_pruning_every_trial_goes_to_its_end(desk: Desk) -> None:
    desk.worker(search := desk.search(samples=8, pruning="none")).work()
    assert {t.state for t in search.study.trials} == {TrialState.COMPLETE}


def test_the_papers_defaults_are_never_stopped(desk: Desk) -> None:
    def worst(config: Config, seed: int, epochs: int) -> dict[str, float]:
        return {"VIF": 0.0 if config.loss.stage1.w_ssim == 8 else 1.0}

    desk.worker(search := desk.search(samples=6), curve=worst).work()
    assert search.study.trials[0].state == TrialState.COMPLETE


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid", "cmaes", "nsga2"])
def test_the_same_search_with_one_worker_gives_the_same_trials(desk: Desk, tmp_path: Path, sampler: str) -> None:
    desk.worker(one := desk.search(sampler=sampler, samples=15)).work()
    desk.folder = tmp_path / "again"
    desk.worker(two := desk.search(sampler=sampler, samples=15)).work()
    assert _ended(one.study) == _ended(two.study)


@pytest.mark.parametrize("sampler", ["tpe", "cmaes"])
@pytest.mark.parametrize("steps", [12, 15, 30])
def test_a_search_that_is_left_again_and_again_gives_the_trials_of_an_uninterrupted_one(
    desk: Desk, tmp_path: Path, plainly: Plainly, sampler: str, steps: int
) -> None:
    desk.worker(whole := desk.search(sampler=sampler, samples=9)).work()
    desk.folder = tmp_path / "torn"
    while desk.worker(search := desk.search(sampler=sampler, samples=9)).work(steps) == steps:
        pass  # a new process each time: what was in flight begins anew
    assert _ended(search.study) == _ended(whole.study)
    assert _ended(plainly(desk.folder)) == _ended(whole.study)


def test_nothing_that_has_ended_runs_again(desk: Desk) -> None:
    first = desk.worker(desk.search(samples=6))
    first.work()
    second = desk.worker(search := desk.search(samples=9))
    second.work()
    assert len(search.study.trials) == 9
    assert not set(first.ran) & set(second.ran)


def test_a_trial_in_flight_goes_on_under_its_number_with_its_values(desk: Desk) -> None:
    worker = desk.worker(desk.search())
    worker.work(4)  # taken, and three epochs
    again = desk.search()
    assert desk.diary.lines == [("started", 0)]
    assert again.study.trials[0].state == TrialState.RUNNING
    assert sorted(again.study.trials[0].intermediate_values) == [1, 2, 3]
    second = desk.worker(again)
    second.work(11)
    assert second.ran == worker.ran == ["trial0-seed2025"]
    assert sorted(again.study.trials[0].intermediate_values) == list(range(1, 10))


def test_a_trial_that_was_left_before_all_was_drawn_gets_the_rest(desk: Desk, tmp_path: Path) -> None:
    desk.worker(whole := desk.search(samples=8)).work()
    desk.folder = tmp_path / "torn"
    desk.worker(search := desk.search(samples=7)).work()
    search.study.sampler = search._sampler(7)
    search.study.ask().suggest_float("alpha3", 0.8, 80, log=True)
    desk.worker(again := desk.search(samples=8)).work()
    assert again.study.trials[7].params == whole.study.trials[7].params


def test_a_failed_trial_keeps_its_reason_and_the_search_goes_on(desk: Desk, plainly: Plainly) -> None:
    def fails(row: str, epoch: int) -> str | None:
        return "loss not finite at epoch 5, step 2: gram = nan" if (row, epoch) == ("trial2", 1) else None

    desk.worker(desk.search(samples=5, pruning="none"), fails=fails).work()
    failed = plainly(desk.folder).trials[2]
    assert failed.state == TrialState.FAIL
    assert failed.user_attrs["reason"] == "seed 2025: loss not finite at epoch 5, step 2: gram = nan"
    assert failed.user_attrs["traceback"].startswith("Traceback")
    assert sorted(failed.intermediate_values) == [1]
    assert [t.state.name for t in plainly(desk.folder).trials].count("COMPLETE") == 4


def test_what_a_full_disk_ended_stays_open_and_the_next_search_begins_with_it(desk: Desk, plainly: Plainly) -> None:
    search = desk.search(samples=3, pruning="none")
    first = search.next()
    assert not isinstance(first, type)
    search.failed(first, "No space left on device", "", again=True)
    desk.worker(search).work()
    left, *others = plainly(desk.folder).trials
    assert (left.state, left.user_attrs["reason"]) == (TrialState.RUNNING, "seed 2025: No space left on device")
    assert {each.state for each in others} == {TrialState.COMPLETE}
    desk.worker(again := desk.search(samples=3, pruning="none")).work()
    assert [each.state for each in again.study.trials] == [TrialState.COMPLETE] * 3
    assert again.study.trials[0].params == left.params
    assert again.study.trials[0].user_attrs["reason"] == ""


def test_values_that_are_not_finite_fail_the_trial(desk: Desk) -> None:
    desk.worker(search := desk.search(samples=2, pruning="none"), curve=lambda *_: {"VIF": float("nan")}).work()
    assert {t.user_attrs["reason"] for t in search.study.trials} == {"its validation values are not finite"}


def test_a_sample_that_is_no_configuration_fails_with_the_reason(desk: Desk) -> None:
    """The width must be a multiple of twice the heads: 16 is none of 32, the other three pairs are."""
    desk.worker(search := desk.search("width=16,64", "heads=2,16", samples=9, pruning="none")).work()
    reasons = {t.user_attrs.get("reason", "") for t in search.study.trials if t.state == TrialState.FAIL}
    assert len(search.study.trials) == 4
    assert [t.state.name for t in search.study.trials].count("FAIL") == 1
    assert len(reasons) == 1
    assert "network.width: expected a multiple" in reasons.pop()


def test_the_value_of_a_sample_is_the_mean_over_its_seeds(desk: Desk) -> None:
    desk.worker(search := desk.search(samples=1, seeds=3)).work()
    (trial,) = search.study.trials
    assert sorted(trial.user_attrs["by_seed"]) == ["2025", "2026", "2027"]
    means = [metrics["VIF"] for metrics in trial.user_attrs["by_seed"].values()]
    assert trial.value == pytest.approx(sum(means) / 3, abs=1e-12)
    assert means[2] - means[0] == pytest.approx(0.002)
    assert sorted(trial.intermediate_values) == list(range(1, 10))


def test_with_several_seeds_all_of_a_poor_sample_stop(desk: Desk) -> None:
    desk.work(search := desk.search(samples=12, seeds=2), workers=2)
    pruned = [t for t in search.study.trials if t.state == TrialState.PRUNED]
    assert len(pruned) >= 5
    assert search.next() is Finished


def test_the_study_has_no_trial_twice_however_many_workers(desk: Desk) -> None:
    search = desk.search("cross_attention", "graph_branch", samples=50, pruning="none")
    desk.work(search, workers=4)
    samples = [tuple(sorted(t.params.items())) for t in search.study.trials]
    assert len(samples) == len(set(samples)) == 6  # the space has no more


def test_samples_of_one_stage_one_wait_until_it_is_stored(desk: Desk) -> None:
    """alpha4 acts in stage II alone."""
    search = desk.search("alpha4", samples=3)
    first = search.next()
    assert not isinstance(first, type)
    assert search.next() is Waiting
    assert search.next() is Waiting
    assert len([t for t in search.study.trials if t.state == TrialState.RUNNING]) == 2  # nobody asks for more meanwhile
    search.progressed(first, _report(first, stored=[first.stages[0].fingerprint]))
    second = search.next()
    assert not isinstance(second, type)
    assert second.stages[0].fingerprint == first.stages[0].fingerprint


def test_if_its_maker_fails_another_makes_the_stage(desk: Desk) -> None:
    search = desk.search("alpha4", samples=3)
    first = search.next()
    assert search.next() is Waiting
    search.failed(first, "the disk is full", "")
    assert not isinstance(search.next(), type)


def test_no_trial_begins_that_cannot_end_in_time_with_what_comes_afterwards(desk: Desk) -> None:
    now = [0.0]
    limit = TimeLimit(100, clock=lambda: now[0], afterwards=2)
    search = desk.search(samples=50, pruning="none", limit=limit)
    worker = desk.worker(search)
    for _ in range(2):  # a third one would end at 60, and two more of them beyond 100
        assert worker.step()
        now[0] += 20
        assert worker.work(search.settings.epochs + 1) == search.settings.epochs + 1
    assert worker.work() == 0
    assert [t.state.name for t in search.study.trials] == ["COMPLETE", "COMPLETE"]


def test_a_trial_is_left_to_the_next_search_where_time_is_up(desk: Desk) -> None:
    now = [0.0]
    search = desk.search(samples=50, limit=TimeLimit(100, clock=lambda: now[0]))
    worker = desk.worker(search)
    worker.work(2)
    now[0] = 97.0
    worker.work()
    (trial,) = search.study.trials
    assert trial.state.name == "RUNNING"
    assert not search.has_work()


def test_several_objectives_give_a_front_and_stop_nobody(desk: Desk, plainly: Plainly) -> None:
    desk.worker(desk.search(samples=12, objective=("VIF", "SSIM"), sampler="nsga2")).work()
    study = plainly(desk.folder)
    assert {t.state for t in study.trials} == {TrialState.COMPLETE}
    assert study.metric_names == ["VIF", "SSIM"]
    assert 1 <= len(study.best_trials) < 12


def test_what_was_validated_before_is_told_at_once(desk: Desk) -> None:
    search = desk.search(samples=1)
    trial = search.next()
    curve: tuple[tuple[int, Mapping[str, float]], ...] = tuple((step, {"VIF": 0.1 * step}) for step in (1, 3, 9))
    search.finished(trial, Validated({"VIF": 0.6}, curve, 0.1, 0))
    (told,) = search.study.trials
    assert told.intermediate_values == {1: pytest.approx(0.1), 3: pytest.approx(0.3), 9: pytest.approx(0.9)}
    assert told.value == 0.6


def test_a_trial_that_was_in_the_store_has_the_value_of_its_end(desk: Desk) -> None:
    """It was not validated on its way here; without it the defaults would be in no figure of the way."""
    search = desk.search(samples=1)
    trial = search.next()
    search.finished(trial, Validated({"VIF": 0.75, "EN": 7.0, "SD": 50.0, "SSIM": 1.0}, (), 0.1, 0))
    (told,) = search.study.trials
    assert (told.value, told.intermediate_values) == (0.75, {9: 0.75})
    assert ("valued", 0, 9, 0.75) in desk.diary.lines


def test_a_late_report_of_a_stopped_trial_stops_it_again(desk: Desk) -> None:
    search = desk.search(samples=2, seeds=2)
    one, two = search.next(), search.next()
    search.failed(one, "its worker died", "")
    assert search.progressed(two, _report(two)) is Stop.YES
    search.finished(two, Validated({"VIF": 1.0}, (), 0.0, 0))
    assert search.study.trials[0].state == TrialState.FAIL


def test_what_its_trials_print_and_why_they_fail_is_in_its_folder(desk: Desk, tmp_path: Path) -> None:
    search = desk.search(samples=1)
    search._run = RunFolder(tmp_path)
    trial = search.next()
    search.printed(trial, "epoch 1\n")
    search.failed(trial, "no", "Traceback: ...")
    assert (tmp_path / "logs" / f"{trial.id}.txt").read_text() == "epoch 1\n"
    assert "Traceback: ..." in (tmp_path / "errors" / f"{trial.id}.txt").read_text()


def test_the_listener_hears_of_everything(desk: Desk) -> None:
    desk.worker(desk.search(samples=1)).work()
    kinds = [line[0] for line in desk.diary.lines]
    assert kinds == ["started", *["moved", "valued"] * 9, "ended"]
    assert desk.diary.lines[-1] == ("ended", 0, "COMPLETE")


@pytest.mark.parametrize(
    ("epochs", "rungs"), [(1, []), (2, []), (4, [2]), (6, [2]), (9, [2, 6]), (80, [9, 27]), (120, [14, 42])]
)
def test_rungs_are_at_a_ninth_and_a_third_but_not_after_one_epoch(epochs: int, rungs: list[int]) -> None:
    assert rungs_of(epochs) == rungs
    assert {*rungs, epochs} <= validation_steps(epochs)
    assert len(validation_steps(epochs)) <= 12


def _report(trial: Any, stored: list[str] | None = None) -> dict[str, Any]:
    progress = {"stage": "stage1", "step": 1, "steps": 9, "loss": 1.0, "eta_s": 1.0}
    return {"progress": progress, "stored": stored or []}


def test_a_trial_is_told_of_without_a_look_at_all_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = desk.worker(search := desk.search(samples=3))
    worker.step()
    monkeypatch.setattr(search, "_trials", pytest.fail)
    while worker.trial:
        worker.step()
    assert desk.diary.lines[-1] == ("ended", 0, "COMPLETE")
