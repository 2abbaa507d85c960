"""A run travels: what is in the file, what is missing and how it is made, and that nothing else goes with it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import assay
from assay.cli.export import main
from assay.cli.report import main as report
from assay.store.run.folder import RunFolder
from assay.store.run.trained import finished_trial, trained_state
from assay.store.store import STAGES, Store
from assay.study import Study
from smfnet.study import SMFNetStudy
from tests.assay.evidence.conftest import search_folder
from tests.synthetic_runs import Plan, write_run

__all__ = ["search_folder"]

STATE = "state.safetensors"
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs/one and runs/store, in which every training has weights of its own; tests only read it."""
    root = tmp_path_factory.mktemp("made")
    run = write_run(root / "runs/one", Plan(seeds=2, images=4, rows=("no_graph", "ours"), pictures=True))
    store, record = Store(str(root / "runs/store")), run.record
    trials = []
    for number, trial in enumerate(record.trials):
        stages = tuple(f"{number}{place}".rjust(32, "0") for place in (1, 2))
        for stage in stages:
            store.write(STAGES, stage, {STATE: f"{trial.id} {stage}".encode()}, {"kind": "stage"})
        trials.append(replace(trial, stages=stages))
    run.write_record(replace(record, trials=tuple(trials), provenance={"storage": "runs/store"}))
    return root


