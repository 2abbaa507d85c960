"""What the driver of a run costs as trials and workers become many: processor time, by part.

    python -m benchmarks.scale trials     a run of 200 to 2,000 trials: milliseconds a trial
    python -m benchmarks.scale workers    8 to 2,000 workers at work: share of the driver's time
    python -m benchmarks.scale ray        the same with a Ray that runs: its calls, and 2,000 trials on two workers
    python -m benchmarks.scale planning   `--plan` of 200 to 2,000 trials, and the report of a large run: seconds
    python -m benchmarks.scale search     asking for a trial and telling how it ended, up to 2,000: milliseconds
    python -m benchmarks.scale figure     the figures of scale.md, of the results

Unit: processor seconds of the driver's process. Trials are the rows of Table 5 under many seeds; nothing is trained: a
fake worker stores results of the usual size. But for `ray` there are no workers either: Tune's driver code runs as it
is, in one process, over a stand-in for Ray's calls that keeps the workers' time (`crew.py`), and what these calls take
is measured apart. Each result is a file of its own, `results/scale_PART.json`; `scale.md` says what they mean.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.result import RESULTS, write_result
from smfnet.study import study

SIZES, WORKERS = (200, 500, 1000, 2000), (8, 50, 100, 200, 500, 1000, 2000)
TRIAL_S, WINDOW_S = 300.0, 60.0
REPORT = (25, 10, 361)  # rows, seeds, images
Measure = Callable[[argparse.Namespace], Mapping[str, Any]]


def main(argv: list[str] | None = None) -> None:
    """Measure a part, print and write the result."""
    options = _parser().parse_args(argv)
    if options.part == "figure":
        from benchmarks.scale.figure import write_figures

        print("written: " + ", ".join(map(str, write_figures())))
        return
    output = options.output or RESULTS / f"scale_{options.part}.json"
    print(f"written: {write_result('scale', PARTS[options.part](options), output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=str(__doc__).partition("\n")[0])
    parser.add_argument("part", choices=[*PARTS, "figure"])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="numbers of trials")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each number of trials is run (3)")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS, metavar="N", help="numbers of workers")
    parser.add_argument("--window", type=float, default=WINDOW_S, metavar="S", help="how long workers are watched (60)")
    parser.add_argument("--pause", type=float, metavar="S", help="between two reports of a worker (default: as it is)")
    parser.add_argument("--report", type=int, nargs=3, default=REPORT, metavar=("ROWS", "SEEDS", "IMAGES"))
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/scale_PART.json")
    return parser


def _trials(options: argparse.Namespace) -> Mapping[str, Any]:
    """As many trials as there are, one after the other on 16 workers that report their ends alone.

    The sizes take turns, forth and back, so that whatever else the machine does meets all of them; of each its middle
    round is told, with what all of them came to.
    """
    _run(16)  # warms up
    rounds: dict[int, list[dict[str, Any]]] = {count: [] for count in options.sizes}
    for number in range(options.rounds):
        for count in options.sizes if number % 2 == 0 else reversed(options.sizes):
            rounds[count].append(_run(count))
            print(f"{count} trials: {rounds[count][-1]}", flush=True)
    return {str(count): _middle_round(found) for count, found in rounds.items()}


def _run(count: int) -> dict[str, Any]:
    from benchmarks.scale.driver import Load, drive

    with tempfile.TemporaryDirectory() as folder:
        spent = drive(Load(count, 16, 10.0), Path(folder))
    redraw = spent.cpu_s.pop("display") / spent.calls["display"]
    parts = {name: 1000 * seconds / count for name, seconds in spent.cpu_s.items()}
    return {
        "ms_a_trial": sum(parts.values()),
        "ms_a_trial_by_part": parts,
        "ms_of_the_last_100": _last(spent.marks),
        "ms_a_redraw": 1000 * redraw,
        "writes_of_run_json": spent.writes,
    }


def _middle_round(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    took = [each["ms_a_trial"] for each in rounds]
    middle = sorted(rounds, key=lambda each: each["ms_a_trial"])[len(rounds) // 2]
    return {**middle, "ms_a_trial_of_each_round": took}


def _last(marks: list[float]) -> float:
    """Milliseconds of each of the last hundred trials, or of so many as there are."""
    count = min(100, len(marks) - 1)
    return 1000 * (marks[-1] - marks[-1 - count]) / count


def _workers(options: argparse.Namespace) -> Mapping[str, Any]:
    """A minute, or `--window`, of so many workers, each with trials of five minutes."""
    from assay.experiment.task import pause_between_reports
    from benchmarks.scale.driver import Load, drive

    found = {}
    for workers in options.workers:
        pause_s = options.pause or pause_between_reports(workers)
        trials = workers + round(1.5 * workers * options.window / TRIAL_S) + 10
        with tempfile.TemporaryDirectory() as folder:
            spent = drive(Load(trials, workers, TRIAL_S, pause_s, options.window), Path(folder))
        shares = {name: seconds / spent.seconds for name, seconds in spent.cpu_s.items()}
        a_second = {name: count / spent.seconds for name, count in spent.calls.items()}
        found[str(workers)] = {"pause_s": pause_s, "shares": shares, "a_second": a_second}
        print(f"{workers} workers: {sum(shares.values()):.1%} of the driver's time without Ray's calls, {shares}")
    return found


def _ray(options: argparse.Namespace) -> Mapping[str, Any]:
    from assay.cluster.session import session
    from benchmarks.scale.with_ray import call_costs, real_run

    with session(None, cpus=2, packages=study().packages), tempfile.TemporaryDirectory() as folder:
        run = real_run(max(options.sizes), Path(folder))
        costs = call_costs(options.workers)
    print(f"calls: {costs}")
    marks = run.pop("marks")
    windows = {str(size): _last(marks[:size]) for size in options.sizes if size <= len(marks)}
    print(f"{len(marks)} trials in {run['wall_s']:.0f} s; milliseconds of the last 100 before each size: {windows}")
    return {"calls": costs, "run": {**run, "trials": len(marks), "ms_of_the_last_100_before": windows}}


def _planning(options: argparse.Namespace) -> Mapping[str, Any]:
    from benchmarks.scale.planning import planning, reporting

    with tempfile.TemporaryDirectory() as folder:
        planning(8, Path(folder) / "warm-up")
        plans = {str(count): planning(count, Path(folder) / str(count)) for count in options.sizes}
        report = reporting(*options.report, Path(folder) / "run")
    for count, seconds in plans.items():
        print(f"{count} trials: {seconds}")
    print(f"report of {' x '.join(map(str, options.report))}: {report}")
    return {"plan": plans, "report": dict(zip(("rows", "seeds", "images"), options.report, strict=True)) | report}


def _search(options: argparse.Namespace) -> Mapping[str, Any]:
    from benchmarks.scale.searching import search

    found = {}
    for sampler in ("tpe", "random"):
        with tempfile.TemporaryDirectory() as folder:
            spent = search(max(options.sizes), sampler, Path(folder))
        found[sampler] = {
            "ask_ms": {str(n): _middle(spent.ask_s[:n]) for n in options.sizes},
            "tell_ms": {str(n): _middle(spent.tell_s[:n]) for n in options.sizes},
            "tables_s": spent.tables_s,
        }
        print(f"{sampler}: {found[sampler]}")
    return found


def _middle(seconds: list[float]) -> float:
    """Median of the last hundred, in milliseconds."""
    return 1000 * statistics.median(seconds[-100:])


PARTS: Mapping[str, Measure] = {
    "trials": _trials,
    "workers": _workers,
    "ray": _ray,
    "planning": _planning,
    "search": _search,
}

if __name__ == "__main__":
    main()
