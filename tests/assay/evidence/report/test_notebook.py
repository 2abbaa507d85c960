"""The notebooks are kept without output, and run from the first cell to the last."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from assay.config.errors import UserError
from assay.design.cells import every
from assay.design.design import Design, Part
from assay.evidence.report.chosen_run import OTHER_RUN, RUN, chosen_pair, chosen_run
from assay.evidence.report.notebook import NOTEBOOKS, executed, write_notebook
from assay.metric import Metric
from assay.store.run.folder import RunFolder
from assay.tuning.optuna_study import open_study
from tests.synthetic_runs import write_designed_run

SMALL = {"rows": ("ours", "no_graph"), "seeds": 2, "images": 4, "baselines": False}


def _outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def _kinds(notebook: Any) -> list[str]:
    return [kind for output in _outputs(notebook) for kind in output.get("data", {})]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_kept_without_output(root: Path, name: str) -> None:
    notebook = nbformat.read(root / "analysis" / "reports" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert not _outputs(notebook)
    assert all(cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    assert [cell.metadata for cell in notebook.cells if cell.metadata] == [{"tags": ["parameters"]}]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.slow
def test_an_ablation_with_pictures(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**SMALL, pictures=True)
    notebook = nbformat.read(write_notebook(run), as_version=4)
    kinds = _kinds(notebook)
    assert (
        kinds.count("image/png") == 10
    )  # forest, paired twice, radar, 2 pictures, shares, 2 stages of curves, resources
    assert kinds.count("text/html") >= 7
    assert not [output for output in _outputs(notebook) if output.get("name") == "stderr"]


@pytest.mark.slow
def test_an_ablation_of_a_design(tmp_path: Path) -> None:
    parts = (Part("no_graph", "graph"), Part("no_skip", "skip"))
    cells = dict(zip(("ours", "no_graph", "no_skip", "both"), every(2), strict=True))
    notebook = executed("ablation", write_designed_run(tmp_path / "run", Design("factorial", parts, cells)))
    told = "".join(output.get("text", "") for output in _outputs(notebook))
    assert "Full factorial: all 4 combinations of 2 parts." in told
    assert _kinds(notebook).count("image/png") >= 3  # forest, effects, interactions
    assert not [output for output in _outputs(notebook) if output.get("name") == "stderr"]


@pytest.mark.slow
def test_titles_are_text_in_a_notebook_too(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**SMALL)
    title = "<script>x</script> $a$ \x1b[31m"
    rows = tuple(replace(row, title=f"{title} {row.name}") for row in run.record.rows)
    run.write_record(replace(run.record, rows=rows, command=("ablate", "a b", "x\ny")))
    notebook = executed("ablation", run)
    pages = [output["data"]["text/html"] for output in _outputs(notebook) if "text/html" in output.get("data", {})]
    shown = [page for page in pages if "script" in page]
    assert shown
    assert not [page for page in shown if "<script>" in page or "tex2jax_ignore" not in page]
    printed = "".join(output.get("text", "") for output in _outputs(notebook))
    assert "\x1b" not in printed + "".join(pages)
    assert "ablate 'a b' " in printed


@pytest.mark.slow
def test_two_reports_at_once_do_not_meet(make_run: Callable[..., RunFolder], tmp_path: Path) -> None:
    run = make_run(**SMALL)
    with ProcessPoolExecutor(2) as pool:
        notebooks = list(pool.map(executed, ["comparison"] * 2, [run] * 2, [run] * 2))
    assert [_kinds(notebook).count("image/png") for notebook in notebooks] == [2, 2]


@pytest.mark.slow
def test_two_runs(make_run: Callable[..., RunFolder], tmp_path: Path) -> None:
    first = make_run(**SMALL)
    second = first.folder.rename(tmp_path / "second")
    first = make_run(**(SMALL | {"effects": {"no_graph": 0.5, "ours": 1.0}}))
    notebook = executed("comparison", first, RunFolder(second))
    assert _kinds(notebook).count("image/png") == 2
    last = notebook.cells[-1].outputs[0]["data"]["text/plain"]
    assert "no_graph" in last
    assert "better" in last or "worse" in last or "not resolved" in last


@pytest.mark.slow
def test_a_search(search_folder: Path) -> None:
    study = open_study(search_folder, {"space": 1}, [Metric("score")], [])
    trial = study.ask()
    study.tell(trial, trial.suggest_float("alpha3", 1, 32, log=True))
    notebook = executed("search", RunFolder(search_folder))
    assert _kinds(notebook).count("image/png") >= 5
    assert any("params_alpha3" in output.get("data", {}).get("text/plain", "") for output in notebook.cells[-1].outputs)


@pytest.mark.slow
def test_an_unfinished_run_is_shown_as_far_as_it_is(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**SMALL, pending=SMALL["rows"])
    notebook = executed("ablation", run)
    assert "4 of 4 trials have not started" in str(notebook.cells)


@pytest.mark.slow
def test_a_folder_that_is_no_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"ablation\.ipynb failed .*is no run"):
        executed("ablation", RunFolder(tmp_path))


def test_a_relative_run_is_found_from_beside_the_notebook(
    make_run: Callable[..., RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel starts in the notebook's folder, the variable was set where the server was started."""
    run = make_run(**SMALL)
    (tmp_path / "analysis" / "reports").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "analysis" / "reports")
    monkeypatch.setenv(RUN, run.folder.name)
    assert chosen_run().folder.samefile(run.folder)
    assert chosen_run(run.folder.name).folder.samefile(run.folder)


