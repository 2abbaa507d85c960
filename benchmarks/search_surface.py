"""How many trials and epochs a search needs on a response surface whose optimum is known; nothing is trained.

    python -m benchmarks.search_surface [--seeds 20]

Unit: trials begun, and epochs of the last stage, until a trial that is truly within 1 % of the optimum has ended.
Every arm runs the project's own search: the source of trials with its sampler and its pruner, one worker, an Optuna
study in memory, the paper's defaults first. A made-up trial has a learning curve of 80 epochs that ends at the height
of the surface at its loss weights; trials learn at different speeds, so that curves cross, and every value carries the
noise of another seed. On the last surface the best learn so slowly that others lead for the first third of the way,
which is where poor trials are stopped.
"""

from __future__ import annotations

import argparse
import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna

from assay.config.section import paths_of
from assay.experiment.source import Stop
from assay.experiment.trial import NamedStage, Trial
from assay.metric import metric_named
from assay.store.store import Store
from assay.tuning.attributes import ROLE
from assay.tuning.objective import Objective
from assay.tuning.search import Search
from assay.tuning.settings import SearchSettings
from assay.tuning.spaces.parameter import Parameter
from assay.tuning.spaces.ranges import split_words
from assay.tuning.spaces.space import DEFAULTS, Space, catalogue, catalogue_files
from assay.tuning.validation import Validated, validation_steps
from benchmarks.result import write_result
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA
from smfnet.folders import search_spaces_folder
from smfnet.study import study as smfnet
from smfnet.training import stages_of

STUDY = smfnet()
EPOCHS = 80  # of stage II in the paper's recipe
WITHIN = 0.01
NOISE = 0.002  # standard deviation of a validation value
MOST = 400  # trials of a search


@dataclass(frozen=True)
class Surface:
    """A height of 1 at the optimum that falls with the squared distance, in parts of the ranges' logarithms.

    Attributes:
        names: parameters.
        optimum: where it is, in [0, 1] of each range.
        steepness: how fast it falls along every axis.
        ridge: how fast in addition along the diagonal, for what the parameters do together.
        slow: the higher, the slower a trial learns, from 0 on; else it begins at half its height, and its speed has
            nothing to do with it.
    """

    title: str
    names: tuple[str, ...]
    optimum: tuple[float, ...]
    steepness: float
    ridge: float
    slow: bool = False

    def height(self, place: np.ndarray) -> float:
        """At a place in [0, 1]^n."""
        away = place - np.array(self.optimum)
        together = away.sum() / math.sqrt(len(away))
        return math.exp(-self.steepness * float(away @ away) - self.ridge * together**2)


SURFACES = (
    Surface("two loss weights", ("alpha3", "beta1"), (0.35, 0.7), 3.0, 3.0),
    Surface("four loss weights", ("alpha1", "alpha3", "beta1", "alpha5"), (0.3, 0.35, 0.7, 0.6), 0.8, 1.5),
    Surface("two loss weights, the best learn slowest", ("alpha3", "beta1"), (0.35, 0.7), 3.0, 3.0, slow=True),
)
ARMS = {
    "random": ("random", "none"),
    "random + ASHA": ("random", "asha"),
    "TPE": ("tpe", "none"),
    "TPE + ASHA": ("tpe", "asha"),
    "CMA-ES + ASHA": ("cmaes", "asha"),
}


def curve(surface: Surface, place: np.ndarray, seed: int) -> Callable[[int], float]:
    """Epochs done -> validation value of a trial; the same for the same place and seed."""
    height, own = surface.height(place), np.random.default_rng([seed, zlib.crc32(place.tobytes())])
    speed = EPOCHS * (0.02 + 0.3 * height**2 if surface.slow else 0.04 + 0.08 * own.random())
    missing, noise = 1.0 if surface.slow else 0.5, own.normal(0, NOISE, EPOCHS + 1)
    return lambda epochs: height * (1 - missing * math.exp(-epochs / speed)) + float(noise[epochs])


