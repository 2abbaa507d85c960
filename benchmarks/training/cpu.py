"""Seconds and memory of a training step on one CPU core, by switch and size, beside a plain eager loop in float32.

    python -m benchmarks.training.cpu [--sizes quick cpu full] [--repeats 3]

Every line is measured in a process of its own, which takes a few steps and forgets the first; lines take turns, so that
whatever else the machine does meets all of them alike. `quick` and `cpu` are steps of these presets, `full` is the
paper's width with two patches of 64 x 64. The plain loop is PyTorch alone around the same network, with a look at the
loss in every step; memory is the most that the process held.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import torch

from assay.config.changes import apply
from assay.training.memory import peak_memory
from benchmarks.result import write_result
from benchmarks.timing import Timing
from benchmarks.training.plain_loop import plain_loop
from smfnet.config.schema import compose
from smfnet.data import Patches
from smfnet.training import STAGE1, STAGE2, Stage
from smfnet.training.recipe import train_stage

__all__ = ["PLAIN", "SIZES", "SWITCHES", "main", "measured"]

SIZES: Mapping[str, Sequence[str]] = {
    "quick": ("preset=quick",),
    "cpu": ("preset=cpu", "data=generated"),
    "full": ("preset=paper", "data=generated", "data.patch=64", "train.batch=2"),
}
PLAIN = "plain eager float32"
SWITCHES: Mapping[str, Mapping[str, bool]] = {
    PLAIN: {},
    "float32": {},
    "bf16": {"train.bf16": True},
    "bf16, channels last": {"train.bf16": True, "train.channels_last": True},
    "bf16, recompute": {"train.bf16": True, "train.recompute": True},
}
WARM_UP, TIMED = 2, 4  # steps


def main(argv: list[str] | None = None) -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args(argv)
    if options.one:
        print(json.dumps(_one(*options.one)))
        return
    found: dict[str, Any] = {}
    for size in options.sizes:
        found[size] = {kind: _told(size, kind, measured(size, kind, options.repeats)) for kind in (STAGE1, STAGE2)}
    print(f"written: {write_result('training.cpu', found, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training.cpu", description=str(__doc__).partition("\n")[0]
    )
    parser.add_argument("--sizes", nargs="+", choices=sorted(SIZES), default=list(SIZES), help="default: all")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="processes of every line (3)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/cpu.json")
    parser.add_argument("--one", nargs=3, metavar=("SIZE", "STAGE", "SWITCH"), help=argparse.SUPPRESS)
    return parser


def measured(size: str, kind: str, repeats: int) -> dict[str, dict[str, Any]]:
    """Switch -> seconds and memory of a step; the switches in turn, `repeats` processes each."""
    each: dict[str, list[dict[str, Any]]] = {name: [] for name in SWITCHES}
    for _ in range(repeats):
        for name in SWITCHES:
            each[name].append(_apart(size, kind, name))
    return {name: _together(answers) for name, answers in each.items()}


def _apart(size: str, kind: str, name: str) -> dict[str, Any]:
    """`_one` in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.training.cpu", "--one", size, kind, name]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _together(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    wall, cpu = (tuple(chain.from_iterable(answer[key] for answer in answers)) for key in ("wall_s", "cpu_s"))
    peak = statistics.median(answer["peak_bytes"] for answer in answers)
    return Timing(wall, cpu).summary() | {"peak_bytes": peak, "loss": answers[0]["loss"]}


def _one(size: str, kind: str, name: str) -> dict[str, Any]:
    """Seconds of every step but the first ones, with one thread; the loss of the last one."""
    torch.set_num_threads(1)
    stage = _stage(size, kind, SWITCHES[name])
    marks, losses = [_now()], []

    def step(loss: float) -> None:
        marks.append(_now())
        losses.append(loss)

    patches = _made_up(stage, side=compose(SIZES[size]).data.patch)
    if name == PLAIN:
        plain_loop(stage, patches, step)
    else:
        train_stage(stage, patches, report=lambda progress: step(progress.loss))
    took = [tuple(late - early for early, late in zip(*pair, strict=True)) for pair in pairwise(marks)]
    wall, cpu = zip(*took[WARM_UP:], strict=True)
    return {"wall_s": wall, "cpu_s": cpu, "peak_bytes": peak_memory(torch.device("cpu")), "loss": losses[-1]}


def _stage(size: str, kind: str, switches: Mapping[str, bool]) -> Stage:
    config = compose(SIZES[size])
    own = {"train.device": "cpu", "train.epochs": 2, "train.stage1_epochs": 1, "train.steps_per_epoch": None}
    off = {"train.bf16": False, "train.channels_last": False, "train.recompute": False, "train.checkpoint_s": 1e9}
    return Stage(kind, apply(config, own | off | dict(switches)), seed=0)


def _made_up(stage: Stage, side: int) -> Patches:
    """Random patches for so many steps."""
    count = stage.config.train.batch * (WARM_UP + TIMED)
    images = torch.rand(2, count, 1, side, side, generator=torch.Generator().manual_seed(0))
    return Patches(images[0], images[1])


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _told(size: str, kind: str, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """With how many times faster than the plain loop each is, by processor time; printed."""
    for name, step in found.items():
        step["times_faster_than_plain"] = found[PLAIN]["median_cpu_s"] / step["median_cpu_s"]
        print(
            f"{size:6} {kind:7} {name:22} {step['median_cpu_s']:8.3f} s of a core, "
            f"{step['peak_bytes'] / 2**30:5.2f} GiB  x {step['times_faster_than_plain']:.2f}",
            flush=True,
        )
    return found


if __name__ == "__main__":
    main()
