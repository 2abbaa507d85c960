"""Time of `python -m analysis.table5` on a large run, from the start of Python to its end.

    python -m benchmarks.table5

The run is made up: 11 trained rows under 10 seeds and 5 training-free rows, 50 images, all 11 metrics.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from assay.experiment.suite import load_suite
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from benchmarks.result import write_result
from benchmarks.timing import timed
from smfnet.config.metrics import METRICS
from smfnet.folders import ablations_folder
from smfnet.fusion.titles import TITLES

ROWS, SEEDS, IMAGES, LIMIT_S = 11, 10, 50, 5.0


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = _made_up_run(Path(folder))
        command = [sys.executable, "-m", "analysis.table5", str(run.folder)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        work = {"table5": lambda: subprocess.run(command, check=True, capture_output=True)}
        timing = timed(work, options.repeats)["table5"]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    runs = options.repeats + 1
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / runs
    size = {"trained_rows": ROWS, "seeds": SEEDS, "images": IMAGES, "metrics": len(METRICS)}
    measured = {**size, "wall": timing.summary(), "cpu_s": cpu, "limit_s": LIMIT_S}
    print(
        f"{ROWS} rows x {SEEDS} seeds x {IMAGES} images: {timing.median:.2f} s, {cpu:.2f} s of CPU; limit {LIMIT_S} s"
    )
    print(f"written: {write_result('table5', measured, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.table5", description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="how often, after one warm-up round (7)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/table5.json")
    return parser


def _made_up_run(folder: Path) -> RunFolder:
    run, rng = RunFolder(folder), np.random.default_rng(0)
    rows = [RowRecord(v.name, v.title, v.published) for v in load_suite("table5", ablations_folder()).variants[:ROWS]]
    free = [RowRecord(rule, title, baseline=True) for rule, title in TITLES.items()]
    images = rng.normal(size=(len(METRICS), IMAGES))
    trials = [
        TrialRecord(f"{row.name}-seed{seed}", row.name, seed, "finished") for row in rows for seed in range(SEEDS)
    ]
    for trial_id, row, seed in [(t.id, t.row, t.seed) for t in trials] + [(r.name, r.name, -1) for r in free]:
        values = images + 0.1 * rng.normal(size=(len(METRICS), 1)) + 0.1 * rng.normal(size=images.shape)
        run.write_results(
            trial_id,
            (
                (row, seed, f"{image:03d}", metric, float(values[number, image]))
                for number, metric in enumerate(METRICS)
                for image in range(IMAGES)
            ),
        )
    run.write_record(
        RunRecord("ablation", "table5", (), (*rows, *free), tuple(trials), ("EN", "SD", "VIF", "SSIM"), "ours")
    )
    return run


if __name__ == "__main__":
    main()
