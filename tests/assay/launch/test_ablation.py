"""An ablation in Python is checked whole, says what it would do, and does it."""

from __future__ import annotations

from pathlib import Path

import pytest

import assay
from assay.config.errors import UserError
from assay.experiment.execution import execute_trial
from assay.store.store import Store
from smfnet.study import study as smfnet

CLASHING = {"rows": {"ours": {}, "narrow": {"changes": {"net.width": 1}}, "wide": {"changes": {"net.width": 4}}}}
NESTED = {
    "rows": {
        "ours": {},
        "no_bias": {"changes": {"net.bias": False}},
        "both": {"changes": {"net.bias": False, "net.width": 4}},
    }
}


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
        ({"design": "factorial", "rows": ["wide"]}, "a design makes its rows itself: name parts, not rows"),
        ({"parts": ["wide"]}, "parts, cells and orders are of a design: say which"),
        ({"design": "pairs", "until_decided": True}, "a design needs all of its rows: give a number of seeds"),
        ({"design": "pairs", "within": "5m"}, "a design needs all of its rows: give a number of seeds"),
        ({"design": "pairs", "seeds": (6, 8)}, "a design needs all of its rows: give a number of seeds"),
        ({"design": "factoral"}, "unknown design 'factoral'. Did you mean factorial?"),
        ({"design": "pairs", "suite": CLASHING}, "narrow and wide cannot be combined: one sets net.width to 1"),
        (
            {"design": "pairs", "suite": NESTED},
            "would be the same training as 'both'; the design pairs needs this row: leave out one",
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


def test_a_design_shares_what_is_stored_and_keeps_what_it_is(line_study: Path) -> None:
    plain = assay.plan("line.py", storage="kept")
    for trial in plain.trials:
        execute_trial(plain.study, trial, Store("kept"))
    planned = assay.plan("line.py", design="factorial", parts=["no_bias", "wide"], output="run", storage="kept")
    lines = str(planned).splitlines()
    assert lines[0] == "Full factorial: all 4 combinations of 2 parts."
    assert lines[1] == "Effects have words from 5 seeds on, with fewer intervals alone."
    assert lines[3] == "  6 measured already, 2 to do"
    assert not planned.table().query("row != 'no_bias+wide'")["epochs"].any()
    for trial in planned.trials:
        execute_trial(planned.study, trial, Store("kept"))
    run = planned.run(progress=False)
    assert {path.name for path in run.tables} >= {"effects.md", "effects.csv"}
    assert all(path.is_file() for path in run.tables)
    again = assay.load_run("run")
    assert isinstance(again, assay.Run)
    assert again.record.design == planned.suite.design
    assert again.effects()["effect"].tolist() == ["bias", "not “twice as wide”", "bias × not “twice as wide”"]


def test_a_combination_that_the_configuration_refuses_is_refused_with_its_reason() -> None:
    """Row one matches the graph's features, row two has no graph."""
    with pytest.raises(UserError) as told:
        assay.plan(smfnet(), design="pairs", parts=["both_stages_ccg", "no_graph"], preset="quick")
    assert str(told.value).startswith("row both_stages_ccg+no_graph: loss.stage1.decomp_terms names G")
    assert str(told.value).endswith("the design pairs needs this row: leave out one of its parts")


def test_the_same_folder_takes_a_larger_design_of_the_same_kind(line_study: Path) -> None:
    for seeds in (1, 2):
        planned = assay.plan("line.py", design="pairs", output="run", storage="kept", seeds=seeds)
        for trial in planned.trials:
            execute_trial(planned.study, trial, Store("kept"))
        planned.run(progress=False)
    with pytest.raises(UserError, match="of the suite line-pairs, not line-factorial"):
        assay.plan("line.py", design="factorial", output="run", storage="kept").run(progress=False)


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
