"""`ablate`: what it prints, what it writes, and what its exit code says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assay.cli.report import main as report
from assay.experiment.execution import execute_trial
from assay.experiment.suite import load_suite
from assay.experiment.trial import baseline_trial, trials_of
from assay.store.disk.lock import sole_writer
from assay.store.store import Store
from smfnet.cli.ablate import main
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder
from smfnet.study import study
from tests.documents import printed_document


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def _one_line(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert out == ""
    return str(line)


def test_ctrl_c_says_how_to_go_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assay.cluster.execute_trials", interrupted)
    assert main(["ours", "--seeds", "1", "storage=kept", "--output", "out"]) == 130
    *_, how, stopped, last = capsys.readouterr().err.splitlines()
    assert how.endswith("kept. To go on: python -m platform.ablate ours --seeds 1 storage=kept --output out")
    assert stopped == "stopped"
    assert last.startswith("assay: done ablate out code 130 in ")
    assert Path("out/run.json").is_file()


@pytest.mark.shared
def test_names_in_any_script_have_a_picture_each_in_run_and_report(
    tiny_words: list[str], shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, rows = {"白天", "黑夜", "雨天"}, ("ours", "max")
    words = [*tiny_words, "data=folder", f"data.root={shared / 'cases' / 'chinese_set'}", "data.val_pairs=1"]
    config = compose([*words, "seeds=1", "storage=store"])
    suite = load_suite("table5", ablations_folder())
    free = (baseline_trial(study(), rule, config) for rule in suite.baselines)
    trials = (*trials_of(study(), config, suite.pick(["ours"]), 1), *free)
    for trial in trials:  # so that the command has no need of Ray
        execute_trial(study(), trial, Store("store"))
    assert main(["ours", *words, "--seeds=1", "storage=store", "--output=run"]) == 0
    for row in rows:
        files = {path.stem: path.read_bytes() for path in Path("run/images", row).iterdir()}
        assert set(files) == names
        assert len(set(files.values())) == 3
    sources = {path.stem for path in Path("run/images/sources").iterdir()}
    assert sources == {f"{name}-{kind}" for name in names for kind in ("ir", "vi")}
    capsys.readouterr()
    assert report(["run"]) == 0
    assert capsys.readouterr() == ("written: run/report.html\n", "")
    assert {path.stem for path in Path("run/figures").glob("gallery-*.png")} == {f"gallery-{name}" for name in names}
    page = Path("run/report.html").read_text(encoding="utf-8")
    assert all(page.count(f"Image {name}") for name in names)


def test_rows_a_plan_a_run_and_a_trial_again_are_documents(
    stored: Path, tiny_words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> tuple[int, dict[str, Any]]:
        code = main([*words, "--json"])
        return code, printed_document(capsys)[0]["result"]

    code, listed = said("--list")
    assert (code, listed["base"]) == (0, "ours")
    assert {"no_graph", "swap_fusion"} <= {row["name"] for row in listed["rows"]}
    words = ("ours", "swap_fusion", *tiny_words, "--seeds=2", f"storage={stored}", "--output=out")
    code, planned = said(*words, "--plan")
    assert [trial["measured"] for trial in planned["trials"]] == [True] * len(planned["trials"])
    assert planned["lines"]
    assert not Path("out").exists()
    code, done = said(*words)
    assert (code, done["unfinished"]) == (0, [])
    assert {row["name"]: row["seeds"] for row in done["rows"]}["swap_fusion"] == [2025, 2026]
    assert all(cell["mean"] is not None for cell in done["cells"])
    code, again = said("--rerun", "out/ours-seed2025")
    assert (code, again["numbers"], again["differing"]) == (0, 33, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ours", "no_graph", "--seeds=5", "--gate", "no_grahp.SD better than ours"], "Did you mean no_graph?"),
        (["ours", "no_graph", "--seeds=5", "--gate", "no_graph.SSD better than ours"], "Did you mean SD?"),
        (["ours", "no_graph", "--seeds=2", "--gate", "no_graph.SD better than ours"], "3 seeds or more"),
        (["--list", "--gate", "no_graph.SD better than ours"], "--gate belongs to a run"),
    ],
)
def test_a_gate_that_cannot_be_answered_is_refused_before_anything_starts(
    words: list[str], said: str, tiny_words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, *tiny_words, "--output=out"]) == 2
    assert said in _one_line(capsys)
    assert not Path("out").exists()


def test_a_failed_trial_outweighs_a_gate(
    stored: Path, tiny_words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["ours", "swap_fusion", *tiny_words, "--seeds=2", f"storage={stored}", "--output=out"]
    monkeypatch.setattr("assay.evidence.statistics.gate.FEWEST_SEEDS", 2)
    gate = ("--gate", "swap_fusion.SD better than ours")
    assert main([*words, *gate]) == 3
    assert "not resolved (2 seeds are too few for a word" in capsys.readouterr().err
    monkeypatch.setattr("assay.runs.Run.unfinished", ["1 of 9 trials did not finish"])
    assert main([*words, *gate]) == 1
    assert "gate swap_fusion.SD better than ours: not met" in capsys.readouterr().err


def test_pictures_of_an_earlier_plan_do_not_stay(tiny_words: list[str], stored: Path) -> None:
    words = ["ours", *tiny_words, f"storage={stored}", "--output=run"]
    assert main([*words, "--seeds=1"]) == 0
    pictures = sorted(Path("run/images").rglob("*.png"))
    stale = Path("run/images/ours/vi_1_.png")  # as an earlier version named it
    stale.write_bytes(pictures[0].read_bytes())
    assert main([*words, "--seeds=1"]) == 0
    assert stale.exists()  # nothing has changed
    assert main([*words, "--seeds=2"]) == 0
    assert sorted(Path("run/images").rglob("*.png")) == pictures


@pytest.mark.parametrize("letter", ["x", "世"])
def test_a_run_of_a_suite_with_a_long_name_has_a_folder(letter: str, tiny_words: list[str], stored: Path) -> None:
    suite = Path(f"{letter * (240 // len(letter.encode()))}.yaml")
    suite.write_text("rows: {ours: {}}")
    assert main(["ours", "--suite", str(suite), *tiny_words, "--seeds=1", f"storage={stored}"]) == 0
    (folder,) = Path("runs").iterdir()
    assert (folder / "run.json").is_file()


@pytest.mark.parametrize("option", ["--help", "--list"])
def test_help_and_list_start_without_torch_and_ray(option: str) -> None:
    script = (
        "import sys\nfrom smfnet.cli.ablate import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print({'torch', 'ray', 'pandas'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, option], capture_output=True, text=True, check=True)
    assert done.stderr == ("set()\n" if option == "--help" else "{'pandas'}\n") or done.stderr == "set()\n"
    assert "no_graph" in done.stdout


def test_the_table_is_printed_where_the_encoding_lacks_its_marks(
    stored: Path, tiny_words: list[str], root: Path
) -> None:
    words = ["ours", "swap_fusion", "--seeds", "2", "--output", "out", f"storage={stored}", *tiny_words]
    done = subprocess.run(
        [sys.executable, "-m", "smfnet.cli.main", "ablate", *words],
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    table = done.stdout.decode("cp1252")
    assert "o not resolved" in table  # the mark that stands for a white circle
    assert "?" not in table
    assert "○ not resolved" in Path("out/table.md").read_text(encoding="utf-8")


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--help"])
    assert raised.value.code == 0
    assert "python -m platform.ablate no_graph ours --seeds 5" in capsys.readouterr().out


def test_the_list_has_every_row_with_its_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    out = capsys.readouterr().out
    for variant in load_suite("table5", ablations_folder()).variants:
        assert variant.name in out
    assert "graph.enabled=false" in out


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ([], ["nothing to do: name rows, or give --all"]),
        (["no_grph"], ["unknown row 'no_grph'. Did you mean no_graph?"]),
        (["ours", "--suite", "tabel5"], ["unknown suite 'tabel5'. Did you mean table5?"]),
        (["ours", "train.epoch=3"], ["unknown key 'train.epoch'. Did you mean train.epochs?"]),
        (["ours", "preset=quik"], ["unknown preset 'quik'. Did you mean quick?"]),
        (["ours", "train.epochs=many"], ["train.epochs", "'many'"]),
        (["ours", "train.epochs=2", "train.stage1_epochs=2"], ["train.stage1_epochs: expected fewer than"]),
        (["--all", "--seeds", "0"], ["seeds: expected a number >= 1; got 0"]),
        (["ours", "+train.epochs=3"], ["keys cannot be added"]),
        (["ours", "base=absent.yaml"], ["cannot read absent.yaml"]),
        (["ours", "data=folder", "data.root=absent"], ["absent"]),
        (["no_graph", "loss.stage1.decomp_terms=[D,G]"], ["row no_graph: loss.stage1.decomp_terms names G"]),
        (["ours", "storage=nosuch://x"], ["storage=nosuch://x"]),
        (["--rerun", "nobody"], ["--rerun nobody: found no stored trial"]),
    ],
)
def test_a_mistake_is_one_line_and_nothing_starts(
    capsys: pytest.CaptureFixture[str], elsewhere: Path, words: list[str], parts: list[str]
) -> None:
    assert main(words) == 2
    line = _one_line(capsys)
    assert line.startswith("error: ")
    assert [part for part in parts if part not in line] == []
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("plan", [[], ["--plan"]])
def test_a_suite_that_answers_what_nobody_printed_is_one_line(
    tmp_path: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str], plan: list[str]
) -> None:
    for text, part in (("published: nosuch\nrows: {ours: {}}", "'nosuch'"), ("rows: {ours: {published: x}}", "'x'")):
        (tmp_path / "mine.yaml").write_text(text)
        assert main(["--all", "--suite", str(tmp_path / "mine.yaml"), *plan]) == 2
        assert part in _one_line(capsys)
        assert list(elsewhere.iterdir()) == []


def test_a_gpu_that_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["ours", "train.device=cuda"]) == 2
    assert "torch finds no GPU here" in _one_line(capsys)


def test_the_number_of_seeds_must_be_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--all", "--seeds", "many"])
    assert raised.value.code == 2
    assert "--seeds" in capsys.readouterr().err


@pytest.fixture
def command(tiny_words: list[str], stored: Path, tmp_path: Path) -> list[str]:
    """A command whose trials are all in the store, so that it needs no worker."""
    return ["ours", "swap_fusion", "--seeds", "2", "--output", str(tmp_path / "run"), f"storage={stored}", *tiny_words]


def test_a_run_leaves_tables_values_and_how_it_was_made(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    run = tmp_path / "run"
    for name in ("table.md", "table.csv", "table.tex", "run.json", "config.yaml"):
        assert (run / name).stat().st_size > 100
    table = pd.read_csv(run / "table.csv").set_index("row")
    values = pd.concat(map(pd.read_parquet, (run / "results").glob("*.parquet")))
    mine = values[(values["row"] == "ours") & (values["metric"] == "EN")]
    assert table.loc["ours", "EN_mean"] == pytest.approx(mine["value"].mean())
    assert mine.groupby("seed").size().tolist() == [3, 3]
    record = json.loads((run / "run.json").read_text())
    assert record["command"][:4] == ["python", "-m", "platform.ablate", "ours"]
    assert [row["name"] for row in record["rows"]][:2] == ["swap_fusion", "ours"]  # in table order
    assert record["provenance"]["choices"] == {"preset": "quick", "profile": "paper", "data": "generated"}
    out, err = capsys.readouterr()
    assert "INN<->transformer" in out
    assert "not comparable with the paper's" in " ".join(out.split())
    assert "trained 0 stages (0 epochs); reused 8 stages, shared or stored, which saved 12 epochs" in out
    assert err.count(": finished, was in the store") == 4 + 5


def test_the_same_folder_again_and_a_folder_of_something_else(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    before = (tmp_path / "run" / "table.csv").read_bytes()
    assert main(command) == 0
    assert (tmp_path / "run" / "table.csv").read_bytes() == before
    capsys.readouterr()
    (tmp_path / "run" / "run.json").write_text('{"format": 99}')
    assert main(command) == 2
    assert "update assay" in _one_line(capsys)
    (tmp_path / "run" / "run.json").unlink()
    assert main(command) == 2
    assert "holds other files" in _one_line(capsys)


def test_another_run_in_the_folder_is_refused_and_nothing_is_changed(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    capsys.readouterr()
    before = _contents(tmp_path / "run")
    for other in ([*command, "optim.lr=0.5"], command[1:]):
        assert main(other) == 2
        assert "nothing was changed" in _one_line(capsys)
    assert main([*command, "optim.lr=0.5", "--plan"]) == 2
    assert _contents(tmp_path / "run") == before


def test_a_report_stays_with_the_same_results_and_goes_with_others(
    command: list[str], tmp_path: Path, tiny_words: list[str], stored: Path
) -> None:
    run = tmp_path / "run"
    one_seed = ["1" if word == "2" else word for word in command]
    assert main(one_seed) == 0
    (run / "figures").mkdir()
    made = [run / name for name in ("report.html", "report.ipynb", "figures/forest.png", "figures/gallery-a.pdf")]
    mine = [run / name for name in ("notes.txt", "figures/mine.png")]
    for path in (*made, *mine):
        path.write_text("of one seed")
    assert main(one_seed) == 0
    assert all(path.exists() for path in made)
    assert main(command) == 0
    assert not any(path.exists() for path in made)
    assert all(path.exists() for path in mine)


def test_a_folder_that_another_command_writes_to_is_refused(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sole_writer(tmp_path / "run"):
        assert main(command) == 2
    assert "another command is writing to" in _one_line(capsys)
    assert not (tmp_path / "run" / "run.json").exists()


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_without_a_folder_each_run_gets_its_own(
    command: list[str], elsewhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.strftime", lambda *arguments: "20260102-030405")
    del command[4:6]
    assert [main(command), main(command)] == [0, 0]
    assert sorted(path.name for path in (elsewhere / "runs").iterdir()) == [
        "20260102-030405-table5",
        "20260102-030405-table5-2",
    ]
    assert "runs/20260102-030405-table5-2/table.md" in capsys.readouterr().out


def test_a_storage_that_cannot_be_written_is_found_before_anything_starts(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main([*command, f"storage={tmp_path}/file/store"]) == 2
    assert "cannot be written and read: " in _one_line(capsys)
    assert not (tmp_path / "run").exists()


def test_all_with_a_name_is_the_default_rows_and_that_one(
    tiny_words: list[str], stored: Path, capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    assert main(["--all", "soft_classes", "--plan", "--seeds", "1", f"storage={stored}", *tiny_words]) == 0
    assert "14 trials: 9 rows x 1 seed, 5 training-free rows" in capsys.readouterr().out
    assert list(elsewhere.iterdir()) == []


def test_the_list_says_which_rows_all_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert (
        "13 other reading(s) (one_stage_sum, ..., interleaved_gates): --all leaves them out" in capsys.readouterr().out
    )
    (tmp_path / "own.yaml").write_text("rows: {ours: {}, mine: {changes: {fuse.swap: true}}}")
    assert main(["--list", "--suite", str(tmp_path / "own.yaml")]) == 0
    assert "--all" not in capsys.readouterr().out


_SUITE = """\
title: Three
rows:
  ours: {title: Ours}
  swap: {title: Swapped, changes: {fuse.swap: true}}
  wild: {title: Wild, changes: {optim.lr: 1.0e+30}}
