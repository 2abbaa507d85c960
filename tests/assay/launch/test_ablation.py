"""An ablation in Python is checked whole, says what it would do, and does it."""

from __future__ import annotations

from pathlib import Path

import pytest

import assay
from assay.config.errors import UserError
from assay.experiment.execution import execute_trial
from assay.store.store import Store
from smfnet.study import study as smfnet


def test_a_plan_says_what_would_be_done_and_writes_nothing(line_study: Path) -> None:
    planned = assay.plan("line.py", rows=["ours", "wide"], seeds=3)
    assert str(planned).startswith("6 trials: 2 rows x 3 seeds, 0 training-free rows\n  0 measured already, 6 to do\n")
    table = planned.table()
    assert list(table.columns) == ["trial", "row", "seed", "measured", "epochs"]
    assert table["epochs"].tolist() == [4] * 6
    assert not table["measured"].any()
    assert {path.name for path in line_study.parent.iterdir()} <= {"line.py", "__pycache__"}


def test_what_is_stored_is_collected_without_a_worker(line_study: Path) -> None:
    planned = assay.plan("line.py", rows=["ours", "wide"], output="run", storage="kept")
    for trial in planned.trials:
        execute_trial(planned.study, trial, Store("kept"))
    assert planned.table()["measured"].all()
    run = planned.run(progress=False)
    assert run.folder == Path("run")
    assert run.unfinished == []
    assert run.measurements().groupby(["row", "seed"]).size().tolist() == [5, 5, 5, 5]
    assert all(path.is_file() for path in run.tables)


def test_changes_are_written_as_python_has_them() -> None:
    tiny = {"data.scenes": {"train_pairs": 2, "test_pairs": 3, "height": 32, "width": 40}, "data": {"val_pairs": 0}}
    planned = assay.plan(smfnet(), "table5", rows=["ours"], preset="quick", loss={"delta": 1.5}, note="it's", **tiny)
    config = planned.config
    assert (config.loss.delta, config.note, config.data.scenes.height, config.data.val_pairs) == (1.5, "it's", 32, 0)
    assert planned.record.provenance["choices"]["preset"] == "quick"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"rows": ["our"]}, "unknown row 'our'. Did you mean ours?"),
        ({"rows": [1]}, "unknown row '1'"),
        (
            {"suite": {"rows": {"ours": {"chnges": {}}}}},
            "the suite of the study line: unknown key in row ours 'chnges'",
        ),
        ({"rows": []}, "no rows: expected some of ours, no_bias, wide"),
        ({"seeds": 0}, "seeds: expected"),
        ({"trian": {"epochs": 3}}, "unknown key 'trian.epochs'. Did you mean train.epochs?"),
        ({"suite": "absent"}, "unknown suite 'absent'"),
        ({"base": "absent.yaml"}, "cannot read absent.yaml"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(
    line_study: Path, arguments: dict[str, object], reason: str
) -> None:
    with pytest.raises(UserError) as told:
        assay.plan("line.py", **arguments)  # type: ignore[arg-type]
    assert reason in str(told.value)
    assert not Path("runs").exists()


def test_a_folder_of_another_run_is_refused(line_study: Path) -> None:
    assay_run = assay.plan("line.py", rows=["ours"], output="run", storage="kept", seeds=1)
    for trial in assay_run.trials:
        execute_trial(assay_run.study, trial, Store("kept"))
    assay_run.run(progress=False)
    with pytest.raises(UserError, match="holds a run with another configuration"):
        assay.plan("line.py", rows=["ours"], output="run", storage="kept", seeds=1, train={"epochs": 5}).run()


def test_one_row_may_be_named_without_a_list_and_a_suite_written_in_place(line_study: Path) -> None:
    planned = assay.plan("line.py", {"rows": {"ours": {}, "deep": {"changes": {"net.width": 8}}}}, rows="deep", seeds=1)
    assert [trial.row for trial in planned.trials] == ["deep"]
    assert planned.trials[0].config.net.width == 8
    assert repr(planned) == "<1 trials of line, planned: print it to see what they would take>"


def test_who_stops_it_is_told_how_it_goes_on(line_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assay.cluster.execute_trials", stopped)
    with pytest.raises(KeyboardInterrupt) as told:
        assay.ablate("line.py", output="here")
    assert told.value.__notes__ == ["what was done is kept: the same call goes on; in this folder with output='here'"]
    with pytest.raises(KeyboardInterrupt) as told:
        assay.search("line.py", "lr", output="there")
    assert told.value.__notes__ == ["what was done is kept: all trials are kept in there: the same call goes on"]
