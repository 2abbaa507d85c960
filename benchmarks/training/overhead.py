"""What the platform costs over a bare training loop, on the longest trial of preset quick; start-up told apart.

    python -m benchmarks.training.overhead [--repeats 5] [--row ours]

Unit: wall seconds of one trial, from its training images to the metrics of the test images. The bare loop is thirty
lines of PyTorch in a process of its own: no store, no checkpoints, no reports, no Ray. The platform's number is that of
the worker, which the command `ablate` started; what the command takes before and after is its start-up. The proof of a
trial (gradient shares, effects of branches) is a result that the bare loop does not have, and takes the same time
however long the training: the overhead is given without and with it. Both have one thread and take turns, and have to
come to the same metrics, digit for digit.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from assay.config.changes import apply
from assay.experiment.suite import Variant, load_suite
from assay.store.run.folder import RunFolder
from assay.training.term import total
from benchmarks.result import write_result
from benchmarks.timing import Timing
from smfnet.config.root import Config
from smfnet.config.schema import compose
from smfnet.data import Patches, batches, patches, test_pairs, training_pairs
from smfnet.folders import ablations_folder
from smfnet.fusion.measuring import patches_proof
from smfnet.fusion.test_step import measure_pairs
from smfnet.model import SMFNet, build
from smfnet.training import Stage, stage_terms, stages_of
from smfnet.training.probe import probe
from smfnet.training.schedule import learning_rate

WORDS = ("preset=quick", "data=generated", "seeds=1", "train.device=cpu")


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    if options.bare:
        print(json.dumps(_bare(_config(options.bare))))
        return
    row = load_suite("table5", ablations_folder()).pick([options.row])[0] if options.row else _longest_row()
    print(f"{'row' if options.row else 'longest trial'}: {row.name}")
    runs = [(_platform(row), _bare_alone(row)) for _ in range(options.repeats + 1)][1:]  # the first warms up
    measured = _measured(row, runs)
    for name in ("platform", "bare", "proof", "start_up"):
        numbers = measured[name]
        print(
            f"{name:9} median {numbers['median_s']:.2f} s "
            f"(quartiles {numbers['first_quartile_s']:.2f} to {numbers['third_quartile_s']:.2f})"
        )
    print(
        f"overhead {measured['overhead']:.1%}, with the proof {measured['overhead_with_proof']:.1%}; "
        f"largest difference of a metric {measured['largest_difference']:g}"
    )
    print(f"written: {write_result('training.overhead', measured, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training.overhead", description=str(__doc__).partition("\n")[0]
    )
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="how often, after one warm-up round (5)")
    parser.add_argument("--row", metavar="ROW", help="default: the row of Table 5 that takes longest; most are near it")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/overhead.json")
    parser.add_argument("--bare", metavar="ROW", help="the bare loop alone, for one row")
    return parser


def _longest_row() -> Variant:
    """By a few steps of each stage of each row."""

    def seconds(variant: Variant) -> float:
        config = _config(variant.name)
        costs = [(stage, probe(stage, config.data.patch)) for stage in stages_of(config, seed=0)]
        return sum(cost.step_s * (stage.last_epoch - stage.first_epoch) for stage, cost in costs)

    return max(load_suite("table5", ablations_folder()).default, key=seconds)


def _config(row: str) -> Config:
    (variant,) = load_suite("table5", ablations_folder()).pick([row])
    return apply(compose(list(WORDS)), variant.changes)


def _measured(row: Variant, runs: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    platform, bare = (_timing([run[side] for run in runs]) for side in (0, 1))
    proof = _timing([{"seconds": theirs["proof_s"], "cpu_s": theirs["proof_s"]} for _, theirs in runs])
    start_up = _timing([ours | {"seconds": ours["command_s"] - ours["seconds"]} for ours, _ in runs])
    differences = [
        abs(value - theirs["metrics"][name]) for ours, theirs in runs for name, value in ours["metrics"].items()
    ]
    return {
        "row": row.name,
        "platform": platform.summary(),
        "bare": bare.summary(),
        "proof": proof.summary(),
        "start_up": start_up.summary(),
        "overhead": (platform.median - proof.median) / bare.median - 1,
        "overhead_with_proof": platform.median / bare.median - 1,
        "largest_difference": max(differences),
    }


def _timing(each: list[dict[str, Any]]) -> Timing:
    """Processor time is that of the whole command, start-up and all."""
    return Timing(tuple(run["seconds"] for run in each), tuple(run["cpu_s"] for run in each))


def _run(command: list[str], folder: Path) -> tuple[str, float, float]:
    """What a command printed, its wall time, and the processor time of all its processes."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, check=True, capture_output=True, text=True)
    after, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    return done.stdout, wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _platform(row: Variant) -> dict[str, Any]:
    """The command with this row alone, on an empty store."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        suite = {"base": row.name, "rows": {row.name: {"changes": dict(row.changes)}}}
        (folder / "suite.yaml").write_text(json.dumps(suite), encoding="utf-8")
        words = ["--all", "--suite", "suite.yaml", *WORDS, "storage=store", "--output", "run"]
        _, wall_s, cpu_s = _run(["smfnet.cli.main", "ablate", *words], folder)
        run = RunFolder(folder / "run")
        metrics = {f"{line.image} {line.metric}": line.value for line in run.results().itertuples()}
        seconds = run.record.trials[0].seconds
        return {"seconds": seconds, "command_s": wall_s, "cpu_s": cpu_s, "metrics": metrics}


def _bare_alone(row: Variant) -> dict[str, Any]:
    printed, _, cpu_s = _run(["benchmarks.training.overhead", "--bare", row.name], Path(__file__).parents[2])
    result: dict[str, Any] = json.loads(printed)
    return result | {"cpu_s": cpu_s}


def _bare(config: Config) -> dict[str, Any]:
    """What a script would do."""
    import_module("torch._dynamo")  # start-up, here as there: the first step of an optimiser loads it
    began = time.perf_counter()
    torch.set_num_threads(config.train.threads)
    images = patches(training_pairs(config.data), config.data)
    network = _trained(config, images)
    measured = measure_pairs(test_pairs(config.data), network.eval().fuse, config.infer, torch.device("cpu"))
    metrics = {f"{each.name} {name}": value for each in measured for name, value in each.values.items()}
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    patches_proof(stages_of(config, config.seed), network, images, torch.device("cpu"))
    return {"seconds": seconds, "proof_s": time.perf_counter() - began, "metrics": metrics}


def _trained(config: Config, images: Patches) -> SMFNet:
    network = build(config.model, seed=config.seed).train()
    parts = network.parts()
    adam = torch.optim.Adam([{"params": list(p.parameters()), "name": n} for n, p in parts.items()], fused=True)
    for stage in stages_of(config, config.seed):
        for epoch in range(stage.first_epoch, stage.last_epoch):
            for group in adam.param_groups:
                group["lr"] = learning_rate(config.optim, config.sched, group["name"], epoch, stage.first_epoch)
            for ir, vi in batches(images, config.train.batch, config.seed, epoch, steps=config.train.steps_per_epoch):
                _step(stage, network, adam, ir, vi)
    return network


def _step(stage: Stage, network: SMFNet, adam: torch.optim.Adam, ir: torch.Tensor, vi: torch.Tensor) -> None:
    adam.zero_grad()
    total(stage_terms(stage, network, ir, vi)).backward()
    for part in network.parts().values():
        torch.nn.utils.clip_grad_norm_(part.parameters(), stage.config.optim.clip_norm)
    adam.step()


if __name__ == "__main__":
    main()
