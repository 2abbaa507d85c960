"""The files that a search leaves beside its study, for people and for the evidence; all follow from the study.

DIR/search.json     what was searched: command, objectives, parameters, sampler, seeds, where and with what
DIR/trials.csv      a line per trial: state, objectives, parameters, metrics, epochs, seconds, reason
DIR/values.csv      a line per trial and validation: epochs of the last stage, value of the objective
DIR/importance.csv  a line per objective and parameter
DIR/best.yaml       configuration values of the best trial inside the ranges, for base=FILE; none if there is none
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import yaml
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from assay.config.errors import one_line
from assay.evidence.csv_text import csv_text
from assay.evidence.search_results import unbeaten
from assay.metric import Metric
from assay.store.disk.atomic import write_text
from assay.store.disk.written import wrote
from assay.tuning.attributes import METRICS, ORIGIN, REASON, ROLE, SECONDS
from assay.tuning.importance import Importance, importances
from assay.tuning.spaces.parameter import Value
from assay.tuning.spaces.space import DEFAULTS, Space

__all__ = ["BEST_FILE", "best_trials", "write_best", "write_record", "write_tables"]

FORMAT = 1
RECORD_FILE, BEST_FILE = "search.json", "best.yaml"
STATES = {
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "stopped",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}

_ROLES = {DEFAULTS: "defaults"}  # where tables have another word than journals


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write search.json."""
    write_text(folder / RECORD_FILE, json.dumps({"format": FORMAT, **record}, indent=1, default=str) + "\n")


def write_tables(folder: Path, study: optuna.Study, space: Space, objectives: Sequence[Metric]) -> None:
    """Write trials.csv, values.csv and importance.csv."""
    trials = study.get_trials(deepcopy=False)
    names = [metric.name for metric in objectives]
    lines = [_line(trial, space, names) for trial in trials]
    _write(folder / "trials.csv", pd.DataFrame(lines))
    wrote(folder / "trials.csv")
    values = [(t.number, step, value) for t in trials for step, value in sorted(t.intermediate_values.items())]
    _write(folder / "values.csv", pd.DataFrame(values, columns=["trial", "step", "value"]))
    found = importances(study, objectives, space.names)
    columns = list(Importance.__dataclass_fields__)
    _write(folder / "importance.csv", pd.DataFrame([asdict(each) for each in found], columns=columns))


def best_trials(study: optuna.Study, space: Space) -> list[FrozenTrial]:
    """Finished trials inside the space, the best first: by value; for several objectives the Pareto front.

    Of a front come first the best in each objective, in their order.
    """
    complete = [t for t in study.get_trials(deepcopy=False) if t.state == TrialState.COMPLETE and space.holds(t.params)]
    if len(study.directions) == 1:
        return sorted(complete, key=lambda trial: (_cost(study, trial, 0), trial.number))
    costs = np.array([[_cost(study, trial, index) for index in range(len(study.directions))] for trial in complete])
    front = list(compress(complete, unbeaten(-costs)))
    ends = [min(front, key=partial(_cost, study, index=index)) for index in range(len(study.directions)) if front]
    return list({trial.number: trial for trial in (*ends, *front)}.values())


def _cost(study: optuna.Study, trial: FrozenTrial, index: int) -> float:
    """A trial's value turned so that smaller is better."""
    return -trial.values[index] if study.directions[index] == StudyDirection.MAXIMIZE else trial.values[index]


def write_best(
    folder: Path,
    trial: FrozenTrial,
    space: Space,
    objectives: Sequence[str],
    lines: Sequence[str],
    kept: Mapping[str, Any],
) -> None:
    """Write best.yaml: what the search kept, and the values that the trial's sample sets, each by its dotted path.

    Args:
        folder: of the search.
        trial: the best one.
        space: of the search.
        objectives: names of the trial's values.
        lines: what the confirmation says, that comes first, and then the commands.
        kept: an unused seed, and the values in which the search's base differs from the study's defaults.
    """
    values = ", ".join(f"{name} {value:.4f}" for name, value in zip(objectives, trial.values, strict=True))
    found = f"Trial {trial.number}, the best that a search found inside its ranges; on validation samples: {values}."
    head = [f"# {line}" for line in (lines[0], found, *lines[1:])]
    head.append("# seed: the first that neither the search nor its confirmation has used.")
    changes = {**kept, **space.changes({name: trial.params[name] for name in space.names})}
    text = "\n".join(one_line(line, most=10_000) for line in head)  # a command may hold a line end, a folder too
    write_text(folder / BEST_FILE, text + "\n" + yaml.safe_dump(changes, sort_keys=False))
    wrote(folder / BEST_FILE)


def _line(trial: FrozenTrial, space: Space, objectives: Sequence[str]) -> dict[str, Any]:
    values = trial.values if trial.values is not None else [None] * len(objectives)
    if trial.state == TrialState.PRUNED:
        values = [None] * len(objectives)  # the last one on the way is in values.csv
    sample: Mapping[str, Value] = trial.params or trial.system_attrs.get("fixed_params", {})
    return {
        "trial": trial.number,
        "role": _ROLES.get(role := trial.user_attrs.get(ROLE, ""), role),
        "state": STATES[trial.state],
        **dict(zip(objectives, values, strict=True)),
        **{name: sample.get(name) for name in space.names},
        **{f"val_{name}": value for name, value in trial.user_attrs.get(METRICS, {}).items()},
        "last_step": trial.last_step,
        "seconds": trial.user_attrs.get(SECONDS),
        "began": trial.datetime_start,
        "ended": trial.datetime_complete,
        "reason": trial.user_attrs.get(REASON, ""),
        "origin": trial.user_attrs.get(ORIGIN, ""),
    }


def _write(path: Path, table: pd.DataFrame) -> None:
    write_text(path, csv_text(table))