def test_an_unknown_notebook_gets_the_closest_name(whole_run: RunFolder) -> None:
    with pytest.raises(UserError, match="Did you mean ablation"):
        executed("ablations", whole_run)


def test_without_a_path_the_latest_run_is_taken(
    make_run: Callable[..., RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(RUN, raising=False)
    run = make_run(**SMALL)
    (tmp_path / "runs").mkdir()
    run.folder.rename(tmp_path / "runs" / "mine")
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    assert chosen_run().folder == tmp_path / "runs" / "mine"
    with pytest.raises(UserError, match="no search found"):
        chosen_run(kind="search")
    monkeypatch.setenv(RUN, str(tmp_path / "elsewhere"))
    with pytest.raises(UserError, match="elsewhere is no run"):
        chosen_run()


def test_two_runs_are_named_or_nothing_is_compared(
    make_run: Callable[..., RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_run(**SMALL)
    (tmp_path / "runs").mkdir()
    first = RunFolder(first.folder.rename(tmp_path / "runs" / "first"))
    monkeypatch.chdir(tmp_path)
    for name in (RUN, OTHER_RUN):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError) as told:
        chosen_pair("runs/first")
    assert "set FIRST and SECOND in this notebook, or ASSAY_RUN and ASSAY_OTHER_RUN" in str(told.value)
    monkeypatch.setenv(OTHER_RUN, "runs/first")
    assert [run.folder for run in chosen_pair(first.folder)] == [first.folder] * 2


def test_a_run_of_the_other_kind_is_told_its_notebook(make_run: Callable[..., RunFolder], search_folder: Path) -> None:
    with pytest.raises(UserError, match=r"is an ablation: its notebook is ablation\.ipynb"):
        chosen_run(make_run(**SMALL).folder, kind="search")
    with pytest.raises(UserError, match=r"its notebook is search\.ipynb"):
        chosen_run(search_folder)


@pytest.mark.slow
def test_a_study_of_ones_own_is_twenty_lines_from_its_definition_to_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = executed("own_study")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    lines = [line for cell in code[2:5] for line in cell.source.splitlines() if line and not line.startswith("%")]
    assert len(lines) <= 20
    (report,) = tmp_path.glob("assay-*/runs/*/report.html")
    assert repr(str(report.relative_to(report.parents[2])))[1:-1] in code[4].outputs[0]["data"]["text/plain"]
    table = code[5].outputs[0]["data"]["text/plain"]
    assert "linear" in table
    assert "worse" in table