def spent(surface: Surface, sampler: str, pruning: str, seed: int) -> tuple[float, float]:
    """Trials and epochs until a trial within 1 % has ended; infinite if none did."""
    base, epochs = Config(), 0
    space = split_words(surface.names, catalogue(catalogue_files(search_spaces_folder())), SCHEMA).space_for(base)
    aim = Objective((metric_named("VIF", STUDY.metrics),), STUDY)
    settings = SearchSettings(space, base, aim, sampler, pruning, seed, lambda n, c: _made_up(n, c, seed))
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial(space.paper, user_attrs={ROLE: DEFAULTS})
    search = Search(settings, study, Store("memory://benchmark"), MOST, _Nobody())
    for count, (trial, work, ended) in enumerate(_trials(search, surface, seed), 1):
        epochs += work
        if ended and surface.height(_place(trial.config, space)) >= 1 - WITHIN:
            return count, epochs
    return math.inf, math.inf


def main() -> None:
    """Measure every arm on every surface, print the medians, and write the result."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    measured: dict[str, Any] = {
        "seeds": options.seeds,
        "within": WITHIN,
        "epochs_of_a_trial": EPOCHS,
        "most_trials": MOST,
    }
    for surface in SURFACES:
        measured[surface.title] = {arm: _measured(surface, *how, options.seeds) for arm, how in ARMS.items()}
        for arm, numbers in measured[surface.title].items():
            trials, epochs = numbers["trials"][1] or f"> {MOST}", numbers["epochs"][1] or f"> {MOST}"
            print(f"{surface.title}: {arm}: median {trials} trials, {epochs} epochs, {numbers['reached']} reached it")
    print(f"written: {write_result('search_surface', measured)}")


def _measured(surface: Surface, sampler: str, pruning: str, seeds: int) -> dict[str, Any]:
    """Quartiles over the seeds; None where a quartile lies among those that never came within 1 %."""
    each = np.array([spent(surface, sampler, pruning, seed) for seed in range(seeds)])
    quartiles = np.percentile(each, [25, 50, 75], axis=0, method="higher")
    trials, epochs = ([float(q) if np.isfinite(q) else None for q in column] for column in quartiles.T)
    return {"trials": trials, "epochs": epochs, "reached": int(np.isfinite(each[:, 0]).sum())}


def _trials(search: Search, surface: Surface, seed: int) -> Iterator[tuple[Trial, int, bool]]:
    """Run trial after trial; gives each with its epochs, and whether it came to its end."""
    steps = sorted(validation_steps(EPOCHS))
    progress = {"stage": "stage2", "step": 0, "steps": EPOCHS, "loss": 0.0, "eta_s": 0.0}
    while isinstance(trial := search.next(), Trial):
        value = curve(surface, _place(trial.config, search.settings.space), seed)
        done = 0
        for done in steps:
            report = {"progress": progress, "stored": [], "step": done, "metrics": {"VIF": value(done)}}
            if search.progressed(trial, report) is Stop.YES:
                yield trial, done, False
                break
        else:
            search.finished(trial, Validated({"VIF": value(EPOCHS)}, (), 0.0, EPOCHS))
            yield trial, done, True


def _place(config: Config, space: Space) -> np.ndarray:
    """Where a configuration lies in the ranges, each scaled to [0, 1]."""
    values = paths_of(config)
    return np.array([_unit(parameter, values[parameter.path or ""]) for parameter in space.parameters])


def _unit(parameter: Parameter, value: float) -> float:
    assert parameter.low is not None
    assert parameter.high is not None
    return math.log(value / parameter.low) / math.log(parameter.high / parameter.low)


def _made_up(number: int, config: Config, seed: int) -> list[Trial]:
    stages = tuple(NamedStage(stage, f"{number:031x}{place}") for place, stage in enumerate(stages_of(config, seed)))
    return [Trial(f"trial{number}", f"trial{number}", seed, config, stages, None, f"trial{number}")]


class _Nobody:
    """A listener that does not listen."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: None


if __name__ == "__main__":
    main()
