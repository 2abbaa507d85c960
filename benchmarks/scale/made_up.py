"""Trials of the rows of Table 5 under many seeds, and results of the usual size that a worker would store for them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay.config.section import paths_of
from assay.experiment.execution import Outcome
from assay.experiment.planning.plan import Plan
from assay.experiment.suite import load_suite
from assay.experiment.trial import Trial, trials_of
from assay.launch.trials.carry_out import record_of
from assay.store.run.folder import RunRecord
from assay.store.store import STAGES, TRIALS, Store
from smfnet.config.metrics import METRICS
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder
from smfnet.study import study

__all__ = ["made_up_plan", "made_up_record", "storing"]

IMAGES, EPOCHS, TENSORS = 12, 20, 400
TERMS = ("ssim", "gram", "semantic", "intensity", "gradient", "decomp")
WORDS = ("preset=quick", "data=generated", "train.device=cpu")


def made_up_plan(count: int) -> Plan:
    """The rows of Table 5 under as many seeds as so many trials take, and nothing stored."""
    rows = load_suite("table5", ablations_folder()).default
    trials = trials_of(study(), compose(list(WORDS)), rows, -(-count // len(rows)))
    return Plan(trials[:count], frozenset(), frozenset())


def made_up_record(planned: Plan) -> RunRecord:
    """What run.json says of it."""
    suite = load_suite("table5", ablations_folder())
    config = planned.trials[0].config
    return record_of("ablation", study(), suite, suite.default, planned.trials, config, {}, ("benchmark",))


def storing(root: Path) -> Callable[[Trial], Outcome]:
    """What stands for a training: it writes stages and measurements. Ray can carry it to a worker by itself."""
    results, proof = _results(), json.dumps({"parameters": {"enc": 1}, "tensors": _tensors()}).encode()
    log = [[epoch, {term: [1.0, 0.5] for term in TERMS}] for epoch in range(EPOCHS)]
    kinds = (STAGES, TRIALS)

    def store_results(trial: Trial, store: Store | None = None) -> Outcome:
        store = store or Store(str(root))
        origin: dict[str, Any] = {"made_with": {"torch": "2"}, "config": paths_of(trial.config), "seed": trial.seed}
        for named in trial.stages:
            work = {"kind": named.stage.kind, "epochs": named.epochs, "seconds": 20.0, "steps": 80, "memory": 2**30}
            files = {"state.safetensors": b"weights"}
            store.write(kinds[0], named.fingerprint, files, {**origin, **work, "log": log, "patches": 288})
        made = {"row": trial.row, "seconds": 2.0, "stages": [named.fingerprint for named in trial.stages]}
        store.write(kinds[1], trial.fingerprint, {"results.parquet": results, "proof.json": proof}, {**origin, **made})
        return Outcome(trial.id, (), sum(named.epochs for named in trial.stages), 42.0, False)

    return store_results


def _results() -> bytes:
    values = np.random.default_rng(0).normal(size=(IMAGES, len(METRICS)))
    rows = [(f"{image:03d}", name, values[image, m]) for image in range(IMAGES) for m, name in enumerate(METRICS)]
    buffer = io.BytesIO()
    pd.DataFrame(rows, columns=["image", "metric", "value"]).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _tensors() -> dict[str, list[int]]:
    return {f"enc.{number}.weight": [64, 64, 3, 3] for number in range(TENSORS)}
