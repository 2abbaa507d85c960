"""The lines of a search: one per running trial with the time that is left, plain ones where there is no terminal."""

from __future__ import annotations

import io
from typing import Any

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial
from rich.console import Console

from assay.config.changes import apply
from assay.console.search_display import SearchDisplay, seconds_left
from assay.experiment.trial import NamedStage, Trial
from assay.metric import Metric
from assay.stage import Progress
from smfnet.config.root import Config
from smfnet.training import stages_of


def _trial(seed: int = 1) -> Trial:
    """Two epochs of stage I and four of stage II."""
    config = apply(Config(), {"train.epochs": 6, "train.stage1_epochs": 2})
    stages = tuple(NamedStage(stage, stage.kind) for stage in stages_of(config, seed))
    return Trial(f"trial0-seed{seed}", "trial0", seed, config, stages, None, "v")


def _ended(state: TrialState, value: float | None = None, **attributes: Any) -> FrozenTrial:
    study = optuna.create_study(direction="maximize")
    intermediate = {2: 0.61} if state == TrialState.PRUNED else {}
    study.add_trial(
        create_trial(
            state=state,
            value=value,
            params={"alpha3": 4.0},
            distributions={"alpha3": FloatDistribution(1, 32)},
            intermediate_values=intermediate,
            user_attrs=attributes,
        )
    )
    return study.trials[0]


def _console(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=140, color_system=None)


def _text(display: SearchDisplay) -> str:
    console = _console(False)
    console.print(display._table())
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("trial", "line"),
    [
        (_ended(TrialState.COMPLETE, 0.75), "trial 0 alpha3=4: VIF 0.7500, the best so far"),
        (
            _ended(TrialState.PRUNED, reason="stopped after 2 epochs of its last stage"),
            "trial 0 alpha3=4: stopped after 2 epochs of its last stage (VIF 0.6100)",
        ),
        (_ended(TrialState.FAIL, reason="seed 1: no luck"), "trial 0 alpha3=4: failed (seed 1: no luck)"),
        (
            _ended(TrialState.RUNNING, reason="the disk is full"),
            "trial 0 alpha3=4: left to the same command, given again (the disk is full)",
        ),
    ],
)
def test_without_a_terminal_there_is_a_line_for_each_event(trial: FrozenTrial, line: str) -> None:
    with SearchDisplay((Metric("VIF"),), 12, [], console=_console(False)) as display:
        display.started(0, {"alpha3": 4.0})
        display.ended(trial)
    began, ended = display.console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert began.endswith("trial 0 alpha3=4: running")
    assert ended.endswith(line)


def test_a_running_trial_has_a_line_with_stage_value_and_time() -> None:
    display = SearchDisplay((Metric("VIF"),), 12, [], console=_console(True))
    display.started(3, {"alpha3": 4.0, "fusion_swap": True})
    assert "starts" in _text(display)
    display.moved(3, _trial(), Progress("stage2", 10, 40, 1.5, 30.0))
    display.valued(3, 1, 0.6543)
    text = _text(display)
    for part in (
        "alpha3=4 fusion_swap=true",
        "stage II",
        "10/40",
        "0.6543",
        "30 s",
        "0 of 12 trials, 0 s",
        "none ended yet",
    ):
        assert part in text


def test_several_seeds_have_a_line_each() -> None:
    display = SearchDisplay((Metric("VIF"),), 12, [], console=_console(True))
    display.started(0, {"alpha3": 4.0})
    for seed in (1, 2):
        display.moved(0, _trial(seed), Progress("stage1", 1, 20, 1.5, 30.0))
    assert "0 seed 1" in _text(display)
    assert "0 seed 2" in _text(display)


def test_the_caption_counts_what_ended_before_and_names_the_best() -> None:
    before = [_ended(TrialState.COMPLETE, 0.7), _ended(TrialState.PRUNED), _ended(TrialState.FAIL)]
    display = SearchDisplay((Metric("VIF"),), 12, before, console=_console(True))
    text = _text(display)
    assert "3 of 12 trials, 0 s" in text
    assert "1 finished, 1 stopped early, 1 failed; best" in text
    assert "best VIF 0.7000 (trial 0)" in text
    assert display.seconds_left() is None  # nothing is done yet that this command began
    display.ended(_ended(TrialState.COMPLETE, 0.8))
    assert "best VIF 0.8000" in _text(display)


def test_a_trial_outside_the_ranges_is_not_the_best() -> None:
    before = [_ended(TrialState.COMPLETE, 0.7)]
    display = SearchDisplay((Metric("VIF"),), 12, before, lambda sample: sample["alpha3"] > 4, _console(False))
    assert "best" not in _text(display)
    display.started(1, {"alpha3": 4.0})
    display.ended(_ended(TrialState.COMPLETE, 0.8))
    assert "VIF 0.8000, outside the ranges\n" in display.console.file.getvalue()  # type: ignore[attr-defined]


def test_the_time_to_the_end_counts_running_trials_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """One trial ended, and half of another took 90 s in all: the 10.5 that are left of 12 take 630 s at that pace."""
    now = [100.0]
    monkeypatch.setattr("assay.console.search_display.time.monotonic", lambda: now[0])
    display = SearchDisplay((Metric("VIF"),), 12, [], console=_console(True))
    for number in (0, 1):
        display.started(number, {"alpha3": 4.0})
        display.moved(number, _trial(), Progress("stage1", 0, 20, 1.5, 30.0))
    assert display.seconds_left() is None
    now[0] = 190.0
    display.ended(_ended(TrialState.COMPLETE, 0.8))
    display.moved(1, _trial(), Progress("stage2", 10, 40, 1.5, 30.0))  # 2 of 6 epochs, and 1 of stage II
    assert display.seconds_left() == pytest.approx(630)


def test_words_of_the_user_are_not_taken_for_markup() -> None:
    display = SearchDisplay((Metric("VIF"),), 12, [], console=_console(True))
    display.started(0, {"branch": "[bold]none"})
    assert "branch=[bold]none" in _text(display)


def test_time_left_counts_the_stages_that_follow() -> None:
    """Half of stage I (2 epochs) took 10 s: 10 s are left of it, and stage II has twice its epochs, 40 s."""
    assert seconds_left(_trial(), Progress("stage1", 10, 20, 1.0, 10.0)) == pytest.approx(10 + 40)
    assert seconds_left(_trial(), Progress("stage2", 30, 40, 1.0, 10.0)) == pytest.approx(10)
    assert seconds_left(_trial(), Progress("stage2", 40, 40, 1.0, 0.0)) == 0


def test_with_several_objectives_the_loss_is_shown_and_no_best() -> None:
    display = SearchDisplay((Metric("VIF"), Metric("SSIM")), 12, [], console=_console(True))
    display.started(0, {"alpha3": 4.0})
    display.moved(0, _trial(), Progress("stage2", 10, 40, 1.5, 30.0))
    assert "1.5000" in _text(display)
    assert "best" not in _text(display)


def test_what_does_not_fit_on_the_terminal_is_counted() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=140, height=10, color_system=None)
    display = SearchDisplay([Metric("VIF")], 100, [], console=console)
    for number in range(50):
        display.started(number, {"alpha3": 4.0})
    lines = _text(display).splitlines()
    assert len(lines) <= 10
    assert [line.split()[0] for line in lines[1:-3]] == [str(number) for number in range(len(lines) - 4)]
    assert lines[-3] == f"... and {50 - (len(lines) - 4)} more"
