"""A run is tracked from its first trial to its table, with the numbers that it shows, and goes on whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import assay
from assay.store.run.folder import RunFolder, TrialRecord
from assay.track.of_run import TrackedRun
from assay.track.trackers import Trackers

pytestmark = pytest.mark.usefixtures("fakes", "train_here")

Told = Callable[[Path], list[tuple[str, dict[str, Any]]]]


def _by_id(told: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    return {content["id"]: content for kind, content in told if kind == "trial"}


def test_trackers_are_told_the_numbers_of_the_table(
    line_study: Path, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    run = assay.ablate("line.py", rows=["ours", "no_bias"], output="run", track="recording")
    everything = told(Path("run"))
    assert [kind for kind, _ in everything] == ["open", *4 * ["trial"], "summary", "close"]
    trials = _by_id(everything)
    means = run.measurements().groupby(["row", "seed"])["value"].mean()
    assert {(each["row"], each["seed"]): each["metrics"]["error"] for each in trials.values()} == means.to_dict()
    curves = run.curves()
    for each in trials.values():
        mine = curves[(curves["row"] == each["row"]) & (curves["seed"] == each["seed"])]
        (name,) = each["curves"]
        assert each["curves"][name] == [[int(e), v] for e, v in zip(mine["epoch"], mine["value"], strict=True)]
        assert (each["parameters"]["seed"], each["varied"]) == (each["seed"], ["net.bias"])
        assert each["parameters"]["net.bias"] is (each["row"] == "ours")
        assert not {"track", "storage", "cluster.gpus"} & each["parameters"].keys()
    summary = everything[-2][1]
    for of, end in (("mean", ""), ("spread", "/spread"), ("difference", "/difference")):
        shown = run.table(of)["error"].dropna()
        assert {row: summary["metrics"][f"error/{row}{end}"] for row in shown.index} == shown.to_dict()
    assert summary["words"] == {"error/no_bias": run.table("verdict")["error"]["no_bias"]}
    assert summary["texts"]["table"] == Path("run/table.md").read_text()
    assert {"table.csv", "table.tex"} <= summary["files"].keys()
    assert capsys.readouterr().err.rstrip().endswith("track: look there")
    kept = [line[20:] for line in Path("run/log.txt").read_text().splitlines()]
    assert kept[-2] == "track: look there"
    assert kept[-1].startswith("ended after ")


def test_the_same_again_tells_nothing_and_another_tracker_all(line_study: Path, told: Told) -> None:
    asked: dict[str, Any] = {"rows": ["ours", "no_bias"], "output": "run", "progress": False}
    assay.ablate("line.py", **asked)
    assert not Path("run/track").exists()
    assay.ablate("line.py", **asked, track=["recording"])
    before = told(Path("run"))
    assert [kind for kind, _ in before] == ["open", *4 * ["trial"], "summary", "close"]
    assay.ablate("line.py", **asked, track=["recording"])
    assert told(Path("run")) == before
    assay.ablate("line.py", **asked, seeds=3, track=["recording"])
    later = told(Path("run"))[len(before) :]
    assert [content.get("id") for kind, content in later if kind == "trial"] == ["ours-seed2027", "no_bias-seed2027"]
    assert later[0] == before[0]  # the same key


def test_trackers_that_fail_fail_no_run(
    line_study: Path, told: Told, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.track.trackers.PATIENCE_S", 3.0)
    names = ["raising", "closed", "dying", "hanging", "recording"]
    run = assay.ablate("line.py", rows=["ours", "no_bias"], output="run", progress=False, track=names)
    assert run.unfinished == []
    assert len(_by_id(told(Path("run")))) == 4
    err = capsys.readouterr().err.splitlines()
    assert sorted(line.split()[1] for line in err) == ["closed", "dying", "hanging", "raising"]
    assert all(line.startswith("track: ") and "the run goes on" in line for line in err)
    assert {line[20:] for line in Path("run/log.txt").read_text().splitlines()} >= {*err}


def test_what_cannot_be_put_together_fails_no_run(
    line_study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("row")

    monkeypatch.setattr(TrackedRun, "trial", broken)
    run = assay.ablate("line.py", rows=["ours", "no_bias"], progress=False, track="recording")
    assert run.unfinished == []
    assert capsys.readouterr().err == "track: recording cannot be told, the run goes on: KeyError: 'row'\n"


def test_a_failed_trial_is_told_with_its_reason(line_study: Path, told: Told, tmp_path: Path) -> None:
    run = assay.ablate("line.py", rows=["ours"], output="run", progress=False)
    folder, planned = RunFolder("run"), assay.plan("line.py", rows=["ours"], output="run")
    failed = TrialRecord("ours-seed9", "ours", 9, "failed", reason="it is full: s3://me:pw@b/x")
    with Trackers(["recording"], folder, "line", "ablation", planned.config, quiet=True) as trackers:
        trackers.trial(run.record, failed)
    (_, content), *_ = [each for each in told(Path("run")) if each[0] == "trial"]
    assert (content["state"], content["reason"]) == ("failed", "it is full: s3://***@b/x")
    assert (content["metrics"], content["curves"]) == ({}, {})


def test_secrets_are_told_to_nobody(line_study: Path, told: Told) -> None:
    text = line_study.read_text().replace("    width: int", '    source: str = "x"\n    width: int')
    line_study.write_text(text)
    rows = {"ours": {}, "far": {"changes": {"net.source": "s3://KEY:SECRET@bucket/x"}}}
    asked: dict[str, Any] = {"net.source": "https://ME:SECRET@host/y"}
    assay.ablate("line.py", {"rows": rows}, seeds=1, output="run", progress=False, track="recording", **asked)
    assert "SECRET" not in Path("run/track/told.jsonl").read_text()
    sources = {name: each["parameters"]["net.source"] for name, each in _by_id(told(Path("run"))).items()}
    assert sources == {"ours-seed2025": "https://***@host/y", "far-seed2025": "s3://***@bucket/x"}


def test_a_search_is_told_of_each_sample_and_of_its_confirmation(line_study: Path, told: Told) -> None:
    found = assay.search("line.py", "lr", trials=3, output="found", progress=False, track="recording", confirm=2)
    everything = told(Path("found"))
    trials = _by_id(everything)
    samples = {number: trials[f"trial{number}"] for number in range(3)}
    shown = found.trials.set_index("trial")
    assert {n: each["parameters"]["lr"] for n, each in samples.items()} == shown["lr"].to_dict()
    finished = {n: each["metrics"]["val/error"] for n, each in samples.items() if each["state"] == "finished"}
    assert finished == shown["error"].dropna().to_dict()
    values = found.results.values
    for number, each in samples.items():
        mine = values[values["trial"] == number]
        line = each["curves"]["val_by_epoch/error"]
        assert line == [[int(step), value] for step, value in zip(mine["step"], mine["value"], strict=True)]
    confirmed = found.confirmation
    assert confirmed is not None
    means = confirmed.measurements().groupby(["row", "seed"])["value"].mean().to_dict()
    rows = {(each["row"], each["seed"]): each["metrics"]["error"] for each in trials.values() if each["row"]}
    assert rows == means
    summary = everything[-2][1]
    assert summary["metrics"]["best/error"] == shown["error"].min()
    assert summary["words"]["answer"] == found.answer.line
    assert {row: summary["metrics"][f"error/{row}"] for row in confirmed.table().index} == confirmed.table()[
        "error"
    ].to_dict()
    before = len(everything)
    assay.search("line.py", "lr", trials=3, output="found", progress=False, track="recording", confirm=2)
    assert len(told(Path("found"))) == before
