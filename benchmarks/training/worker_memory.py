"""What a worker's memory does over ten trials, with one malloc arena as the platform asks for and with glibc's default.

    python -m benchmarks.training.worker_memory [--rounds 2]

Units: MiB of resident memory after each trial; wall and processor seconds of a trial. Each trial trains and measures
row `ours` of preset quick for a few steps under another seed; one Ray worker does them one after the other, as in a run
with one core. A trial has a thread of its own, and glibc gives a new thread an arena that it keeps when the thread has
ended. The two sides take turns, each round in a new worker; a round's first trial warms up, and is left out of the
times.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.result import write_result
from benchmarks.timing import Timing
from smfnet.study import study

TRIALS = 10
WORDS = (
    *("preset=quick", "data=generated", f"seeds={TRIALS}", "train.device=cpu"),
    *("train.epochs=2", "train.stage1_epochs=1", "train.steps_per_epoch=4"),
)
SIDES = {"one arena": "1", "glibc's default": "0"}


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    if options.worker:
        print(json.dumps(_in_one_worker()))
        return
    rounds = [{name: _round(arenas) for name, arenas in SIDES.items()} for _ in range(options.rounds)]
    measured = {name: _summary([each[name] for each in rounds]) for name in SIDES}
    for name, numbers in measured.items():
        after = ", ".join(f"{mib:.0f}" for mib in numbers["mib_after_each_trial"][0])
        print(f"{name}: {after} MiB; a trial {numbers['trial']['median_s']:.2f} s")
    print(f"written: {write_result('training.worker_memory', measured, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training.worker_memory", description=str(__doc__).partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="new workers on each side (2)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/worker_memory.json")
    parser.add_argument("--worker", action="store_true", help="one round, in this process's environment")
    return parser


def _round(arenas: str) -> list[dict[str, float]]:
    """What each trial of a new worker says."""
    command = [sys.executable, "-m", "benchmarks.training.worker_memory", "--worker"]
    environment = os.environ | {"MALLOC_ARENA_MAX": arenas, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    said: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return said


def _summary(rounds: list[list[dict[str, float]]]) -> dict[str, Any]:
    warm = [trial for each in rounds for trial in each[1:]]
    times = Timing(tuple(trial["seconds"] for trial in warm), tuple(trial["cpu_s"] for trial in warm))
    return {
        "mib_after_each_trial": [[round(trial["mib"], 1) for trial in each] for each in rounds],
        "growth_from_the_second_trial": [each[-1]["mib"] / each[1]["mib"] - 1 for each in rounds],
        "trial": times.summary(),
    }


def _in_one_worker() -> list[dict[str, float]]:
    from assay.cluster.pool import execute_trials
    from assay.cluster.session import session
    from assay.config.cluster import ClusterConfig
    from assay.experiment.suite import load_suite
    from assay.experiment.trial import trials_of
    from assay.launch.request.configuration import configuration

    config, _ = configuration(study(), WORDS)
    rows = load_suite("table5", study().suites).pick(["ours"])
    source = _Listed(list(trials_of(study(), config, rows, config.seeds)))
    with tempfile.TemporaryDirectory() as store, session(None, cpus=1, packages=study().packages):
        execute_trials(study(), source, store, ClusterConfig(), gpu=False, task=_measured)
    assert len({said["pid"] for said in source.said}) == 1
    return source.said


class _Listed:
    """A source of these trials."""

    def __init__(self, trials: list[Any]) -> None:
        self._trials = trials
        self.said: list[dict[str, float]] = []

    def next(self) -> Any:
        from assay.experiment.source import Finished

        return self._trials.pop(0) if self._trials else Finished

    def progressed(self, trial: Any, report: Mapping[str, Any]) -> Any:
        from assay.experiment.source import Stop

        return Stop.NO

    def printed(self, trial: Any, text: str) -> None:
        print(text)

    def finished(self, trial: Any, outcome: dict[str, float]) -> None:
        self.said.append(outcome)

    def failed(self, trial: Any, reason: str, traceback: str, again: bool = False) -> None:
        raise RuntimeError(traceback)


def _measured(study: Any, trial: Any, store: Any, report: Callable[[Mapping[str, Any]], None]) -> dict[str, float]:
    """What a worker does with a trial."""
    import time

    from assay.experiment.task import train_and_measure

    began, cpu_began = time.perf_counter(), time.process_time()
    train_and_measure(study, trial, store, report)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {"pid": os.getpid(), "mib": pages * os.sysconf("SC_PAGE_SIZE") / 2**20, "seconds": seconds, "cpu_s": cpu_s}


if __name__ == "__main__":
    main()
