"""`python -m benchmarks.gpu` at a size that a CPU can do: everything is measured and written, nothing is judged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.training.state import State
from benchmarks.gpu import __main__ as command
from benchmarks.gpu import packing, steps
from benchmarks.gpu.ceilings import ceilings
from benchmarks.gpu.endings import endings
from benchmarks.gpu.repeats import repeats
from benchmarks.gpu.size import SMALL
from smfnet.training import Stage, recipe

TWO = {"float32": {}, "float32, channels last": {"train.channels_last": True}}


@pytest.fixture(autouse=True)
def small_and_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(steps, "SWITCHES", TWO)


@pytest.mark.slow
def test_every_part_is_in_the_result_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--small", "--output", str(tmp_path / "gpu.json")])
    measured = json.loads((tmp_path / "gpu.json").read_text())["measured"]
    parts = set(command.PARTS)
    assert measured.keys() == parts | {"device", "size", "took_s"}
    assert measured["took_s"].keys() == parts
    for kind in ("stage1", "stage2"):
        assert list(measured[kind]) == [steps.PLAIN, steps.DEFAULTS, *TWO]
        assert all(step["repeats"] == SMALL.steps and step["median_s"] > 0 for step in measured[kind].values())
        assert measured[kind][steps.PLAIN]["times_faster_than_plain"] == 1
    for by_count in measured["processes"].values():
        assert list(by_count) == ["1", "2"]
        assert all(answer["steps_per_s"] > 0 for answer in by_count.values())
    assert "written: " in capsys.readouterr().out


def test_parts_can_be_chosen(tmp_path: Path) -> None:
    command.main(["--small", "--only", "ceilings", "--output", str(tmp_path / "gpu.json")])
    assert json.loads((tmp_path / "gpu.json").read_text())["measured"]["took_s"].keys() == {"ceilings"}


def test_at_full_size_a_gpu_is_needed(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no GPU here.*--small"):
        command.main(["--output", str(tmp_path / "gpu.json")])
    assert not list(tmp_path.iterdir())


def test_a_switch_that_fails_is_a_result_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    real = steps._looped

    def looped(stage, *others):  # type: ignore[no-untyped-def]
        if stage.config.train.channels_last:
            raise RuntimeError("CUDA error: operation not permitted\nand a long explanation")
        return real(stage, *others)

    monkeypatch.setattr(steps, "_looped", looped)
    measured = dict(steps.measured_steps(SMALL, "stage2", "cpu"))
    assert measured["float32, channels last"] == {"failed": "RuntimeError: CUDA error: operation not permitted"}
    assert measured["float32"]["median_s"] > 0


def test_arithmetic_is_three_times_that_of_the_way_forward() -> None:
    """So counted, whatever the switch; at full size the reference has 157 GFLOP for a pair and way."""
    measured = dict(steps.measured_steps(SMALL, "stage2", "cpu"))
    work = [step["tflops"] * step["median_s"] for step in measured.values()]
    assert work == pytest.approx([work[0]] * len(work))


@pytest.mark.slow
def test_processes_that_fail_say_so() -> None:
    answers = packing.packed(SMALL, {"wrong": {"train.nothing": True}, "right": {}}, (1, 2), "cpu")
    assert all("train.nothing" in answer["failed"] for answer in answers["wrong"].values())
    assert all(answer["steps_per_s"] > 0 for answer in answers["right"].values())


def test_a_slow_switch_is_timed_for_some_seconds_only() -> None:
    slow = replace(SMALL, steps=1000, seconds=0.0)
    for _, step in steps.measured_steps(slow, "stage2", "cpu"):
        assert step["repeats"] == steps.LEAST
        break


def test_endings_have_a_loss_for_every_seed() -> None:
    ended = endings(SMALL, TWO, "cpu")
    assert ended.keys() == TWO.keys()
    for each in ended.values():
        assert len(set(each["losses"])) == SMALL.short_seeds
    plain, last = (each["losses"] for each in ended.values())
    assert last == pytest.approx(plain, rel=0.05)


def test_ceilings_leave_the_precision_as_it_was() -> None:
    before = torch.backends.cuda.matmul.allow_tf32
    assert all(rate > 0 for rate in ceilings(64, torch.device("cpu")).values())
    assert torch.backends.cuda.matmul.allow_tf32 == before


def test_on_a_cpu_a_training_repeats_to_the_bit_in_any_order() -> None:
    measured = repeats(SMALL, "stage2", {"train.bf16": True}, "cpu")
    for order in ("fixed", "free"):
        assert measured[order]["same_bits"]
        assert measured[order]["largest_difference"] == 0
        assert measured[order]["step_s"] > 0
    assert measured["warnings"] == []


def test_a_training_that_does_not_repeat_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real, seeds = recipe.train_stage, iter(range(4))

    def other(stage: Stage, *others: Any, **named: Any) -> State:
        return real(replace(stage, seed=next(seeds)), *others, **named)

    monkeypatch.setattr(recipe, "train_stage", other)
    fixed = repeats(SMALL, "stage1", {}, "cpu")["fixed"]
    assert not fixed["same_bits"]
    assert fixed["largest_difference"] > 0
