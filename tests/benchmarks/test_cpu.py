"""`python -m benchmarks.training.cpu`: every switch of both stages is measured, in processes of their own, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.training import cpu
from smfnet.config.schema import compose


@pytest.mark.slow
def test_every_switch_is_measured_and_told_beside_the_plain_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    two = {name: cpu.SWITCHES[name] for name in (cpu.PLAIN, "bf16")}
    monkeypatch.setattr(cpu, "SWITCHES", two)
    cpu.main(["--sizes", "quick", "--repeats", "2", "--output", str(tmp_path / "cpu.json")])
    measured = json.loads((tmp_path / "cpu.json").read_text())["measured"]
    assert list(measured) == ["quick"]
    for steps in measured["quick"].values():
        assert list(steps) == list(two)
        assert steps[cpu.PLAIN]["times_faster_than_plain"] == 1
        for step in steps.values():
            assert step["repeats"] == 2 * cpu.TIMED
            assert step["peak_bytes"] > 2**27
        assert steps["bf16"]["loss"] != steps[cpu.PLAIN]["loss"]
    assert capsys.readouterr().out.count("s of a core") == 4


def test_the_loop_and_the_plain_one_do_the_same() -> None:
    """Same steps on the same patches: a difference of time is none of arithmetic."""
    plain, ours = (cpu._one("quick", "stage1", name)["loss"] for name in (cpu.PLAIN, "float32"))
    assert ours == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize(("size", "width", "bf16"), [("quick", 8, False), ("cpu", 32, True), ("full", 64, False)])
def test_sizes_are_those_of_the_presets(size: str, width: int, bf16: bool) -> None:
    config = compose(cpu.SIZES[size])
    assert (config.network.width, config.train.bf16) == (width, bf16)
