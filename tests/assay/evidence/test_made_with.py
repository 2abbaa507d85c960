"""A table says with what its numbers were made, and whether it mixes that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assay.evidence import ablation_table
from assay.evidence.made_with import made_with_notes
from assay.store.run.folder import RunFolder, RunRecord, TrialRecord

ONE = {"torch": ("2.13.0",), "kornia": ("0.9.0",), "processor": ("Xeon",), "GPU": ("none",), "threads": ("1",)}


def _record(*trials: TrialRecord) -> RunRecord:
    return RunRecord("ablation", "table5", (), (), trials, ())


def _trial(number: int, status: str = "finished", **made_with: tuple[str, ...]) -> TrialRecord:
    return TrialRecord(f"t{number}", "ours", number, status, made_with=ONE | made_with)


def test_what_is_the_same_everywhere_is_one_sentence() -> None:
    (note,) = made_with_notes(_record(_trial(1), _trial(2)))
    assert note.startswith("Made with torch 2.13.0, kornia 0.9.0 on Xeon, 1 thread(s) a trial: elsewhere")


def test_a_gpu_is_named_before_the_processor() -> None:
    (note,) = made_with_notes(_record(_trial(1, GPU=("H100",))))
    assert "on H100, Xeon, 1 thread(s)" in note


def test_a_mixture_is_said_with_how_many_trials_have_what() -> None:
    record = _record(_trial(1), _trial(2), _trial(3, torch=("2.11.0",), processor=("EPYC",)))
    same, mixed = made_with_notes(record)
    assert "torch" not in same
    assert mixed == (
        "This table mixes torch 2.13.0 (2 trials), 2.11.0 (1 trials); processor Xeon (2 trials), EPYC (1 trials): "
        "a difference between rows may be one between these."
    )


def test_stages_of_another_version_are_a_mixture_within_one_trial() -> None:
    _, mixed = made_with_notes(_record(_trial(1, torch=("2.11.0", "2.13.0"))))
    assert "torch 2.11.0 (1 trials), 2.13.0 (1 trials)" in mixed


def test_trials_that_are_not_done_and_runs_that_noted_nothing_say_nothing() -> None:
    assert made_with_notes(_record(_trial(1, "failed"), TrialRecord("t2", "ours", 2, "finished"))) == []


def test_the_table_shows_it(make_run: Callable[..., RunFolder]) -> None:
    run = make_run()
    record = run.record
    trials = tuple(replace(trial, made_with=ONE) for trial in record.trials)
    run.write_record(replace(record, trials=trials))
    assert any(note.startswith("Made with torch 2.13.0") for note in ablation_table(run).notes)
