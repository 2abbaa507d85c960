"""`search`: what it prints, what it writes, how it is stopped and goes on, and what its exit code says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, TRIALS, Store
from smfnet.cli.search import main
from smfnet.config.schema import compose
from smfnet.folders import search_spaces_folder
from tests.documents import printed_document
from tests.one_worker import OneByOne


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> OneByOne:
    """Trials run in this process."""
    import torch

    import assay.cluster

    torch.set_num_threads(1)
    one = OneByOne()
    monkeypatch.setattr(assay.cluster, "execute_trials", one)
    return one


@pytest.fixture
def plain(worker: OneByOne, monkeypatch: pytest.MonkeyPatch) -> OneByOne:
    """The same, and no figures are drawn."""
    monkeypatch.setattr("assay.evidence.figures.search.search_figures", lambda results: iter(()))
    return worker


@pytest.fixture(scope="session")
def words(tiny_words: list[str]) -> list[str]:
    """A small search: two loss weights, four trials, two fresh seeds for the best one."""
    return ["alpha3", "beta1", *tiny_words, "data.val_pairs=2", "--trials", "4", "--confirm", "2", "--best", "1"]


def _states(folder: Path) -> list[str]:
    return list(pd.read_csv(folder / "trials.csv")["state"])


def test_help_starts_without_anything_heavy_and_shows_examples() -> None:
    script = (
        "import sys\nfrom smfnet.cli.search import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print({'torch', 'ray', 'optuna', 'pandas', 'hydra'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "set()\n"
    assert "python -m platform.search alpha3 beta1" in done.stdout


def test_the_list_has_every_parameter(capsys: pytest.CaptureFixture[str]) -> None:
    from assay.tuning.spaces.space import catalogue, catalogue_files

    assert main(["--list"]) == 0
    out = capsys.readouterr().out
    for name, parameter in catalogue(catalogue_files(search_spaces_folder())).items():
        assert name in out
        assert parameter.path is None or parameter.path in out
    assert "12:72:int (for train.epochs=120)" in out.replace("\n", " ") or "12:72:int" in out


def test_a_users_file_is_listed(capsys: pytest.CaptureFixture[str], elsewhere: Path) -> None:
    (elsewhere / "mine.yaml").write_text(
        "parameters:\n  delta: {path: loss.delta, range: [1.001, 2], scale: linear, paper: 1.01, meaning: of eq. 26}\n"
    )
    assert main(["--list", "--space", "mine.yaml"]) == 0
    assert "loss.delta" in capsys.readouterr().out


def test_no_text_of_a_users_file_is_obeyed_by_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    meaning = '"a\\u202eb"'
    line = f"delta: {{path: loss.delta, range: [1.001, 2], scale: linear, paper: 1.01, meaning: {meaning}}}"
    (tmp_path / "mine.yaml").write_text(f"parameters:\n  {line}\n")
    assert main(["--list", "--space", str(tmp_path / "mine.yaml")]) == 0
    out, err = capsys.readouterr()
    assert "a\\u202eb" in out
    assert not {"\u202e", "\x1b"} & set(out + err)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "nothing to search: name parameters"),
        (["alhpa3"], "unknown parameter 'alhpa3'. Did you mean alpha3?"),
        (["alpha3=32:1"], "the range is inverted; expected 1:32"),
        (["alpha3=4:4"], "the range is empty"),
        (["alpha3=0:4:log"], "a log range needs a low above 0"),
        (["alpha3", "train.epoch=3"], "unknown key 'train.epoch'. Did you mean train.epochs?"),
        (["lr=-1:1:linear"], "lr=-1:1:linear does not fit: optim.lr: expected a number > 0"),
        (["alpha3", "--trials", "0"], "trials: expected at least 1; got 0"),
        (["alpha3", "--trials", "1" + 12 * "0"], "trials: expected at most 100000; got 1000000000000"),
        (["alpha3", "--seeds-per-trial", "1001"], "seeds per trial: expected at most 1000; got 1001"),
        (["alpha3", "--within", "0m"], "within: expected a time as 90s, 10m, 2h or 1h30m; got '0m'"),
        (["alpha3", "--within", "nan"], "within: expected a time as 90s, 10m, 2h or 1h30m; got 'nan'"),
        (["alpha3", "--seeds-per-trial", "0"], "seeds per trial: expected at least 1; got 0"),
        (["alpha3", "--confirm", "-1"], "confirm: expected at least 0; got -1"),
        (["alpha3", "--best", "99"], "best: expected at most 11, as there are 12 trials, of which 1 is what it begins"),
        (["alpha3", "--best", "2", "--trials", "1"], "best: expected at most 0, as there are 1 trial, of which"),
        (["alpha3", "--objective", "VFI"], "unknown objective 'VFI'. Did you mean VIF?"),
        (["alpha3", "--sampler", "tep"], "unknown sampler 'tep'. Did you mean tpe?"),
        (["alpha3", "--sampler", "cmaes"], "needs at least two parameters"),
        (["alpha3", "data.val_pairs=0"], "smfnet has no validation images"),
        (["alpha3", "--space", "absent.yaml"], "cannot read the search space absent.yaml"),
        (["alpha3", "data=folder", "data.root=absent"], "absent"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], elsewhere: Path, arguments: list[str], reason: str
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert reason in line
    assert out == ""
    assert list(elsewhere.iterdir()) == []


def test_a_search_gives_tables_figures_and_a_configuration(
    words: list[str], worker: OneByOne, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(words) == 0
    (folder,) = Path().glob("runs/search-alpha3-beta1-*")
    out = capsys.readouterr().out
    trials = pd.read_csv(folder / "trials.csv")
    assert list(trials.loc[0, ["role", "alpha3", "beta1"]]) == ["defaults", 8, 10]
    assert set(trials["state"]) <= {"finished", "stopped"}
    assert len(trials) == 4

    best = trials.loc[trials["SCD"].idxmax()]
    config = compose([], base=folder / "best.yaml")
    assert (config.loss.stage1.w_ssim, config.loss.stage1.w_grad) == (best["alpha3"], best["beta1"])
    told, last = out.splitlines()[-2:]
    assert told.startswith("the best trial all the same in an ablation, from an unused seed: python -m platform.abl")
    assert told.endswith(f"--all base={folder}/best.yaml")
    assert last.startswith("not confirmed: ")  # two seeds are too few for a word
    assert (folder / "best.yaml").read_text().startswith(f"# {last}\n")
    assert last in (folder / "summary.md").read_text().replace("\\", "")
    searched = compose([*(word for word in words if "=" in word), "train.device=auto"])
    assert (config.network, config.train, config.data) == (searched.network, searched.train, searched.data)
    assert config.seed == 2028  # 2025 was the search's, 2026 and 2027 are the confirmation's
    assert {path.stem for path in folder.glob("figures/search-*.png")} >= {"search-history", "search-contour"}
    assert {path.stem for path in folder.glob("figures/*.pdf")} == {path.stem for path in folder.glob("figures/*.png")}

    run = RunFolder(folder)
    assert run.record.kind == "search"
    assert [row.name for row in run.record.rows] == ["paper_defaults", "best1"]
    assert {trial.seed for trial in run.record.trials} == {2026, 2027}  # 2025 was the search's
    assert run.record.columns == ("SCD", "EN", "SD", "VIF", "SSIM")
    assert "fresh seeds" in out
    assert "the paper's defaults" in (folder / "summary.md").read_text()
    assert (folder / "table.md").is_file()

    worker.searched, worker.confirmed = [], []
    monkeypatch.setattr("assay.evidence.figures.search.search_figures", lambda results: iter(()))  # they take a while
    assert main(words) == 0  # the same command again
    assert (worker.searched, worker.confirmed) == ([], [])
    assert capsys.readouterr().out.replace("0 figures", "6 figures") == out


def test_ctrl_c_keeps_what_is_there_and_says_how_to_go_on(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    plain.stop_after = 2
    assert main([*words, "--output", "out", "--no-prune"]) == 130
    err = capsys.readouterr().err.splitlines()
    assert err[-3].startswith("stopped with 2 of 4 trials ended; all of them are kept in out. To go on: python -m")
    assert err[-3].endswith("--output out --no-prune")
    assert _states(elsewhere / "out") == ["finished", "finished"]
    before = pd.read_csv("out/trials.csv")

    plain.stop_after, plain.searched = None, []
    assert main([*words, "--output", "out", "--no-prune", "--confirm", "0"]) == 0
    assert plain.searched == ["trial2-seed2025", "trial3-seed2025"]
    pd.testing.assert_frame_equal(pd.read_csv("out/trials.csv").head(2), before, check_dtype=False)


def test_more_trials_go_on_with_the_same_study(words: list[str], plain: OneByOne, elsewhere: Path) -> None:
    assert main([*words, "--trials", "2", "--confirm", "0"]) == 0
    (folder,) = elsewhere.glob("runs/search-*")
    (folder / "report.html").write_text("of two trials")
    assert main([*words, "--trials", "2", "--confirm", "0"]) == 0
    assert (folder / "report.html").exists()
    assert main([*words, "--trials", "3", "--confirm", "0"]) == 0
    assert not (folder / "report.html").exists()
    assert plain.searched == ["trial0-seed2025", "trial1-seed2025", "trial2-seed2025"]
    assert len(list(elsewhere.glob("runs/search-*"))) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (["alpha3=1:33"], "another space (alpha3=0.8:80:log there, alpha3=1:33:log here)"),
        (["--objective", "VIF"], "another objective (SCD there, VIF here)"),
        (["train.epochs=4"], "another configuration (train.epochs=3 there, train.epochs=4 here)"),
        (["seed=1"], "another seed"),
        (["--seeds-per-trial", "2"], "another seeds per trial (1 there, 2 here)"),
    ],
)
def test_another_search_in_the_same_folder_is_refused(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], changes: list[str], reason: str
) -> None:
    from assay.cli.search import EXAMPLES, _parser

    quick = [*words, "--trials", "1", "--confirm", "0", "--output", "out"]
    plain.stop_after = 0
    Path("out").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assay.tuning.search.Search.has_work", lambda self: False)
        main(quick)
    before = Path("out/study.journal").read_bytes()
    assert _parser(EXAMPLES).parse_intermixed_args(quick).output == Path("out")
    capsys.readouterr()
    for plan in ([], ["--plan"]):
        assert main([*quick, *changes, *plan]) == 2
        assert reason in capsys.readouterr().err
    assert Path("out/study.journal").read_bytes() == before


def test_the_plan_tells_what_would_be_trained_and_writes_nothing(
    words: list[str], capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    """Four samples of one epoch of stage I and two of II; two rows under two fresh seeds."""
    assert main([*words, "--plan"]) == 0
    out = capsys.readouterr().out
    assert "search: 4 trials, 0 ended already; tpe over alpha3, beta1" in out
    assert "trainings, at most: 8 (4 trials x 1 seed, confirmation of 2 rows x 2 fresh seeds)" in out
    assert "16 stages to train, 0 of them shared; 24 epochs at most, of 24 without sharing" in out
    assert "time and memory: unknown until one ran" in out
    assert list(elsewhere.iterdir()) == []


def test_the_plan_of_defaults_outside_their_range_is_not_interrupted_by_a_warning(
    words: list[str], recwarn: pytest.WarningsRecorder
) -> None:
    assert main([*words, "alpha3=1:3", "--plan", "--confirm", "0"]) == 0
    assert [str(warning.message) for warning in recwarn if "out of range" in str(warning.message)] == []


def test_the_plan_of_more_trials_than_anybody_waits_for_looks_at_the_first(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.console.search_preview.MOST", 3)
    assert main([*words, "--plan", "--trials", "100000", "--confirm", "0"]) == 0
    out = capsys.readouterr().out
    assert "search: 100000 trials, 0 ended already" in out
    assert "below, the first 3 of the 100000 that are left" in out
    assert re.search(r"^[1-6] stages to train", out, re.MULTILINE)


def test_the_plan_of_a_search_over_stage_two_shares_stage_one(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alpha4", "alpha5", *words[2:], "--plan", "--confirm", "0"]) == 0
    assert "5 stages to train, 1 of them shared; 9 epochs at most, of 12 without sharing" in capsys.readouterr().out


def test_a_folder_with_other_files_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("out").mkdir()
    Path("out/thesis.tex").touch()
    for plan in ([], ["--plan"]):
        assert main([*words, "--output", "out", *plan]) == 2
        assert "out holds other files" in capsys.readouterr().err


def test_a_search_over_stage_two_trains_stage_one_once(words: list[str], plain: OneByOne, elsewhere: Path) -> None:
    two = ["alpha4", "alpha5", *words[2:], "--no-prune", "--confirm", "0"]
    assert main(two) == 0
    kinds = [entry.record.kind for entry in Store(str(elsewhere / "runs/store")).entries(STAGES)]
    assert sorted(kinds) == ["stage1", *["stage2"] * 4]


def test_several_objectives_give_a_front(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    assert main([*words, "--objective", "VIF,SSIM", "--sampler", "nsga2", "--confirm", "0", "--output", "out"]) == 0
    assert "Pareto front" in capsys.readouterr().out
    assert _states(elsewhere / "out") == ["finished"] * 4


def test_if_every_trial_fails_the_reason_is_told(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OneByOne, "_work", staticmethod(lambda source, trial, *_: source.failed(trial, "no luck", "")))
    assert main([*words, "--output", "out"]) == 1
    lines = [
        "4 of 4 trials failed: 0, 1, 2, 3 (no luck)",
        "no trial finished: nothing to confirm, and there is no best.yaml",
    ]
    where = "tracebacks, and what these trials printed: out/errors"
    assert capsys.readouterr().err.splitlines()[-4:-1] == [*lines, where]
    assert sorted(path.name for path in Path("out/errors").iterdir()) == [f"trial{n}-seed2025.txt" for n in range(4)]
    assert all(line in Path("out/summary.md").read_text() for line in lines)
    assert not Path("out/best.yaml").exists()
    assert _states(Path("out")) == ["failed"] * 4
    assert set(pd.read_csv("out/trials.csv")["reason"]) == {"seed 2025: no luck"}


def test_trials_that_fail_and_a_confirmation_that_cannot_be_are_told(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the defaults, outside of the range, finish: neither is what was searched for."""
    command = ["lr=1e2:1e9:log", *words[2:], "--trials", "4", "--best", "1", "--confirm", "1", "--output", "out"]
    assert main(command) == 1
    out, err = capsys.readouterr()
    failed, nothing, where, done = err.splitlines()[-4:]
    assert failed.startswith("2 of 4 trials failed: 2, 3 (loss not finite at epoch ")
    assert nothing == "no trial inside lr=1e2:1e9 finished: nothing to confirm, and there is no best.yaml"
    assert _states(Path("out")) == ["finished", "finished", "failed", "failed"]
    summary = Path("out/summary.md").read_text().replace("\\", "")  # what Markdown would take for its own is escaped
    for text in (" ".join(out.split()), " ".join(summary.split())):
        assert failed in text
        assert nothing in text
        assert "the preset's own values, outside lr=1e2:1e9" in text
        assert "best on the validation split" not in text
    assert not Path("out/best.yaml").exists()
    assert "best.yaml" not in out.replace(nothing, "")
    assert plain.confirmed == []
    plain.searched = []
    assert main(command) == 1  # the same command again: what failed has failed
    assert plain.searched == []
    assert done.startswith("assay: done search out code 1 in ")
    assert capsys.readouterr().err.splitlines()[:-1] == [failed, nothing, where]


