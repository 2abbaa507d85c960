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
from assay.config.section import paths_of
from assay.experiment.code import Making, code_of
from assay.training.precision import device_of
from smfnet.config.root import Config
from smfnet.training import Stage

__all__ = [
    "MEASURING",
    "MEASURING_A_RULE",
    "TRAINING",
    "measuring_code",
    "source_digest",
    "stage_fingerprint",
    "training_code",
    "trial_fingerprint",
]

# Which pairs there are, and every pixel of a generated one, is in the data's own fingerprint; a probe only tries.
_BEYOND = (
    *("smfnet.data.check", "smfnet.data.fingerprint", "smfnet.data.parts", "smfnet.data.scenes", "smfnet.data.split"),
    *("smfnet.data.held_out", "smfnet.data.lists", "smfnet.cli", "assay.training.probe"),
)
_IMAGES = ("smfnet.data.folder:FilePair", "smfnet.data.pair:pair_of")
_RULE = (
    *("smfnet.fusion.test_step:measure_pairs", "smfnet.fusion.rules:fusion_of", "smfnet.data.images:png"),
    *("assay.training.precision:device_of", "assay.training.precision:numeric_mode"),
    *_IMAGES,
)
# How a trial is carried out (`assay.experiment.execution`) is no entry: it hands states, patches and pairs on.
TRAINING = Making(
    ("assay.training.loop:train_stage", "smfnet.data.patches:patches", *_IMAGES), ("smfnet", "assay.training"), _BEYOND
)
MEASURING = Making(
    (
        *("assay.experiment.execution:network_of", "assay.experiment.proof:measure_proof"),
        *("smfnet.data.patches:patches", *_RULE),
    ),
    ("smfnet", "assay.training", "assay.experiment.execution", "assay.experiment.proof"),
    _BEYOND,
)
MEASURING_A_RULE = Making(_RULE, MEASURING.within, _BEYOND)


def training_code(stage: Stage) -> str:
    """Hash of the code that trains a stage: of the components and terms that its configuration selects."""
    return code_of(TRAINING, paths_of(stage.config))


def measuring_code(stages: Sequence[Stage], rule: str | None) -> str:
    """Hash of the code that measures what the stages give, or a training-free rule."""
    if rule is not None:
        return code_of(MEASURING_A_RULE, {"rule": rule})
    return code_of(MEASURING, {path: value for stage in stages for path, value in paths_of(stage.config).items()})


def stage_fingerprint(stage: Stage, parent: str | None, data: str, code: str | None = None) -> str:
    """Name of a stage's result.

    Args:
        stage: what is trained; every value that its configuration has counts.
        parent: fingerprint of the stage before it, if any.
        data: fingerprint of the training pairs.
        code: fingerprint of the code that computes it; of the running code if None.
    """
    return _digest(
        {
            "kind": stage.kind,
            "values": deciding_values(stage.config),
            "seed": stage.seed,
            "parent": parent,
            "data": data,
            "code": code or training_code(stage),
        }
    )


def trial_fingerprint(last_stage: str | None, rule: str | None, test_data: str, config: Config, code: str) -> str:
    """Name of a trial's measurements: of the last stage's network, or of a training-free rule, on the test pairs.

    Args:
        last_stage: fingerprint of the stage whose network is measured, or None.
        rule: name of the training-free rule, or None.
        test_data: fingerprint of the test pairs.
        config: of the trial; the test step, device and threads are read.
        code: fingerprint of the code that measures.
    """
    return _digest(
        {
            "stage": last_stage,
            "rule": rule,
            "device": _device(config),
            "threads": config.train.threads,
            "data": test_data,
            "infer": paths_of(config.infer),
            "code": code,
        }
    )


@cache
def source_digest() -> str:
    """Hash of every source file of engine and study: whether two processes run the same code."""
    digest = hashlib.sha256()
    for package in ("assay", "smfnet"):
        folder = Path(import_module(package).__path__[0])
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder.parent).as_posix()} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _device(config: Config) -> str:
    return device_of(config.train).type if config.train.device == "auto" else config.train.device


def _digest(content: Mapping[str, Any]) -> str:
    """Hash of JSON: the same for equal content on every machine."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_plain).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"cannot fingerprint {value!r}")
