"""A search without training: trials whose validation values follow a formula, driven without Ray."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial

from assay.config.changes import apply
from assay.config.section import paths_of
from assay.experiment.source import Finished, Source, Stop, Waiting
from assay.experiment.time_limit import TimeLimit
from assay.experiment.trial import NamedStage, Trial
from assay.stage import Progress
from assay.store.store import Store
from assay.study import Study
from assay.tuning.identity import is_decisive
from assay.tuning.objective import objective_of
from assay.tuning.optuna_study import open_study
from assay.tuning.search import Search
from assay.tuning.settings import SearchSettings
from assay.tuning.spaces.parameter import Value
from assay.tuning.spaces.ranges import split_words
from assay.tuning.spaces.space import Space, catalogue, catalogue_files
from assay.tuning.start import start_of
from assay.tuning.validation import Validated
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA
from smfnet.folders import search_spaces_folder
from smfnet.study import study as smfnet
from smfnet.training import stages_of

EPOCHS = 9  # of the last stage
Curve = Callable[[Config, int, int], Mapping[str, float]]  # configuration, seed, epochs done -> metrics


@dataclass
class Diary:
    """A listener that keeps what it hears."""

    lines: list[tuple[Any, ...]] = field(default_factory=list)

    def started(self, number: int, sample: Mapping[str, Value]) -> None:
        self.lines.append(("started", number))

    def moved(self, number: int, trial: Trial, progress: Progress) -> None:
        self.lines.append(("moved", number))

    def valued(self, number: int, step: int, value: float) -> None:
        self.lines.append(("valued", number, step, value))

    def ended(self, trial: FrozenTrial) -> None:
        self.lines.append(("ended", trial.number, trial.state.name))


def fake_trials(number: int, config: Config, seeds: Iterable[int]) -> list[Trial]:
    """Trials as the search makes them, but with made-up fingerprints: no data set is needed."""
    trials = []
    for seed in seeds:
        one, two = stages_of(config, seed)
        names = [_name("one", seed, config.loss.stage1), _name("two", seed, config)]
        named = (NamedStage(one, names[0]), NamedStage(two, names[1]))
        trial = Trial(f"trial{number}-seed{seed}", f"trial{number}", seed, config, named, None, _name("v", *names))
        trials.append(trial)
    return trials


def _name(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def peak(config: Config, seed: int, epochs: int) -> dict[str, float]:
    """VIF is best at alpha3 = 4 and beta1 = 20, and grows with the epochs."""
    x, y = math.log(config.loss.stage1.w_ssim / 4), math.log(config.loss.stage1.w_grad / 20)
    value = 1 - 0.1 * (x * x + y * y) - 0.2 / epochs + 0.001 * (seed - config.seed)
    return {"VIF": value, "SSIM": 1 - 0.1 * x, "EN": 7.0, "SD": 50.0}


class Worker:
    """One worker: takes a trial, reports an epoch at a time, and can be left at any moment.

    Args:
        source: where trials come from.
        curve: their values.
        fails: (number of the sample, epochs done) -> reason to fail, or None.
    """

    def __init__(
        self, source: Source[Any], curve: Curve = peak, fails: Callable[[str, int], str | None] = lambda *_: None
    ):
        self.source, self.curve, self.fails = source, curve, fails
        self.trial: Trial | None = None
        self.epoch = 0
        self.ran: list[str] = []

    def step(self) -> bool:
        """One epoch of work, or the begin or the end of a trial; says whether there was any."""
        if self.trial is None:
            got = self.source.next()
            if got is Finished or got is Waiting:
                return False
            assert isinstance(got, Trial)
            self.trial, self.epoch = got, 0
            self.ran.append(got.id)
            return True
        trial = self.trial
        if reason := self.fails(trial.row, self.epoch):
            self.trial = None
            self.source.failed(trial, reason, "Traceback: ...")
        elif self.epoch == EPOCHS:
            self.trial = None
            values = self.curve(trial.config, trial.seed, EPOCHS)
            self.source.finished(trial, Validated(values, (), 1.0, EPOCHS))
        else:
            self.epoch += 1
            progress = {"stage": "stage2", "step": self.epoch, "steps": EPOCHS, "loss": 1.0, "eta_s": 1.0}
            values = self.curve(trial.config, trial.seed, self.epoch)
            stored = [trial.stages[0].fingerprint]
            report = {"progress": progress, "stored": stored, "step": self.epoch, "metrics": values}
            if self.source.progressed(trial, report) is Stop.YES:
                self.trial = None
        return True

    def work(self, steps: int = 100_000) -> int:
        """So many steps, or until there is nothing to do; returns how many there were."""
        done = 0
        while done < steps and self.step():
            done += 1
        return done


@pytest.fixture(scope="session")
def base() -> Config:
    """Three epochs of stage I and nine of stage II."""
    return apply(Config(), {"train.epochs": 3 + EPOCHS, "train.stage1_epochs": 3})


@pytest.fixture(scope="session")
def space_of(base: Config) -> Callable[..., Space]:
    """`space_of("alpha3", "lr=1e-4:1e-2")`: the space that the words ask for."""
    known = catalogue(catalogue_files(search_spaces_folder()))
    return lambda *words: split_words(words, known, SCHEMA).space_for(base)


@dataclass
class Desk:
    """Begins searches, and begins them again as a new process would."""

    folder: Path
    base: Config
    space_of: Callable[..., Space]

    def search(
        self,
        *words: str,
        samples: int = 12,
        objective: tuple[str, ...] = ("VIF",),
        sampler: str = "tpe",
        pruning: str = "asha",
        seeds: int = 1,
        study: Study | None = None,
        limit: TimeLimit | None = None,
        start: Path | None = None,
    ) -> Search:
        """A search over the parameters in this folder; the same arguments again go on with it."""
        space = self.space_of(*(words or ("alpha3", "beta1")))

        def make(number: int, config: Config) -> list[Trial]:
            return fake_trials(number, config, range(config.seed, config.seed + seeds))

        aim = objective_of(",".join(objective), study or smfnet())
        settings = SearchSettings(space, self.base, aim, sampler, pruning, 7, make)
        identity = {"space": space.identity(), "objective": list(objective), "sampler": sampler, "pruning": pruning}
        values = {path: value for path, value in paths_of(self.base).items() if is_decisive(path, settings.study)}
        first, identity["configuration"] = space.first_samples(self.base), values
        self.start = start_of(start, settings, Store(str(self.folder / "store"))) if start else None
        tell = (lambda study: self.start.tell(study, settings, dict(first))) if self.start else (lambda study: None)
        memory = open_study(self.folder, identity, aim.metrics, first, tell)
        self.diary = Diary()
        return Search(settings, memory, Store(str(self.folder / "store")), samples, self.diary, limit=limit)

    def worker(self, search: Search, **arguments: Any) -> Worker:
        """A worker for it; see `Worker`."""
        return Worker(search, **arguments)

    def work(self, search: Search, workers: int) -> None:
        """Several workers, each an epoch at a time, until there is nothing left to do."""
        team = [Worker(search) for _ in range(workers)]
        while sum(worker.step() for worker in team):
            pass


@pytest.fixture
def desk(tmp_path: Path, base: Config, space_of: Callable[..., Space]) -> Desk:
    """Searches in a fresh folder."""
    return Desk(tmp_path / "search", base, space_of)


@pytest.fixture(scope="session")
def plainly() -> Callable[[Path], optuna.Study]:
    """`plainly(folder)`: the study of a search as anybody with Optuna opens it."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    def load(folder: Path) -> optuna.Study:
        storage = JournalStorage(JournalFileBackend(str(folder / "study.journal")))
        return optuna.load_study(study_name=None, storage=storage)

    return load
