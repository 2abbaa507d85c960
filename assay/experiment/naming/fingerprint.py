"""Names for results, made of exactly what decides them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from assay.config.ignored import deciding_values
from assay.config.once import once_each
from assay.config.root import RootConfig
from assay.config.section import Section, paths_of
from assay.config.tables import builders_of
from assay.experiment.naming.code import code_of
from assay.stage import Stage
from assay.study import Making, Study
from assay.training.precision import device_here

__all__ = [
    "measuring_code",
    "source_digest",
    "stage_fingerprint",
    "training_code",
    "trial_fingerprint",
]


def training_code(study: Study, stage: Stage) -> str:
    """Hash of the code that trains a stage: of the components and terms that its configuration selects."""
    return _code((stage.config,), study.training)


def measuring_code(study: Study, stages: Sequence[Stage], rule: str | None, config: RootConfig) -> str:
    """Hash of the code that measures what the stages give, or a training-free rule, under a configuration."""
    values = study.measuring_values(config)
    if rule is not None:
        return code_of(study.measuring_a_rule, {**values, "rule": rule})
    return _code(tuple(stage.config for stage in stages), study.measuring, tuple(values.items()))


@once_each
def _code(configs: tuple[Section, ...], making: Making, further: tuple[tuple[str, Any], ...] = ()) -> str:
    """Of several configurations together, and of further values."""
    values = {path: value for config in configs for path, value in paths_of(config).items()} | dict(further)
    return code_of(making, values, [text for config in configs for text in builders_of(config)])


def stage_fingerprint(stage: Stage, parent: str | None, data: str, code: str) -> str:
    """Name of a stage's result.

    Args:
        stage: what is trained; every value that its configuration has counts.
        parent: fingerprint of the stage before it, if any.
        data: fingerprint of the training split.
        code: hash of the code that trains it.
    """
    return _digest(
        {
            "kind": stage.kind,
            "values": deciding_values(stage.config),
            "seed": stage.seed,
            "parent": parent,
            "data": data,
            "code": code,
        }
    )


def trial_fingerprint(
    study: Study, last_stage: str | None, rule: str | None, data: str, config: RootConfig, code: str
) -> str:
    """Name of a trial's measurements: of what the last stage gave, or of a training-free rule, on one split.

    Args:
        study: whose trial it is.
        last_stage: fingerprint of the stage whose result is measured, or None.
        rule: name of the training-free rule, or None.
        data: fingerprint of the split.
        config: of the trial; what measuring reads, device and threads count.
        code: fingerprint of the code that measures.
    """
    return _digest(
        {
            "stage": last_stage,
            "rule": rule,
            "device": _device(study, config),
            "threads": study.threads(config),
            "data": data,
            "values": study.measuring_values(config),
            "code": code,
        }
    )


@cache
def source_digest(packages: tuple[str, ...]) -> str:
    """Hash of every source file of the engine and of the study's packages: whether two processes run the same code."""
    digest = hashlib.sha256()
    for package in ("assay", *packages):
        folder = Path(import_module(package).__path__[0])
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder.parent).as_posix()} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _device(study: Study, config: RootConfig) -> str:
    """The one that `auto` means here."""
    wanted = study.device_of(config)
    return device_here(study.device or "device", wanted) if wanted == "auto" else wanted


def _digest(content: Mapping[str, Any]) -> str:
    """Hash of JSON: the same for equal content on every machine."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_plain).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"cannot fingerprint {value!r}")
