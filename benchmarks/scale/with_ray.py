"""With a Ray that runs: what its calls cost a driver, and a whole run of trials whose work takes no time."""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import ray
from rich.console import Console

from assay.cluster import execute_trials
from assay.config.cluster import ClusterConfig
from assay.console.display import Display
from assay.experiment.ablation import Ablation
from assay.store.run.folder import RunFolder
from assay.store.run.recorder import Recorder
from assay.store.store import Store
from benchmarks.scale.made_up import made_up_plan, made_up_record, storing
from smfnet.study import study

__all__ = ["call_costs", "real_run"]

EVENTS = 300


def call_costs(workers: Iterable[int]) -> dict[str, dict[str, float]]:
    """Number of workers -> milliseconds of processor time of a call of an actor, a `ray.wait` and a `ray.get`.

    Within a session of Ray. Everybody else's reports are on their way, as in a run: calls that do not come back.
    """
    idle, busy = _actor().remote(), _actor().remote()
    ray.get([idle.answer.remote(None), busy.answer.remote(None)])
    stuck = busy.stuck.remote()
    costs = {}
    for count in workers:
        pending = [busy.answer.remote(None) for _ in range(count - 1)]
        costs[str(count)] = _costs(idle, [stuck, *pending])
    return costs


def _actor() -> Any:
    @ray.remote(num_cpus=0)
    class Actor:
        def answer(self, value: Any) -> Any:
            return value

        def stuck(self) -> None:
            import threading

            threading.Event().wait()

    return Actor


def _costs(actor: Any, pending: list[Any]) -> dict[str, float]:
    report = {"report": {"progress": {"stage": "stage1", "step": 1}, "stored": []}, "config": os.urandom(4000)}
    times: dict[str, list[float]] = {"call": [], "wait": [], "get": []}
    for _ in range(EVENTS):
        marks = [time.process_time()]
        future = actor.answer.remote(report)
        marks.append(time.process_time())
        ready: list[Any] = []
        while future not in ready:
            ready, _ = ray.wait([*pending, future], num_returns=1, timeout=0.1)
        marks.append(time.process_time())
        ray.get(future)
        marks.append(time.process_time())
        for name, begin, end in zip(times, marks, marks[1:], strict=False):
            times[name].append(end - begin)
    return {f"{name}_ms": 1000 * statistics.median(values) for name, values in times.items()}


def real_run(trials: int, folder: Path) -> dict[str, Any]:
    """A run of trials whose task stores results and returns; of its driver, within a session of Ray.

    Returns:
        `wall_s` and `cpu_s` of the run, and `marks`: processor seconds at the end of every trial.
    """
    planned = made_up_plan(trials)
    record, marks = made_up_record(planned), []
    console = Console(file=io.StringIO(), force_terminal=True, width=120, height=40)
    with (
        Recorder(RunFolder(folder / "run"), record) as recorder,
        Display(record.rows, record.trials, {}, console) as display,
    ):
        ablation = Ablation(study(), planned, Store(str(folder / "store")), recorder, display)
        inner = ablation.finished

        def finished(trial: Any, outcome: Any) -> None:
            inner(trial, outcome)
            marks.append(time.process_time() - cpu)

        ablation.finished = finished  # type: ignore[method-assign]
        began, cpu = time.perf_counter(), time.process_time()
        task = _task(folder / "store")
        execute_trials(study(), ablation, str(folder / "store"), ClusterConfig(), gpu=False, task=task)
        took = time.perf_counter() - began
    return {"wall_s": took, "cpu_s": time.process_time() - cpu, "marks": marks}


def _task(root: Path) -> Callable[..., Any]:
    store_results = storing(root)

    def task(study: Any, trial: Any, store: Store, report: Callable[[Mapping[str, Any]], None]) -> Any:
        return store_results(trial, store)

    return task
