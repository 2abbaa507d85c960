"""Epochs that are trained of those that are asked for, where trials share stages: Table 5, and a search of stage II.

    python -m benchmarks.reuse

Unit: epochs, which are those of the presets; nothing is trained. The trials are the project's own: the rows of the
suite under the preset's seeds, and 16 samples that the search's sampler gives of loss weights of stage II. They are
held against an empty store, as the command does with `--plan`. Stopping poor trials early would save more; it is left
out. Generated scenes stand for real pairs, whose number does not change the number of epochs.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna

from assay.experiment.planning.plan import plan
from assay.experiment.suite import load_suite
from assay.experiment.trial import Trial, trials_of, variant_trial
from assay.store.store import Store
from assay.tuning.objective import Objective
from assay.tuning.search import Search
from assay.tuning.settings import SearchSettings
from assay.tuning.spaces.ranges import split_words
from assay.tuning.spaces.space import catalogue, catalogue_files
from assay.tuning.validation import Validated
from benchmarks.result import write_result
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA, compose
from smfnet.folders import ablations_folder, search_spaces_folder
from smfnet.study import study

PRESETS = ("quick", "standard", "paper")
SEARCHED = ("alpha4", "alpha5")  # weights of stage II
SAMPLES = 16


def main() -> None:
    """Plan every preset's table and search, print what they share, and write the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reuse", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/reuse.json")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    measured = {preset: _measured(compose([f"preset={preset}", "data=generated"])) for preset in PRESETS}
    for preset, works in measured.items():
        for work, numbers in works.items():
            print(
                f"{preset:8} {work}: {numbers['epochs_trained']} of {numbers['epochs_asked']} epochs "
                f"({numbers['trained_per_asked']:.2f}), {numbers['trials']} trials"
            )
    print(f"written: {write_result('reuse', measured, options.output)}")


def _measured(config: Config) -> dict[str, dict[str, Any]]:
    table5 = trials_of(study(), config, load_suite("table5", ablations_folder()).default, config.seeds)
    return {"Table 5": _reuse(table5), f"search of stage II, {SAMPLES} trials": _reuse(tuple(_samples(config)))}


def _reuse(trials: tuple[Trial, ...]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as empty:
        planned = plan(trials, Store(empty))
    return {
        "trials": len(trials),
        "stages": len(planned.stages),
        "shared_stages": len(planned.shared),
        "epochs_asked": planned.epochs_asked,
        "epochs_trained": planned.epochs_to_train,
        "trained_per_asked": planned.epochs_to_train / planned.epochs_asked,
    }


def _samples(base: Config) -> Iterator[Trial]:
    """The trials of a search whose samples all do equally well."""
    space = split_words(SEARCHED, catalogue(catalogue_files(search_spaces_folder())), SCHEMA).space_for(base)
    made = SearchSettings(space, base, Objective(("VIF",)), "tpe", "none", base.seed, lambda n, c: [_trial(n, c)])
    study = optuna.create_study(direction="maximize")
    search = Search(made, study, Store("memory://reuse"), SAMPLES, _Nobody())
    while isinstance(trial := search.next(), Trial):
        search.finished(trial, Validated({"VIF": 1.0}, (), 0.0, 0))
        yield trial


def _trial(number: int, config: Config) -> Trial:
    return variant_trial(study(), f"trial{number}", config, config.seed)


class _Nobody:
    """A listener that does not listen."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: None


if __name__ == "__main__":
    main()
