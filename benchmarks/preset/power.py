"""How many cells of Table 5 more seeds would decide, by tables simulated from those that were trained.

    python -m benchmarks.preset.power [--first 2025] [--seeds 5]

Rows differ as they did on the seeds that were trained, and their trainings scatter and go together as those did: seeds
are drawn from a normal distribution with the covariance between rows that these seeds have, images stay, and what is
left is drawn seed by seed. Five seeds know that covariance badly; the counts are a guide.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.evidence.statistics.correction import ALPHA, corrected
from assay.evidence.statistics.differences import differences
from assay.evidence.statistics.interval import equivalence_p_values, p_values
from assay.evidence.statistics.variance import Crossed, crossed, stacked
from assay.experiment.suite import load_suite
from assay.experiment.trial import trials_of
from assay.store.store import Store
from benchmarks.preset.__main__ import Bench
from benchmarks.preset.candidates import CHOSEN, words_of
from benchmarks.result import RESULTS, write_result
from smfnet.config.metrics import TABLE5
from smfnet.config.metrics.margins import MARGINS
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder
from smfnet.study import study

Array = NDArray[np.float64]
SEEDS, TABLES = (3, 4, 5, 6, 8, 10, 12), 200


def main() -> None:
    """Simulate, print and write the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preset.power", description=str(__doc__).split("\n")[0])
    parser.add_argument("--first", type=int, default=2025, metavar="SEED", help="the first that was trained (2025)")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="that were trained (5)")
    parser.add_argument("--storage", type=Path, default=Path("runs/preset"), help="default: runs/preset")
    options = parser.parse_args()
    cubes = _cubes(Store(str(options.storage)), options.first, options.seeds)
    counts = {str(count): _counts(cubes, count) for count in SEEDS}
    for count, told in counts.items():
        print(f"{count} seeds: {told}")
    measured = {"recipe": CHOSEN, "tables": TABLES, "seeds": counts}
    print(f"written: {write_result('preset.power', measured, RESULTS / 'preset_power.json')}")


def _cubes(store: Store, first: int, seeds: int) -> Mapping[str, Array]:
    """Metric -> rows x seeds x images, the base last."""
    suite = load_suite("table5", ablations_folder())
    config = compose([*words_of(CHOSEN), f"seed={first}", "train.device=cpu", "train.threads=1"])
    bench, rows = Bench(store, {}, None), [row.name for row in suite.default if row.name != suite.base]
    found = {
        (trial.row, trial.seed): bench.results(trial) for trial in trials_of(study(), config, suite.default, seeds)
    }
    wide = {key: table.pivot_table(index="image", columns="metric", values="value") for key, table in found.items()}
    numbers = range(first, first + seeds)
    return {
        metric: np.array([[wide[row, seed][metric] for seed in numbers] for row in (*rows, suite.base)])
        for metric in TABLE5
    }


def _counts(cubes: Mapping[str, Array], seeds: int) -> dict[str, float]:
    """Decided cells of simulated tables: mean, 10th and 90th percentile, and how many are called equivalent."""
    rng = np.random.default_rng(0)
    words = [_decided(_drawn(cubes, seeds, rng)) for _ in range(TABLES)]
    decided = np.array([(different | equal).sum() for different, equal in words])
    low, high = np.percentile(decided, [10, 90])
    equivalent = np.mean([equal.sum() for _, equal in words])
    return {"mean": float(decided.mean()), "low": float(low), "high": float(high), "equivalent": float(equivalent)}


def _drawn(cubes: Mapping[str, Array], seeds: int, rng: np.random.Generator) -> dict[str, Array]:
    drawn = {}
    for metric, cube in cubes.items():
        trained = cube.shape[1]
        of_images = cube.mean(1, keepdims=True)
        of_seeds = (cube - of_images).mean(2)
        rest = (cube - of_images - of_seeds[..., None]) * np.sqrt(trained / (trained - 1))
        scattered = of_seeds @ rng.normal(size=(trained, seeds)) / np.sqrt(trained - 1)
        drawn[metric] = of_images + scattered[..., None] + rest[:, rng.integers(trained, size=seeds)]
    return drawn


def _decided(cubes: Mapping[str, Array]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells are called different, and which equivalent."""
    tables = [stacked([crossed(row - cube[-1]) for row in cube[:-1]]) for cube in cubes.values()]
    names = ("mean", "seeds", "images", "rest", "skewness", "n_seeds")
    together = {name: np.stack([getattr(table, name) for table in tables]) for name in names}
    own = np.array([[crossed(row).seeds for row in cube] for cube in cubes.values()])
    found = differences(Crossed(**together, n_images=tables[0].n_images), own[:, :-1], own[:, -1])
    margins = np.array([[MARGINS[metric]] for metric in cubes]) + 0 * found.mean
    p, p_equal = p_values(found.mean, found.spread()), equivalence_p_values(found.mean, found.spread(), margins)
    p, p_equal = corrected(p.ravel(), p_equal.ravel(), int(found.tables.n_seeds.max()))
    return p < ALPHA, p_equal < ALPHA


if __name__ == "__main__":
    main()
