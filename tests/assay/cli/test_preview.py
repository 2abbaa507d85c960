"""`--plan`: what would be done, what it would take, and what it could tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.console.preview import plan_lines
from assay.experiment.planning.plan import Plan
from assay.experiment.trial import variant_trial
from assay.store.run.folder import RunRecord
from assay.store.store import Store
from smfnet.cli.ablate import main as ablate
from smfnet.cli.search import main as search
from smfnet.config.schema import compose
from smfnet.study import study
from tests.counting import calls_of, many_trials


def _plan(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert ablate([*words, "--plan"]) == 0
    return capsys.readouterr().out


def test_a_plan_from_nothing(
    tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = _plan(capsys, "ours", "swap_fusion", "--seeds", "2", "storage=store", *tiny_words)
    assert "9 trials: 2 rows x 2 seeds, 5 training-free rows\n  0 measured already, 9 to do\n" in out
    assert "6 stages: 2 shared, 6 to train\n  10 epochs to train of 12 asked for\n" in out
    assert "stage1, 1 epochs, for swap_fusion-seed2025, ours-seed2025\n" in out
    assert "time and memory: unknown until one ran (--probe tries a few steps of each kind of stage)\n" in out
    assert "unknown; fewer than 3 seeds resolve nothing" in out
    assert "storage store; device cpu\n" in out
    assert list(tmp_path.iterdir()) == []


def test_a_probe_tries_a_few_steps(
    tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = _plan(capsys, "ours", "swap_fusion", "--seeds", "2", "storage=store", *tiny_words, "--probe")
    assert "trial(s) at once, until " in out
    assert "  6 stages from a few steps on this machine; without the test step, which has not run yet\n" in out
    assert "\nmemory: about " in out
    assert list(tmp_path.iterdir()) == []


def test_a_probe_without_a_plan_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (ablate, search):
        assert command(["ours", "--probe"]) == 2
        assert capsys.readouterr().err == "error: --probe belongs to a plan: give --plan too, or neither\n"


def test_a_row_of_other_parts_is_estimated_by_its_size(
    tiny_words: list[str], stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = _plan(capsys, "no_graph", "one_stage", "--seeds", "1", f"storage={stored}", *tiny_words)
    assert "time: more than " in out
    assert "  2 stages as long as others with other values took before, 1 stage unknown until one ran (--" in out


def test_what_is_listed_is_cut_where_nobody_reads_on(tiny_words: list[str], tmp_path: Path) -> None:
    """Forty stages, six trials of each; and the work to say so grows as the trials do."""
    config, store = compose(tiny_words), Store(str(tmp_path))
    model = variant_trial(study(), "ours", config, 0)
    record = RunRecord("ablation", "mine", (), (), (), ("EN",))

    def lines_of(planned: Plan) -> list[str]:
        return list(plan_lines(study(), planned, record, config, store, None))

    lines = lines_of(many_trials(model, 480))
    assert sum(" epochs, for " in line for line in lines) == 40
    assert "one0 stage1, 1 epochs, for t0, t1, t2, t3, t4, t5, 2 more" in "\n".join(lines)
    assert "  ... and 500 more" in lines
    plans = [many_trials(model, count) for count in (120, 480)]
    small, large = (calls_of(lambda each=each: lines_of(each)) for each in plans)
    assert large < 4.4 * small


def test_what_is_stored_is_not_planned_and_tells_what_more_seeds_could_resolve(
    tiny_words: list[str], stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["ours", "swap_fusion", f"storage={stored}", *tiny_words]
    out = _plan(capsys, *rows, "--seeds", "2")
    assert "9 measured already, 0 to do\n6 stages: 2 shared, 0 to train\n" in out
    assert "time:" not in out
    effects = {}
    for seeds in ("3", "5"):
        out = _plan(capsys, *rows, "--seeds", seeds)
        line = next(line for line in out.splitlines() if line.startswith("smallest"))
        assert line.startswith(
            f"smallest difference to ours that {seeds} seeds would more likely than not resolve: EN "
        )
        effects[seeds] = float(line.split("EN ")[1].split(",")[0])
    assert 0 < effects["5"] < effects["3"]
    assert "9 stages as long as such stages took before" in out


def test_without_two_measured_seeds_it_is_unknown_what_more_could_resolve(
    tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = _plan(capsys, "ours", "swap_fusion", "--seeds", "3", f"storage={tmp_path}", *tiny_words)
    assert "unknown until ours and another row are measured under two seeds" in out


def test_until_the_storage_knows_a_plan_goes_by_what_the_presets_trainings_varied_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for words in ("--seeds 8", "--seeds 30", "--seeds 6,8"):
        out = _plan(capsys, "--all", *words.split(), "preset=quick", f"storage={tmp_path}")
        line = next(line for line in out.splitlines() if line.startswith("smallest difference to ours that "))
        assert line.endswith(" (as 64 trainings of preset quick varied)")
        found[words] = float(line.split("VIF ")[1].split(",")[0])
    assert 0 < found["--seeds 30"] < found["--seeds 8"] < found["--seeds 6,8"]


def test_what_is_known_of_a_preset_is_not_said_of_another_recipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = _plan(capsys, "--all", "preset=quick", f"storage={tmp_path}", "train.batch=2")
    assert "under two seeds (preset quick's own are known, but not with another train.batch)\n" in out


def test_a_base_that_the_preset_has_not_trained_is_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = tmp_path / "mine.yaml"
    suite.write_text("base: mine\nrows:\n  mine: {title: A}\n  other: {title: B, changes: {fuse.swap: true}}\n")
    out = _plan(capsys, "--all", "--suite", str(suite), "preset=quick", f"storage={tmp_path}")
    assert "unknown until mine and another row are measured under two seeds\n" in out


def test_what_the_storage_knows_comes_first(
    tiny_words: list[str], stored: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.experiment.planning.pilot.pilot_of", lambda *given: pytest.fail("it was looked for"))
    out = _plan(capsys, "ours", "swap_fusion", "--seeds", "3", f"storage={stored}", *tiny_words)
    assert "smallest difference to ours that 3 seeds" in out
    assert "trainings of preset" not in out


def test_one_seed_resolves_nothing(tiny_words: list[str], stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = _plan(capsys, "ours", "swap_fusion", "--seeds", "1", f"storage={stored}", *tiny_words)
    assert "fewer than 3 seeds resolve nothing, give --seeds 3 or more" in out


def test_more_cores_than_the_machine_has_are_one_line(
    tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ablate(["ours", "--plan", "cluster.cpus=4000", f"storage={tmp_path}", *tiny_words]) == 2
    assert "give a smaller cluster.cpus" in capsys.readouterr().err
