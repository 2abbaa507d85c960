"""Names for results, made of exactly what decides them."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from smfnet.config.compose import paths_of
from smfnet.config.root import Config
from smfnet.training.stage import JOINT, STAGE1, STAGE2, Stage

__all__ = ["code_fingerprint", "stage_fingerprint", "trial_fingerprint", "values_read"]

_PACKAGE = Path(__file__).parents[1]
STAGE_CODE = ("model", "losses", "data", "training")
TRIAL_CODE = ("metrics", "data/images.py", "experiment/evaluation.py", "experiment/baseline.py")

_ALWAYS = (
    "network.",
    "base.",
    "detail.",
    "graph.",
    "decoder.",
    "fuse.combine",
    "train.batch",
    "train.steps_per_epoch",
    "train.device",
    "train.bf16",
    "train.tf32",
    "train.threads",
    "optim.lr",
    "optim.clip_norm",
    "sched.step",
    "sched.gamma",
    "sched.floor",
    "loss.delta",
    "loss.cc.",
    "loss.grad.",
)
_STAGE1_LOSS = ("loss.ssim.", "loss.gram.", "loss.semantic.", "loss.mse.", "loss.stage1.")
_FUSION = ("fuse.", "loss.stage2.")
# What each kind of stage reads of the configuration; a test records the reads of real stages and compares.
READS: Mapping[str, tuple[str, ...]] = {
    STAGE1: (*_ALWAYS, *_STAGE1_LOSS, "train.stage1_epochs"),
    STAGE2: (
        *(*_ALWAYS, *_FUSION),
        *("train.epochs", "train.stage1_epochs", "train.freeze_encoder_stage2"),
        *("optim.reset_at_stage2", "sched.restart_at_stage2"),
    ),
    JOINT: (*_ALWAYS, *_FUSION, "loss.joint.", "train.epochs", "train.stage1_epochs"),
}


def values_read(stage: Stage) -> dict[str, Any]:
    """The values of the configuration that can change what a stage gives, by dotted path."""
    prefixes = READS[stage.kind]
    if stage.kind == JOINT and stage.config.loss.joint.form == "sum":
        prefixes = (*prefixes, *_STAGE1_LOSS)
    return {path: value for path, value in paths_of(stage.config).items() if path.startswith(prefixes)}


def stage_fingerprint(stage: Stage, parent: str | None, data: str, code: str | None = None) -> str:
    """Name of a stage's result.

    Args:
        stage: what is trained.
        parent: fingerprint of the stage before it, if any.
        data: fingerprint of the training pairs.
        code: fingerprint of the code that computes it; of the running code if None.
    """
    return _digest(
        {
            "kind": stage.kind,
            "values": values_read(stage),
            "seed": stage.seed,
            "parent": parent,
            "data": data,
            "code": code or code_fingerprint(STAGE_CODE),
        }
    )


def trial_fingerprint(last_stage: str | None, rule: str | None, test_data: str, config: Config) -> str:
    """Name of a trial's measurements: of the last stage's network, or of a training-free rule, on the test pairs."""
    return _digest(
        {
            "stage": last_stage,
            "rule": rule,
            "data": test_data,
            "infer": paths_of(config.infer),
            "code": code_fingerprint(TRIAL_CODE),
        }
    )


@lru_cache
def code_fingerprint(rooms: tuple[str, ...]) -> str:
    """Hash of the sources of some rooms or files, without comments, docstrings and log lines."""
    digest = hashlib.sha256()
    for room in rooms:
        place = _PACKAGE / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n".encode())
            digest.update(essence(path.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()


def essence(source: str) -> str:
    """What a source file computes, as text: its syntax tree without docstrings and log lines."""
    return ast.dump(_Essence().visit(ast.parse(source)))


class _Essence(ast.NodeTransformer):
    """Drops what cannot change a result: docstrings, `log.info(...)`, `LOG = logging.getLogger(...)` and its import."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                kept = [statement for statement in statements if not _is_silent(statement)]
                setattr(node, name, kept or ([ast.Pass()] if name == "body" and statements else []))
        return node


def _is_silent(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name.lower().strip("_") in ("log", "logger", "logging")
        case ast.Assign(value=ast.Call(func=ast.Attribute(value=ast.Name(id="logging"), attr="getLogger"))):
            return True
        case ast.Import(names=[ast.alias(name="logging")]):
            return True
    return False


def _digest(content: Mapping[str, Any]) -> str:
    """Hash of JSON: the same for equal content on every machine."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_plain).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"cannot fingerprint {value!r}")