baselines: [max]
"""


@pytest.mark.slow
def test_a_run_through_ray_gives_the_numbers_of_a_trial_alone_and_a_failed_row_stays_in_the_table(
    tiny_words: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_memory_monitor_refresh_ms", "0")
    (tmp_path / "three.yaml").write_text(_SUITE)
    store, run = tmp_path / "store", tmp_path / "run"
    command = ["--all", "--suite", str(tmp_path / "three.yaml"), "--seeds", "1", "--output", str(run)]
    command += [f"storage={store}", *tiny_words]
    assert main(command) == 1
    out, err = capfd.readouterr()
    assert "trained 3 stages (5 epochs); reused 1 stages, shared or stored, which saved 1 epochs" in out
    table = pd.read_csv(run / "table.csv").set_index("row")
    assert table.loc[["ours", "swap", "wild", "max"], "status"].tolist() == [
        "finished",
        "finished",
        "failed",
        "finished",
    ]
    assert "not finite at epoch" in table.loc["wild", "reason"]
    assert "wild-seed2025: failed; " in err
    assert "Diverged" in (run / "errors" / "wild-seed2025.txt").read_text()
    assert "Traceback" not in out + err

    values = pd.concat(map(pd.read_parquet, sorted((run / "results").glob("*.parquet"))))
    suite = load_suite(str(tmp_path / "three.yaml"))
    for trial in trials_of(study(), compose(tiny_words), suite.pick(["ours", "swap"]), 1):
        alone = Store(str(tmp_path / "alone"))
        execute_trial(study(), trial, alone)
        data = tmp_path / "alone" / "trials" / trial.fingerprint / "results.parquet"
        theirs = values[values["row"] == trial.row][["image", "metric", "value"]].reset_index(drop=True)
        pd.testing.assert_frame_equal(pd.read_parquet(data), theirs, check_exact=True)


def test_a_design_lists_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--factorial", "swap_fusion", "cai_to_inn", "--list"]) == 0
    out = capsys.readouterr().out
    assert "Table 5: factorial of 2 parts (table5-factorial)" in out
    assert "cai_to_inn+swap_fusion" in out
    assert "detail.cai.cross.enabled=false fuse.swap=true" in out


def test_parts_stand_anywhere_beside_configuration(tiny_words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["swap_fusion", "--pairs", "no_graph", "seeds=2", "--plan", *tiny_words]) == 0
    first, _, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "The base, each of 2 parts out, and each two of them out: 4 rows."
    assert second == "8 trials: 4 rows x 2 seeds, 0 training-free rows"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--pairs", "--shapley"], "expected one design; got --pairs and --shapley"),
        (["--all", "--cells", "8"], "--cells belongs to --factorial, --orders to --shapley"),
        (["--pairs", "--cells", "8"], "cells belong to a factorial design"),
        (["--pairs", "no_graph", "--all"], "parts are named, and --all is given: expected one of the two"),
        (["--shapley", "swap_fusion"], "a design has 2 to 10 parts"),
        (["--pairs", "swap_fusion", "swap_fusoin"], "unknown row 'swap_fusoin'. Did you mean swap_fusion?"),
        (["--pairs", "both_stages_ccg", "no_graph"], "the design pairs needs this row: leave out one of its parts"),
    ],
)
def test_a_design_that_cannot_be_is_told_in_a_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert told in _one_line(capsys)
    assert not Path("runs").exists()
