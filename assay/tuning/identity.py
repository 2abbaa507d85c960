"""What makes a search this search: two commands with the same identity go on with one study."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.experiment.naming.fingerprint import measuring_code, training_code
from assay.metric import LARGER, Metric
from assay.store.received.names import file_name
from assay.study import TRAIN, VAL, Study
from assay.tuning.settings import SearchSettings

__all__ = ["default_folder", "identity_of", "is_decisive"]

# Where things are, on what they run, who is told, and what only the end of a search looks at.
_IRRELEVANT = ("storage", "note", "seed", "seeds", "track", "train.checkpoint_s")
_IRRELEVANT_SECTIONS = ("cluster.", "data.", "metrics.")


def identity_of(settings: SearchSettings, seeds: int) -> dict[str, Any]:
    """Everything that decides which trials a search has and what their values are.

    Args:
        settings: of the search.
        seeds: of each sample.
    """
    return {
        "space": settings.space.identity(),
        "objective": [_objective(metric) for metric in settings.objective.metrics],
        "sampler": settings.sampler,
        "pruning": settings.pruning,
        "seed": settings.seed,
        "seeds per trial": seeds,
        "configuration": _decisive(settings),
        "data": {split: settings.study.data(settings.base, split) for split in (TRAIN, VAL)},
        "code": _code(settings),
    }


def is_decisive(path: str, study: Study) -> bool:
    """Whether a value of the configuration decides what a trial gives; data are compared by what they hold."""
    return path not in (*_IRRELEVANT, study.device) and not path.startswith(_IRRELEVANT_SECTIONS)


def default_folder(identity: Mapping[str, Any]) -> Path:
    """Where a search is kept unless the user says where: the same for the same search."""
    names = [parameter["name"] for parameter in identity["space"]]
    what = "-".join(names if len(names) < 4 else [*names[:2], f"and-{len(names) - 2}-more"])
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:6]
    return Path("runs") / f"search-{file_name(what)}-{digest}"


def _code(settings: SearchSettings) -> dict[str, str]:
    """Hashes of the code that trains and measures any of the components that the space has."""
    trained, measured = set(), set()
    for config in _configurations(settings):
        stages = [named.stage for named in settings.make(0, config)[0].stages]
        trained |= {training_code(settings.study, stage) for stage in stages}
        measured.add(measuring_code(settings.study, stages, None, config))
    return {"training": _short_hash(trained), "measuring": _short_hash(measured)}


def _configurations(settings: SearchSettings) -> Iterator[RootConfig]:
    """The base, and the base with each choice of each parameter, where it fits."""
    yield settings.base
    for parameter in settings.space.parameters:
        for choice in parameter.choices:
            with contextlib.suppress(UserError):
                yield apply(settings.base, parameter.changes(choice))


def _objective(metric: Metric) -> str:
    """Its name, and its direction where that is not the usual one."""
    return metric.name if metric.better == LARGER else f"{metric.name}, {metric.better} is better"


def _short_hash(names: set[str]) -> str:
    return hashlib.sha256(" ".join(sorted(names)).encode()).hexdigest()[:12]


def _decisive(settings: SearchSettings) -> dict[str, Any]:
    return {path: value for path, value in paths_of(settings.base).items() if is_decisive(path, settings.study)}