def test_a_pruned_trial_is_no_failure_but_fewer_than_asked_for_can_be_confirmed(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but one of the trials that were drawn are stopped on their way."""
    monkeypatch.setattr("optuna.Trial.should_prune", lambda trial: trial.number > 1 and "role" not in trial.user_attrs)
    command = [*words, "train.epochs=4", "--output", "out"]
    assert main(command) == 0
    assert _states(Path("out")) == ["finished", "finished", "stopped", "stopped"]
    assert main([*command, "--best", "3"]) == 1
    assert "--best 3: 1 can be confirmed, no other trial finished" in capsys.readouterr().err.splitlines()
    assert len(plain.confirmed) == 4  # two rows under two seeds, once


def test_a_confirmation_that_fails_is_told(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = OneByOne._work

    def work(source: Any, trial: Any, *others: Any) -> None:
        if trial.row == "best1" and trial.seed == 2027:
            source.failed(trial, "no luck", "")
        else:
            whole(source, trial, *others)

    monkeypatch.setattr(OneByOne, "_work", staticmethod(work))
    assert main([*words, "--trials", "2", "--output", "out"]) == 1
    lines = ["1 of 4 trials did not finish", "best1-seed2027: failed; no luck (out/errors/best1-seed2027.txt)"]
    assert capsys.readouterr().err.splitlines()[-3:-1] == lines
    assert all(line in Path("out/summary.md").read_text() for line in lines)


def test_a_small_space_that_is_used_up_is_told_and_is_no_failure(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["graph_branch=reasoning,none", *words[2:], "--confirm", "0", "--output", "out", "--trials", "9"]
    assert main(command) == 0
    line = f"{len(_states(Path('out')))} of 9 trials were begun: the space has no other sample"
    assert line in capsys.readouterr().out
    assert line in Path("out/summary.md").read_text()


def test_what_a_timeout_leaves_is_told(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.tuning.search.Search._may_ask", lambda search: len(search.study.trials) < 2)
    assert main([*words, "--within", "1m", "--confirm", "0", "--output", "out"]) == 0
    assert "2 of 4 trials were begun: --within 1m was over; the same command goes on" in capsys.readouterr().out


def test_what_was_derived_does_not_outlive_the_trials_that_follow(words: list[str], plain: OneByOne) -> None:
    command = [*words, "--confirm", "0", "--output", "out", "--no-prune", "--trials"]
    assert main([*command, "2"]) == 0
    assert Path("out/best.yaml").exists()
    plain.stop_after = 3
    assert main([*command, "4"]) == 130
    assert not Path("out/best.yaml").exists()
    assert not Path("out/summary.md").exists()


def test_what_may_succeed_another_time_is_tried_again_by_the_same_command(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(source: Any, trial: Any, *_: Any) -> None:
        source.failed(trial, "the disk is full", "", again=True)

    with monkeypatch.context() as patch:
        patch.setattr(OneByOne, "_work", staticmethod(work))
        assert main([*words, "--output", "out"]) == 1
    assert "not tried to the end: trials 0, 1, 2, 3 (the disk is full); the same" in capsys.readouterr().err
    assert main([*words, "--output", "out"]) == 0
    assert _states(Path("out")) == ["finished"] * 4


def test_as_long_as_a_trial_is_open_nothing_is_confirmed(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = OneByOne._work

    def work(source: Any, trial: Any, *others: Any) -> None:
        if trial.row == "trial1":
            source.failed(trial, "the disk is full", "", again=True)
        else:
            whole(source, trial, *others)

    with monkeypatch.context() as patch:
        patch.setattr(OneByOne, "_work", staticmethod(work))
        assert main([*words, "--output", "out"]) == 1
    assert "not tried to the end: trials 1 (the disk is full); the same" in capsys.readouterr().err
    assert not Path("out/run.json").exists()
    assert main([*words, "--output", "out"]) == 0
    assert Path("out/run.json").exists()


def test_a_search_begins_with_an_earlier_one_of_another_space(
    words: list[str], plain: OneByOne, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*words, "--no-prune", "--confirm", "0", "--output"]
    assert main([*command, "old", "--trials", "3"]) == 0
    plain.searched, inside = [], int(pd.read_csv("old/trials.csv")["alpha3"].between(2, 20).sum())
    again = [*command, "new", "alpha3=2:20", "--trials", "2", "--from", "old"]
    line = f"from old: {inside} of 3 trials are taken, nothing of them is trained again"
    capsys.readouterr()
    assert main([*again, "--plan"]) == 0
    assert capsys.readouterr().out.startswith(line)
    assert not Path("new").exists()

    assert main(again) == 0
    out, err = capsys.readouterr()
    assert len(plain.searched) == 2
    assert err.startswith(line)
    assert line in out
    assert line in Path("new/summary.md").read_text().replace("\\", "")
    trials = pd.read_csv("new/trials.csv").fillna({"origin": ""})
    assert list(trials["origin"] != "") == [True] * inside + [False] * 2
    assert "begun" not in out  # two were asked for, and two were

    plain.searched = []
    assert main(again) == 0
    assert plain.searched == []
    assert len(pd.read_csv("new/trials.csv")) == inside + 2


def test_a_search_begins_with_an_ablation_whose_networks_are_there(words: list[str], plain: OneByOne) -> None:
    """Its rows have met test images alone: they are measured on validation images, and nothing is trained."""
    from smfnet.cli.ablate import main as ablate

    changes = [word for word in words if "=" in word and not word.startswith("-")]
    assert ablate(["no_graph", "ours", *changes, "--seeds", "1", "--output", "run"]) == 0
    stages = {entry.fingerprint for entry in Store("runs/store").entries(STAGES)}
    command = [
        "graph_branch=reasoning,none",
        *changes,
        "--no-prune",
        "--confirm",
        "0",
        "--output",
        "out",
        "--from",
        "run",
    ]
    assert main([*command, "--trials", "1"]) == 0
    assert {entry.fingerprint for entry in Store("runs/store").entries(STAGES)} == stages
    trials = pd.read_csv("out/trials.csv")
    assert dict(zip(trials["origin"], trials["graph_branch"], strict=True)) == {
        "run: row no_graph": "none",
        "run: row ours": "reasoning",
    }
    assert list(trials["state"]) == ["finished"] * 2


@pytest.mark.parametrize(
    ("folder", "reason"),
    [("absent", "absent is no folder of a search or an ablation"), (".", ". is no folder of a search")],
)
def test_what_it_cannot_begin_with_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str], folder: str, reason: str
) -> None:
    assert main([*words, "--from", folder]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert not Path("runs").exists()


@pytest.fixture
def damaged_test_split(elsewhere: Path) -> list[str]:
    """Words for a data set whose test images are no images."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("test", 2)):
        for kind in ("ir", "vi"):
            folder = elsewhere / "data" / split / kind
            folder.mkdir(parents=True)
            for number in range(count):
                path = folder / f"{split}{number}.png"
                small = Image.fromarray(rng.integers(0, 255, (6, 8)).astype(np.uint8))
                small.resize((40, 32), Image.Resampling.BICUBIC).save(path)
                if split == "test":
                    path.write_bytes(b"no image")
    return ["data.source=folder", "data.root=data", "data.frames=0"]


def test_the_test_split_is_read_only_at_the_end(
    words: list[str],
    plain: OneByOne,
    damaged_test_split: list[str],
    capsys: pytest.CaptureFixture[str],
    elsewhere: Path,
) -> None:
    command = [*words, *damaged_test_split, "--output", "out", "--trials", "2"]
    assert main([*command, "--confirm", "0"]) == 0
    assert list(Store("runs/store").entries(TRIALS)) == []
    assert main(command) == 2
    assert "data/test/ir/test0.png" in capsys.readouterr().err
    assert len(_states(elsewhere / "out")) == 2


@pytest.mark.slow
def test_with_ray(words: list[str], elsewhere: Path) -> None:
    """The same through Ray's workers, pruning included; the study is read with plain Optuna."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    command = [
        *words,
        "--output",
        "out",
        "--trials",
        "12",  # which are stopped depends on who is quicker; of so many hardly ever none
        "--confirm",
        "0",
        "train.epochs=5",
        "train.steps_per_epoch=1",
    ]
    done = subprocess.run([sys.executable, "-m", "smfnet.cli.search", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    study = optuna.load_study(study_name=None, storage=JournalStorage(JournalFileBackend("out/study.journal")))
    assert {trial.state.name for trial in study.trials} == {"COMPLETE", "PRUNED"}
    assert all(trial.intermediate_values for trial in study.trials)
    assert "trial 0 alpha3=8 beta1=10: running" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--confirm=0"], "leave out --confirm 0"),
        (["--confirm=3", "--best=1"], "unknown row in --gate 'best2'"),
        (["--confirm=2", "--best=2"], "3 seeds or more"),
    ],
)
def test_a_gate_that_the_confirmation_cannot_answer_is_refused(
    more: list[str], said: str, tiny_words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["alpha3", "beta1", *tiny_words, "data.val_pairs=2", "--trials=5", "--output=out"]
    assert main([*words, *more, "--gate", "best2.SD better than paper_defaults"]) == 2
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_gate_of_the_confirmation_and_the_document_of_a_search(
    plain: OneByOne, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.evidence.statistics.gate.FEWEST_SEEDS", 2)
    gate = "best1.SD better than paper_defaults"
    assert main([*words, "storage=store", "--output=out", "--gate", gate, "--json"]) == 3
    document = printed_document(capsys)[0]
    assert [(each["gate"], each["met"]) for each in document["gates"]] == [(gate, False)]
    result = document["result"]
    assert [trial["state"] for trial in result["trials"]] == _states(Path("out"))
    assert result["confirmation"]["base"] == "paper_defaults"
    assert [row["name"] for row in result["confirmation"]["rows"]] == ["paper_defaults", "best1"]
    assert result["best"]["config"] == "out/best.yaml"
    assert document["written"] == ["out/summary.md", "out/best.yaml", "out/trials.csv"]
