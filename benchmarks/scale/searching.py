"""A search with one fake worker: what asking for a trial and noting how it ended take, the longer its study is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assay.config.changes import apply
from assay.experiment.source import Finished, Stop
from assay.experiment.trial import NamedStage, Trial
from assay.store.store import Store
from assay.tuning.objective import objective_of
from assay.tuning.optuna_study import open_study
from assay.tuning.record import write_tables
from assay.tuning.search import Search
from assay.tuning.settings import SearchSettings
from assay.tuning.spaces.ranges import split_words
from assay.tuning.spaces.space import catalogue, catalogue_files
from assay.tuning.validation import Validated
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA
from smfnet.study import study
from smfnet.training import stages_of

__all__ = ["Searched", "search"]

EPOCHS = 9  # of the last stage, in which a trial is validated


@dataclass
class Searched:
    """Processor seconds of every trial, asked for and told of until its end, and of the tables of the whole study."""

    ask_s: list[float] = field(default_factory=list)
    tell_s: list[float] = field(default_factory=list)
    tables_s: float = 0.0


class _Silent:
    """A listener to nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *news: None


def search(samples: int, sampler: str, folder: Path) -> Searched:
    """Two loss weights, pruned by ASHA."""
    base = apply(Config(), {"train.epochs": 3 + EPOCHS, "train.stage1_epochs": 3})
    space = split_words(("alpha3", "beta1"), catalogue(catalogue_files(study().spaces)), SCHEMA).space_for(base)
    aim = objective_of("VIF", study())
    settings = SearchSettings(space, base, aim, sampler, "asha", 7, _trials)
    memory = open_study(folder, {"sampler": sampler}, aim.metrics, space.first_samples(base))
    source = Search(settings, memory, Store(str(folder / "store")), samples, _Silent())
    result = Searched()
    while True:
        began = time.process_time()
        trial = source.next()
        if trial is Finished:
            break
        asked = time.process_time()
        assert isinstance(trial, Trial)
        _run(source, trial)
        result.ask_s.append(asked - began)
        result.tell_s.append(time.process_time() - asked)
    began = time.process_time()
    write_tables(folder, memory, space, aim.metrics)
    result.tables_s = time.process_time() - began
    return result


def _run(source: Search, trial: Trial) -> None:
    for epoch in range(1, EPOCHS + 1):
        progress = {"stage": "stage2", "step": epoch, "steps": EPOCHS, "loss": 1.0, "eta_s": 1.0}
        report = {"progress": progress, "stored": [], "step": epoch, "metrics": _values(trial.config, epoch)}
        if source.progressed(trial, report) is Stop.YES:
            return
    source.finished(trial, Validated(_values(trial.config, EPOCHS), (), 1.0, EPOCHS))


def _values(config: Config, epochs: int) -> Mapping[str, float]:
    x, y = math.log(config.loss.stage1.w_ssim / 4), math.log(config.loss.stage1.w_grad / 20)
    return {"VIF": 1 - 0.1 * (x * x + y * y) - 0.2 / epochs}


def _trials(number: int, config: Config) -> list[Trial]:
    named = tuple(NamedStage(stage, f"{number:031x}{index}") for index, stage in enumerate(stages_of(config, 0)))
    return [Trial(f"trial{number}", f"trial{number}", 0, config, named, None, f"{number:032x}")]
