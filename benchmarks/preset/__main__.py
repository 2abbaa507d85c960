"""What recipes for the preset quick cost, how calm their trainings are, and what a table of them can resolve.

    python -m benchmarks.preset ours CANDIDATE... [--first 1000] [--seeds 6]
    python -m benchmarks.preset table CANDIDATE [--first 2025 3025 4025] [--seeds 8]

Unit: CPU seconds of one process with one thread, so that what else the machine does counts little. `ours` trains the
row "Ours" alone: a recipe is chosen by how far its trainings lie apart and by what they cost, and by no other row.
`table` trains all rows of Table 5 on disjoint sets of seeds, for the recipe that was chosen. What is trained stays in
`--storage`, and the same command goes on; the result file gathers what all commands found.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from assay.evidence.statistics.budget import smallest_effect
from assay.evidence.statistics.correction import first_alpha
from assay.evidence.statistics.differences import differences
from assay.evidence.statistics.variance import Crossed, crossed, stacked
from assay.experiment.execution import execute_trial, train_trial
from assay.experiment.suite import Suite, load_suite
from assay.experiment.trial import Trial, baseline_trial, trials_of
from assay.store.store import TRIALS, Store
from benchmarks.preset.candidates import CANDIDATES, words_of
from benchmarks.preset.table import sets_apart, table_of
from benchmarks.result import RESULTS, write_result
from smfnet.config.metrics import TABLE5
from smfnet.config.metrics.margins import MARGINS
from smfnet.config.root import Config
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder
from smfnet.study import study

__all__ = ["SEEDS", "Bench", "resolved"]

COMPARED = 7  # rows of Table 5 beside "Ours"
SEEDS = (3, 4, 5, 6, 8)  # for which it is said what they could resolve


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    found = _earlier(options.output)
    bench = Bench(Store(str(options.storage)), found, options.output)
    for name in options.candidates:
        if options.what == "ours":
            bench.ours(name, range(options.first[0], options.first[0] + options.seeds))
        else:
            for count in range(1, len(options.first) + 1):
                bench.tables(name, options.first[:count], options.seeds)
                bench.write()
        print(f"written: {bench.write()}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preset", description=str(__doc__).partition("\n")[0])
    parser.add_argument("what", choices=("ours", "table"))
    parser.add_argument("candidates", nargs="+", choices=sorted(CANDIDATES), metavar="CANDIDATE")
    help_of_first = "the first seed (1000); of a table one for each set of seeds"
    parser.add_argument("--first", type=int, nargs="+", default=[1000], metavar="SEED", help=help_of_first)
    parser.add_argument("--seeds", type=int, default=6, metavar="N", help="of a row, in each set (6)")
    parser.add_argument("--storage", type=Path, default=Path("runs/preset"), help="default: runs/preset")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/preset.json")
    return parser


def _earlier(output: Path | None) -> dict[str, Any]:
    """What the result file has already."""
    path = output or RESULTS / "preset.json"
    if not path.exists():
        return {"candidates": {}, "tables": {}}
    measured: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["measured"]
    return measured


class Bench:
    """Trains, and writes down what came out.

    Args:
        store: keeps what is trained.
        found: what is known already; grows.
        output: result file; the default place if None.
    """

    def __init__(self, store: Store, found: dict[str, Any], output: Path | None) -> None:
        self.store, self.found, self.output = store, found, output

    def write(self) -> Path:
        """All that is known, whole or not at all."""
        return write_result("preset", self.found, self.output)

    def ours(self, name: str, seeds: Sequence[int]) -> None:
        """The row "Ours" under some seeds."""
        config, suite = _composed(name, seeds[0])
        about = self._about(name)
        for trial in trials_of(study(), config, suite.pick(["ours"]), len(seeds)):
            self._carried_out(trial, about)
        cubes = _cubes([self.results(trial) for trial in trials_of(study(), config, suite.pick(["ours"]), len(seeds))])
        free = {rule: self._rule(rule, config) for rule in suite.baselines}
        about["cpu_s"] = _median(about["trials"])
        about["first"], about["seeds"] = seeds[0], len(seeds)
        about["metrics"] = {metric: _told(cubes[metric], metric, free) for metric in TABLE5}
        about["resolved"] = {str(count): resolved(cubes, count) for count in SEEDS}
        for metric, told in about["metrics"].items():
            print(f"{name}: {metric} {told['mean']:.3f} +- {told['seed_sd']:.3f}")

    def tables(self, name: str, firsts: Sequence[int], seeds: int) -> None:
        """All rows, on sets of seeds that begin with `firsts`."""
        tables = {str(first): self._table(name, first, seeds) for first in firsts}
        self.found["tables"][name] = {"seeds": seeds, "sets": tables, "together": sets_apart(tables)}
        for first, table in tables.items():
            print(f"{name}, seeds {first} to {int(first) + seeds - 1}: {table['decided']} of {table['cells']} decided")

    def _table(self, name: str, first: int, seeds: int) -> dict[str, Any]:
        config, suite = _composed(name, first)
        about = self._about(name)
        trials = trials_of(study(), config, suite.default, seeds)
        for trial in trials:
            self._carried_out(trial, about)
        free = {rule: self._rule_rows(rule, config) for rule in suite.baselines}
        return table_of(suite, [(trial.row, trial.seed, self.results(trial)) for trial in trials], free)

    def _about(self, name: str) -> dict[str, Any]:
        words = list(CANDIDATES[name])
        about: dict[str, Any] = self.found["candidates"].setdefault(name, {"words": words, "trials": {}})
        if about["words"] != words:
            about.clear()
            about.update({"words": words, "trials": {}})
        return about

    def _carried_out(self, trial: Trial, about: dict[str, Any]) -> None:
        """Train and measure; CPU seconds of a trial that is stored already are those of the first time."""
        if self.store.find(TRIALS, trial.fingerprint) is not None:
            return
        began, wall = time.process_time(), time.monotonic()
        train_trial(study(), trial, self.store)
        trained = time.process_time()
        execute_trial(study(), trial, self.store)
        ended = time.process_time()
        about["trials"][trial.id] = [round(trained - began, 2), round(ended - trained, 2)]
        self.write()
        print(f"{trial.id}: {ended - began:.1f} s of CPU in {time.monotonic() - wall:.0f} s", flush=True)

    def results(self, trial: Trial) -> pd.DataFrame:
        """Of a trial that is stored: image, metric, value."""
        entry = self.store.find(TRIALS, trial.fingerprint)
        data = self.store.read(entry, "results.parquet") if entry else None
        assert data is not None
        return pd.read_parquet(io.BytesIO(data))

    def _rule_rows(self, rule: str, config: Config) -> pd.DataFrame:
        trial = baseline_trial(study(), rule, config)
        execute_trial(study(), trial, self.store)
        return self.results(trial)

    def _rule(self, rule: str, config: Config) -> Mapping[str, float]:
        means = self._rule_rows(rule, config).groupby("metric")["value"].mean()
        return {str(metric): float(value) for metric, value in means.items()}


def _composed(name: str, seed: int) -> tuple[Config, Suite]:
    config = compose([*words_of(name), f"seed={seed}", "train.device=cpu", "train.threads=1"])
    return config, load_suite("table5", ablations_folder())


def _median(trials: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """CPU seconds of the row "Ours": of training, of measuring with the proof, and of both."""
    times = np.array([each for name, each in trials.items() if name.startswith("ours-")])
    training, measuring = np.median(times, axis=0)
    return {"training": float(training), "measuring": float(measuring), "trial": float(np.median(times.sum(1)))}


def _cubes(results: Sequence[pd.DataFrame]) -> dict[str, np.ndarray]:
    """Metric -> seeds x images."""
    wide = [found.pivot_table(index="image", columns="metric", values="value") for found in results]
    return {metric: np.stack([each[metric].to_numpy() for each in wide]) for metric in TABLE5}


def _told(cube: np.ndarray, metric: str, free: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    means = cube.mean(1)
    return {
        "mean": float(means.mean()),
        "seed_sd": float(means.std(ddof=1)),
        "of_seeds": [round(float(each), 4) for each in means],
        "less": {rule: float(means.mean() - values[metric]) for rule, values in free.items()},
    }


def resolved(cubes: Mapping[str, np.ndarray], seeds: int) -> dict[str, dict[str, float]]:
    """The smallest difference that a table of eight rows like "Ours" would more likely than not resolve; the margin.

    Args:
        cubes: metric -> values of trainings that differ in the seed alone, seeds x images.
        seeds: of each row of the table.
    """
    alpha = first_alpha(COMPARED * len(cubes), seeds, margins=True)
    told = {}
    for metric, cube in cubes.items():
        effect = smallest_effect(differences(*_alike(cube, seeds)), seeds, alpha)
        told[metric] = {"smallest": float(effect[0, 0]), "margin": MARGINS[metric]}
    return told


def _alike(cube: np.ndarray, seeds: int) -> tuple[Crossed, np.ndarray, np.ndarray]:
    """Rows that are "Ours" under other seeds, as differences to it: twice its variance, and no part of the images'."""
    one = crossed(cube)
    table = Crossed(0 * one.mean, 2 * one.seeds, 0 * one.images, 2 * one.rest, 0 * one.skewness, np.array(seeds), 50)
    rows = stacked([table] * COMPARED)
    own = np.full((1, COMPARED), float(one.seeds))
    shaped = {name: np.asarray(getattr(rows, name))[None] for name in ("mean", "seeds", "images", "rest", "skewness")}
    return Crossed(**shaped, n_seeds=rows.n_seeds[None], n_images=cube.shape[1]), own, own[:, 0]


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
