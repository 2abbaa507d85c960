"""A tracker that is not known, or not here, is told before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

import assay
from assay.cli.ablate import main
from assay.config.compose import Schema
from assay.config.errors import UserError
from assay.studies import load_study
from assay.track import known
from assay.track.known import TRACKERS, check_trackers


def test_an_unknown_tracker_is_told_those_that_there_are() -> None:
    with pytest.raises(UserError, match=r"unknown tracker 'tensorbord'. Did you mean tensorboard\? Known: .*wandb"):
        check_trackers(["tensorbord"])


def test_a_tracker_that_is_named_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_is_installed", lambda package: True)
    with pytest.raises(UserError, match="expected each tracker once; got mlflow, mlflow"):
        check_trackers(["mlflow", "mlflow"])


def test_a_package_that_is_not_there_is_told_with_its_extra(
    line_study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(TRACKERS, "nowhere", "assay.track.nowhere:Nowhere")
    assert main(["--study", "line.py", "--all", "track=nowhere"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: track=nowhere: the package 'nowhere' is not installed; it comes with the extra")
    assert err.rstrip().endswith("[nowhere]'")
    assert not Path("runs").exists()


def test_a_folder_of_the_name_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_tracker_s_folder").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(TRACKERS, "a_tracker_s_folder", "x:y")
    with pytest.raises(UserError, match="is not installed"):
        check_trackers(["a_tracker_s_folder"])


def test_the_extras_are_those_of_the_project(root: Path) -> None:
    import tomllib

    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {name: extras[name][0].partition(">")[0] for name in TRACKERS} == {name: name for name in TRACKERS}


@pytest.fixture
def schema(line_study: Path) -> Schema:
    return load_study("line.py").schema


@pytest.mark.parametrize("given", ["mlflow", ["mlflow"], ("mlflow",)])
def test_one_or_several_are_named_in_python(schema: Schema, given: object) -> None:
    assert schema.compose(schema.words({"track": given})).track == ("mlflow",)


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("track=mlflow", ("mlflow",)),
        ("track='mlflow'", ("mlflow",)),
        ("track=[mlflow,wandb]", ("mlflow", "wandb")),
        ("track=[]", ()),
    ],
)
def test_one_or_several_are_named_in_a_command(schema: Schema, word: str, names: object) -> None:
    assert schema.compose([word]).track == names


def test_one_may_be_named_in_a_file(schema: Schema, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("track: mlflow\n")
    assert schema.compose(base=tmp_path / "base.yaml").track == ("mlflow",)


@pytest.mark.parametrize("word", ["track=null", "track=3", "track=a,b", "track={a: 1}"])
def test_what_is_no_list_of_names_is_one_line(schema: Schema, word: str) -> None:
    with pytest.raises(UserError) as told:
        schema.compose([word])
    assert "\n" not in str(told.value)
    assert "track" in str(told.value)


def test_they_change_no_name(line_study: Path, fakes: None) -> None:
    plain, tracked = (assay.plan("line.py", track=names) for names in ((), ("recording", "raising")))
    assert [trial.fingerprint for trial in plain.trials] == [trial.fingerprint for trial in tracked.trials]
    assert plain.record.table == tracked.record.table
    searches = [assay.plan_search("line.py", "lr", track=names) for names in ([], ["recording"])]
    assert searches[0].identity == searches[1].identity
