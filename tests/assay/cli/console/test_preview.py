"""`--plan`: what would be done, what it would take, and what it could tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cli.ablate import main


def _plan(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--plan"]) == 0
    return capsys.readouterr().out


def test_a_plan_from_nothing(
    tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = _plan(capsys, "ours", "swap_fusion", "--seeds", "2", "storage=store", *tiny_words)
    assert "9 trials: 2 rows x 2 seeds, 5 training-free rows\n  0 measured already, 9 to do\n" in out
    assert "6 stages: 2 shared, 6 to train\n  10 epochs to train of 12 asked for\n" in out
    assert "stage1, 1 epochs, for swap_fusion-seed2025, ours-seed2025\n" in out
    assert "trial(s) at once, until " in out
    assert "core-hours\n  6 from a few steps on this machine\nmemory: about " in out
    assert "unknown until ours and another row are measured under two seeds" in out
    assert "storage store; device cpu\n" in out
    assert list(tmp_path.iterdir()) == []


def test_what_is_stored_is_not_planned_and_tells_what_more_seeds_could_resolve(
    tiny_words: list[str], stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["ours", "swap_fusion", f"storage={stored}", *tiny_words]
    out = _plan(capsys, *rows, "--seeds", "2")
    assert "9 measured already, 0 to do\n6 stages: 2 shared, 0 to train\n" in out
    assert "time:" not in out
    effects = {}
    for seeds in ("2", "4"):
        out = _plan(capsys, *rows, "--seeds", seeds)
        line = next(line for line in out.splitlines() if line.startswith("smallest"))
        assert line.startswith(
            f"smallest difference to ours that {seeds} seeds would more likely than not resolve: EN "
        )
        effects[seeds] = float(line.split("EN ")[1].split(",")[0])
    assert 0 < effects["4"] < effects["2"]
    assert "6 stages as long as such stages took before" in out


def test_one_seed_resolves_nothing(tiny_words: list[str], stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = _plan(capsys, "ours", "swap_fusion", "--seeds", "1", f"storage={stored}", *tiny_words)
    assert "one seed resolves nothing, give --seeds 2 or more" in out


def test_more_cores_than_the_machine_has_are_one_line(
    tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ours", "--plan", "cluster.cpus=9999", f"storage={tmp_path}", *tiny_words]) == 2
    assert "give a smaller cluster.cpus" in capsys.readouterr().err
