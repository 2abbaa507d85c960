"""Which values may be compared with each other, and what the reader is told about the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.config.errors import UserError
from assay.evidence.measurements import measurements, shortened
from assay.store.run.folder import RunFolder
from assay.store.run.recorder import Recorder
from tests.counting import calls_of
from tests.synthetic_runs import Plan, write_run

MakeRun = Callable[..., RunFolder]


def _rewrite(run: RunFolder, trial: str, change: Callable) -> None:
    """Replace a trial's measured values."""
    row, seed = trial.split("-seed")
    table = run.results()
    mine = table[(table["row"] == row) & (table["seed"] == int(seed))]
    run.write_results(trial, change(mine).itertuples(index=False))


def test_a_whole_run_has_every_value_and_no_notes(make_run: MakeRun) -> None:
    measured = measurements(make_run(seeds=2, images=5, rows=["ours", "no_graph"]))
    assert len(measured.values) == (2 * 2 + 2) * 5 * 4
    assert measured.seeds("ours") == (0, 1)
    assert not measured.notes


def test_a_cube_has_a_line_per_seed_and_a_column_per_image(make_run: MakeRun) -> None:
    run = make_run(seeds=2, images=5)
    cube = measurements(run).cube("ours", "SD")
    table = run.results().set_index(["row", "seed", "image", "metric"])["value"]
    assert cube.shape == (2, 5)
    assert cube.loc[1, "003"] == table["ours", 1, "003", "SD"]


def test_only_images_that_every_row_has_are_compared(make_run: MakeRun) -> None:
    run = make_run(images=6)
    _rewrite(run, "no_graph-seed1", lambda values: values[values["image"] != "004"])
    measured = measurements(run)
    assert measured.images == ("000", "001", "002", "003", "005")
    assert set(measured.values["image"]) == set(measured.images)
    assert any("5 of 6 images" in note and "004" in note for note in measured.notes)


def test_an_image_with_a_metric_that_is_not_a_number_is_left_out(make_run: MakeRun) -> None:
    run = make_run(images=4)

    def spoil(values):
        return values.assign(value=values["value"].mask((values["image"] == "002") & (values["metric"] == "VIF")))

    _rewrite(run, "ours-seed0", spoil)
    assert measurements(run).images == ("000", "001", "003")


def test_a_trial_without_any_usable_image_does_not_take_the_others_with_it(make_run: MakeRun) -> None:
    run = make_run(images=4)
    _rewrite(run, "no_graph-seed1", lambda values: values.assign(value=np.nan))
    measured = measurements(run)
    assert len(measured.images) == 4
    assert measured.seeds("no_graph") == (0, 2)
    assert any("no_graph-seed1" in note for note in measured.notes)


def test_results_of_trials_that_are_not_finished_do_not_count(make_run: MakeRun) -> None:
    run = make_run()
    Recorder(run, run.record).change("ours-seed2", status="running")
    measured = measurements(run)
    assert measured.seeds("ours") == (0, 1)
    assert any("1 of 24 trials have not finished: ours-seed2" in note for note in measured.notes)
    assert any("different numbers of seeds (2 to 3)" in note for note in measured.notes)


def test_a_run_that_has_just_begun_is_empty_and_says_so(make_run: MakeRun) -> None:
    run = make_run(rows=["ours", "no_graph"], pending=["ours", "no_graph"], baselines=False)
    measured = measurements(run)
    assert measured.images == ()
    assert measured.cube("ours", "EN").empty
    assert measured.notes == ("6 of 6 trials have not started: " + ", ".join(t.id for t in run.record.trials) + ".",)


def test_a_metric_that_nobody_measured_is_named(make_run: MakeRun) -> None:
    run = make_run()
    run.write_record(replace(run.record, columns=("EN", "Qabf")))
    measured = measurements(run)
    assert "The results hold no Qabf." in measured.notes
    assert set(measured.values["metric"]) == {"EN"}


@pytest.mark.parametrize("content", ["{", json.dumps({"format": 99})])
def test_a_damaged_or_newer_record_is_refused(make_run: MakeRun, content: str) -> None:
    run = make_run()
    (run.folder / "run.json").write_text(content)
    with pytest.raises(UserError, match=r"run\.json"):
        measurements(run)


def test_a_long_list_of_names_is_cut() -> None:
    assert shortened(range(3)) == "0, 1, 2"
    assert shortened(range(9)) == "0, 1, 2, 3, 4, 5 and 3 more"


def test_the_work_follows_the_files_and_not_the_values_in_them(tmp_path: Path) -> None:
    def calls(images: int) -> int:
        run = write_run(tmp_path / str(images), Plan(seeds=2, images=images))
        results = run.results()
        measurements(run, results=results)  # what is worked out once
        return calls_of(lambda: measurements(run, results=results))

    assert calls(400) < 2 * calls(20)
