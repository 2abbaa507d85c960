"""A run with fake workers: what the driver spends on it, and where."""

from __future__ import annotations

import io
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Experiment
from ray.tune.search import SearchGenerator
from rich.console import Console

from assay.cluster.desk import Callback, Desk, InOrder, SourceSearcher
from assay.cluster.quiet import quiet
from assay.console.display import Display
from assay.experiment.ablation import Ablation
from assay.experiment.planning.plan import Plan
from assay.experiment.trial import Trial
from assay.store.run.folder import RunFolder, RunRecord
from assay.store.run.recorder import Recorder
from assay.store.store import Store
from benchmarks.scale.crew import Crew, Slots
from benchmarks.scale.made_up import made_up_plan, made_up_record, storing
from smfnet.study import study

__all__ = ["Load", "Spent", "drive"]

REDRAWN_EVERY_S = 0.25
PARTS = {"next": "hand out", "progressed": "progress", "finished": "collect"}  # methods of a source


@dataclass(frozen=True)
class Load:
    """What is asked of a driver.

    Attributes:
        trials, workers: how many.
        trial_s: seconds of a trial; where workers are watched for a while, the first of each, and the pause before its
            first report, are cut short at random, so that not all end and report together.
        pause_s: between two reports of a worker; None: it reports its end alone.
        until_s: when to stop looking, on the workers' clock; None: when all has ended.
    """

    trials: int
    workers: int
    trial_s: float
    pause_s: float | None = None
    until_s: float | None = None


@dataclass
class Spent:
    """What the driver spent from the moment when all workers were at work.

    Attributes:
        cpu_s: processor seconds by part; `Tune` is what no other part has.
        calls: of each part, and `wait`, `get` and `call` of Ray.
        marks: processor seconds so far, at the end of every trial.
        seconds: of the workers' clock.
        writes: of run.json.
    """

    cpu_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[str] = field(default_factory=Counter)
    marks: list[float] = field(default_factory=list)
    seconds: float = 0.0
    writes: int = 0


def drive(load: Load, folder: Path) -> Spent:
    """Run it in `folder`, with a terminal that nobody sees."""
    planned = made_up_plan(load.trials)
    record = made_up_record(planned)
    crew = Crew(_work(load, folder / "store"))
    console = Console(file=io.StringIO(), force_terminal=True, width=120, height=40)
    display = Display(record.rows, record.trials, planned.work, console)
    meter = _Meter(crew)
    source = _source(planned, record, display, crew, folder)
    for method, part in PARTS.items():
        setattr(source, method, meter.timed(getattr(source, method), part))
    with quiet(), crew.at_work(folder / "session"), source.recorder:
        controller = _controller(Desk(source, load.workers, print), crew, load.workers, folder)
        meter.run(controller, lambda: console.print(display._table()), load.until_s)
    meter.spent.writes = getattr(source.run, "writes", 0)
    return meter.spent


class _Counted(RunFolder):
    """A run folder that counts how often its record is written."""

    writes = 0

    def write_record(self, record: RunRecord, *known: Any) -> None:
        self.writes += 1
        super().write_record(record, *known)


def _source(planned: Plan, record: RunRecord, display: Display, crew: Crew, folder: Path) -> Any:
    run = _Counted(folder / "run")
    return Ablation(study(), planned, Store(str(folder / "store")), Recorder(run, record, lambda: crew.now), display)


class _Meter:
    """Processor time by part, without what the workers took."""

    def __init__(self, crew: Crew) -> None:
        self.spent, self._crew = Spent(), crew
        self._began = 0.0

    def now(self) -> float:
        return time.process_time() - self._crew.cpu_s

    def timed(self, work: Callable[..., Any], part: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            began = self.now()
            try:
                return work(*arguments, **named)
            finally:
                self.spent.cpu_s[part] += self.now() - began
                self.spent.calls[part] += 1
                if part == "collect":
                    self.spent.marks.append(self.now() - self._began)

        return call

    def run(self, controller: TuneController, draw: Callable[[], None], until_s: float | None) -> None:
        """All of it; what happens before time passes is the start, and counts only where all is to be seen."""
        drawn, redraw = 0.0, self.timed(draw, "display")
        self._reset()
        while not controller.is_finished() and (until_s is None or self._crew.now < until_s):
            if until_s is not None and not self._crew.now:
                self._reset()
            controller.step()
            while drawn < self._crew.now:
                drawn += REDRAWN_EVERY_S
                redraw()
        self.spent.cpu_s["Tune"] = self.now() - self._began - sum(self.spent.cpu_s.values())
        for name in ("waits", "gets", "calls"):
            self.spent.calls[name] = getattr(self._crew, name) - self._before[name]
        self.spent.seconds = self._crew.now

    def _reset(self) -> None:
        self._began = self.now()
        self._before = {name: getattr(self._crew, name) for name in ("waits", "gets", "calls")}
        self.spent.cpu_s.clear()
        self.spent.calls.clear()


def _work(load: Load, root: Path) -> Callable[[Trial], Iterator[tuple[float, dict[str, Any]]]]:
    store_results, rng, first = storing(root), random.Random(0), set[str]()

    def work(trial: Trial) -> Iterator[tuple[float, dict[str, Any]]]:
        early = load.until_s is not None and len(first) < load.workers
        first.add(trial.id)
        left, pause_s = load.trial_s * (rng.random() if early else 1.0), load.pause_s or 0.0
        pause_s *= rng.random() if early else 1.0
        kind, stored = trial.stages[-1].stage.kind, [named.fingerprint for named in trial.stages[:-1]]
        while load.pause_s and left > pause_s:
            progress = {"stage": kind, "step": 1, "steps": 2, "loss": 1.0, "eta_s": left}
            yield pause_s, {"report": {"progress": progress, "stored": stored}}
            left, pause_s = left - pause_s, load.pause_s
        yield left, {"outcome": store_results(trial)}

    return work


def _controller(desk: Desk, crew: Crew, workers: int, folder: Path) -> TuneController:
    """As `tune.run` makes it of what `assay.cluster.pool` asks for."""

    def never(config: Mapping[str, Any]) -> None:
        raise NotImplementedError

    experiment = Experiment(
        "run",
        run=tune.with_resources(never, {"cpu": 1}),
        storage_path=str(folder / "tune"),
        stop=desk.stop,
        num_samples=sys.maxsize,
        trial_dirname_creator=lambda trial: trial.trial_id,
    )
    search = SearchGenerator(SourceSearcher(desk))
    controller = TuneController(
        search_alg=search,
        scheduler=InOrder(),
        callbacks=[Callback(desk, lambda: None)],
        stopper=experiment.stopper,
        trial_checkpoint_config=experiment.checkpoint_config,
        reuse_actors=True,
        storage=experiment.storage,
        resource_manager_factory=lambda: Slots(crew, workers),
    )
    search.add_configurations([experiment])
    controller.update_max_pending_trials()
    controller.setup_experiments([experiment], total_num_samples=search.total_samples)
    return controller