@pytest.fixture
def copy(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the current folder."""
    root = Path(shutil.copytree(made, tmp_path / "world"))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def world(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where a report takes no time."""

    def write(run: RunFolder) -> None:
        for name in ("report.html", "table.md"):
            (run.folder / name).write_text("numbers")

    monkeypatch.setattr("assay.evidence.report.report.write_report", write)
    return copy


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """`said(*words)`: exit code, stdout, stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(list(words))
        except SystemExit as error:
            code = int(str(error.code))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def _weights(path: Path) -> list[str]:
    return sorted(name.split("/")[3] for name in _names(path) if name.startswith("one/store/stages/") and STATE in name)


def _state(run: RunFolder, row: str, seed: int | None = None) -> bytes:
    trial = finished_trial(run.record, row, seed)
    return trained_state(trial, run.store(None, trial), STATE, run.record.command)


def test_elsewhere_the_folder_is_the_run(
    copy: Path, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = said("runs/one", "one.zip")
    assert (code, err) == (0, "")
    assert "weights: ours-seed0" in out
    before = assay.load_run("runs/one")
    expected, verdicts, page = before.table(), before.verdicts(), (copy / "runs/one/report.html").read_bytes()
    monkeypatch.chdir(tmp_path)
    shutil.move(copy / "one.zip", tmp_path / "one.zip")
    shutil.rmtree(copy)
    assert said("one.zip", "--unpack", "there")[:2] == (0, "unpacked: there/one\n")
    again = assay.load_run("there/one")
    assert again.table().equals(expected)
    assert again.verdicts().equals(verdicts)
    assert (tmp_path / "there/one/report.html").read_bytes() == page
    assert report(["there/one"]) == 0
    assert (tmp_path / "there/one/report.html").read_bytes() == page
    assert _state(RunFolder("there/one"), "ours").startswith(b"ours-seed0")


def test_it_is_the_same_file_every_time(
    world: Path, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said("runs/one", "a.zip")[0] == 0
    for path in (world / "runs/one").rglob("*"):
        os.utime(path, (1, 1))
    monkeypatch.chdir(tmp_path)
    assert said("world/runs/one", "b.zip")[0] == 0
    assert (tmp_path / "b.zip").read_bytes() == (world / "a.zip").read_bytes()


@pytest.mark.parametrize(
    ("words", "trials"),
    [
        ("", ["ours-seed0"]),
        ("--row no_graph", ["no_graph-seed0"]),
        ("--row no_graph --row ours --row ours", ["no_graph-seed0", "ours-seed0"]),
        ("--row ours --seed 1", ["ours-seed1"]),
        ("--seed 0 --seed 1", ["ours-seed0", "ours-seed1"]),
        ("--all", ["no_graph-seed0", "no_graph-seed1", "ours-seed0", "ours-seed1"]),
        ("--no-weights", []),
    ],
)
def test_the_weights_are_those_that_are_named(world: Path, said: Said, words: str, trials: list[str]) -> None:
    assert said("runs/one", *words.split(), "one.zip")[0] == 0
    stages = {trial.id: trial.stages[-1] for trial in RunFolder("runs/one").record.trials}
    assert _weights(world / "one.zip") == sorted(stages[trial] for trial in trials)
    with zipfile.ZipFile("one.zip") as archive:
        assert sorted(json.loads(archive.read("one/export.json"))["weights"]) == trials


def test_results_configuration_record_and_report_are_in_it_and_nothing_of_the_users(world: Path, said: Said) -> None:
    folder = world / "runs/one"
    (folder / "thesis.docx").write_text("mine")
    (folder / "figures").mkdir(exist_ok=True)
    (folder / "images/secret.png").symlink_to("/etc/passwd")
    assert said("runs/one", "--no-weights", "one.zip")[0] == 0
    names = _names(world / "one.zip")
    top = {name.split("/")[1] for name in names}
    assert {"run.json", "config.yaml", "report.html", "table.md", "results", "curves", "proof", "images"} <= top
    assert not [name for name in names if any(word in name for word in ("thesis", "secret", "link", "store"))]
    assert names[-1] == "one/export.json"
    assert names[:-1] == sorted(names[:-1])


def test_a_link_to_another_folder_is_refused(world: Path, said: Said, tmp_path: Path) -> None:
    shutil.move("runs/one/results", tmp_path / "results")
    (world / "runs/one/results").symlink_to(tmp_path / "results")
    code, _, err = said("runs/one", "one.zip")
    assert code == 2
    assert "results" in err
    assert not (world / "one.zip").exists()


@pytest.mark.parametrize("damage", ["removed", "changed", "store"])
def test_weights_that_are_not_there_are_told_with_the_command_that_makes_them(
    world: Path, said: Said, damage: str
) -> None:
    stage = finished_trial(RunFolder("runs/one").record, "ours", None).stages[-1]
    state = world / "runs/store/stages" / stage / STATE
    if damage == "changed":
        state.write_bytes(b"other")
    else:
        shutil.rmtree(state.parent if damage == "removed" else world / "runs/store")
    code, out, err = said("runs/one", "one.zip")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "the weights of ours-seed0" in err
    assert "with another storage=DIR, which trains them anew: python -m platform.ablate --all" in err
    assert not (world / "one.zip").exists()
    assert said("runs/one", "--no-weights", "one.zip")[0] == 0


def test_a_training_that_has_not_finished_is_told(world: Path, said: Said) -> None:
    run = RunFolder("runs/one")
    record = run.record
    late = [replace(each, status="failed" if each.id == "ours-seed1" else each.status) for each in record.trials]
    run.write_record(replace(record, trials=tuple(late)))
    code, _, err = said("runs/one", "--seed", "1", "one.zip")
    assert code == 2
    assert "no finished trial under seed 1; there is 0; the run's command is: python -m platform.ablate --all" in err
    code, out, _ = said("runs/one", "--all", "one.zip")
    assert code == 1  # not all of it is there
    assert "not finished, so without weights: ours-seed1" in out
    assert said("runs/one", "two.zip")[0] == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("runs/one", "expected a file to write to"),
        ("runs/one one.tar", "expected a name that ends in .zip"),
        ("runs/two one.zip", "runs/two is no run"),
        ("runs/store one.zip", "runs/store is no run"),
        ("runs/one runs.zip/one.zip", "expected a folder"),
        ("runs/one one.zip --row our", "unknown row 'our'. Did you mean ours?"),
        ("runs/one one.zip --row max", "max is a training-free row: it has no weights"),
        ("runs/one one.zip --seed 7", "no finished trial under seed 7; there is 0, 1"),
        ("runs/one one.zip --seed x", "invalid int value"),
        ("runs/one one.zip --all --row ours", "exclude each other"),
        ("runs/one one.zip --no-weights --seed 1", "--seed belongs to --row"),
        ("runs/one one.zip --storage elsewhere", "are not in the storage elsewhere"),
        ("runs/one taken.zip", "taken.zip is there already: give another name, or --force"),
        ("runs/one one.zip --unpack there", "--unpack takes the zip file and a folder, and nothing else"),
        ("taken.zip --unpack there", "taken.zip is damaged, or no exported run"),
        ("nowhere.zip --unpack there", "nowhere.zip"),
        ("runs/one --unpack there", "runs/one"),
        ("taken.zip --unpack taken.zip", "expected a folder that can be made"),
    ],
)
def test_what_is_wrong_is_one_line_and_leaves_nothing(world: Path, said: Said, words: str, line: str) -> None:
    (world / "taken.zip").write_text("mine")
    (world / "runs.zip").write_text("mine")
    before = sorted(path.name for path in world.iterdir())
    code, out, err = said(*words.split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert line in err
    assert sorted(path.name for path in world.iterdir() if path.name != "there") == before
    assert (world / "taken.zip").read_text() == "mine"


def test_force_replaces(world: Path, said: Said) -> None:
    (world / "taken.zip").write_text("mine")
    assert said("runs/one", "--force", "taken.zip")[0] == 0
    assert "one/run.json" in _names(world / "taken.zip")


def test_a_run_knows_its_store_from_anywhere_and_after_both_have_moved(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = _state(RunFolder("runs/one"), "ours")
    for here, there in (("runs", "one"), ("/", str(world / "runs/one")), ("runs/one", ".")):
        monkeypatch.chdir(world / here)
        assert _state(RunFolder(there), "ours") == wanted
    monkeypatch.chdir(tmp_path)
    world.rename(tmp_path / "moved")
    assert _state(RunFolder("moved/runs/one"), "ours") == wanted


def test_a_run_elsewhere_knows_where_its_store_was(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder("runs/one")
    path = {"storage_path": str(world / "runs/store")}
    run.write_record(replace(run.record, provenance={**run.record.provenance, **path}))
    shutil.move("runs/one", tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    assert _state(RunFolder("one"), "ours").startswith(b"ours-seed0")


def test_a_store_of_the_same_name_that_lacks_the_run_is_passed_over(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    Store(str(other / "runs/store")).write(STAGES, 32 * "9", {STATE: b"x"}, {})
    monkeypatch.chdir(other)
    assert _state(RunFolder(world / "runs/one"), "ours").startswith(b"ours-seed0")


def test_what_came_with_a_run_comes_first_and_the_rest_is_asked_of_its_storage(world: Path, said: Said) -> None:
    assert said("runs/one", "--row", "no_graph", "one.zip")[0] == 0
    assert said("one.zip", "--unpack", "there")[0] == 0
    there = RunFolder("there/one")
    assert there.store(None, finished_trial(there.record, "no_graph", None)).files.root == "there/one/store"
    assert _state(there, "ours").startswith(b"ours-seed0")  # this machine still has it


def test_a_search_travels_too(search_folder: Path, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert said("search", "search.zip")[0] == 0
    assert said("search.zip", "--unpack", "there")[0] == 0
    assert dict(assay.load_run("there/search").best) == {"alpha3": 7.0, "beta1": 4.0}
    assert report(["there/search"]) == 0
    code, _, err = said("search", "other.zip", "--row", "ours")
    assert code == 2
    assert "search is a search that was not confirmed: it has no rows with weights" in err


def test_weights_that_are_a_link_to_elsewhere_are_refused(world: Path, said: Said, tmp_path: Path) -> None:
    """In a folder that somebody else has packed, with a program that packs links."""
    shutil.move("runs/store", tmp_path / "elsewhere")
    (world / "runs/one/store").symlink_to(tmp_path / "elsewhere")
    code, out, err = said("runs/one", "one.zip")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "store leads out of runs/one" in err


def test_calls_do_the_same(world: Path) -> None:
    done = assay.export("runs/one", "one.zip", rows="ours", seeds=1)
    assert [trial.id for trial in done.weights] == ["ours-seed1"]
    assert done.files == len(_names(world / "one.zip")) - 1
    assert (assay.unpack("one.zip", "there") / "run.json").is_file()


class Handing(SMFNetStudy):
    """Hands a network out as it stands in the store."""

    endings: tuple[str, ...] = ("net",)

    def formats(self, network: bytes) -> dict[str, bytes]:
        return dict.fromkeys(self.endings, b"as " + network)


@pytest.fixture
def handing(world: Path, monkeypatch: pytest.MonkeyPatch) -> type[Handing]:
    def model(study: Study, run: RunFolder, row: str, seed: int | None, storage: str | None) -> bytes:
        trial = finished_trial(run.record, row, seed)
        return trained_state(trial, run.store(storage, trial), STATE)

    monkeypatch.setattr("assay.experiment.trained.trained_model", model)
    return Handing


def test_networks_go_with_it_as_files_for_other_programs(world: Path, handing: type[Handing]) -> None:
    done = assay.export("runs/one", "one.zip", rows=["ours", "no_graph"], seeds=1, study=handing())
    assert done.models == ("no_graph-seed1.net", "ours-seed1.net")
    folder = assay.unpack("one.zip", "there")
    for name in done.models:
        trial = finished_trial(RunFolder(folder).record, name.partition("-")[0], 1)
        state = trained_state(trial, Store("runs/store"), STATE)
        assert (folder / "models" / name).read_bytes() == b"as " + state


@pytest.mark.parametrize(
    ("endings", "told"), [(("../x",), "safe as a file's"), ((), "makes no files for other programs")]
)
def test_what_cannot_be_such_a_file_is_refused(
    world: Path, handing: type[Handing], endings: tuple[str, ...], told: str
) -> None:
    study = handing()
    study.endings = endings
    with pytest.raises(assay.UserError, match=told):
        assay.export("runs/one", "two.zip", study=study)
    assert not (world / "two.zip").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--models", "--no-weights", "--study", "digits.yaml"], "--models needs weights: leave out --no-weights"),
        (["--models"], "--models needs --study"),
    ],
)
def test_files_for_other_programs_need_weights_and_a_study(
    world: Path, said: Said, words: list[str], told: str
) -> None:
    code, out, err = said("runs/one", "one.zip", *words)
    assert (code, out, err) == (2, "", f"error: {told}\n")
