"""Names for results, made of exactly what decides them."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from assay.config.ignored import deciding_values
from assay.config.section import paths_of
from assay.training import device_of
from smfnet.config.root import Config
from smfnet.training import Stage

__all__ = ["code_fingerprint", "stage_fingerprint", "trial_fingerprint"]

STAGE_CODE = ("smfnet/model", "smfnet/losses", "smfnet/data", "smfnet/training", "assay/training")
TRIAL_CODE = (
    *("smfnet/metrics", "smfnet/data", "smfnet/fusion/test_step.py", "smfnet/fusion/rules.py"),
    "assay/experiment/proof.py",
)
# Of these, what decides nothing: which pairs there are, and every pixel of a generated one, is in the data's own
# fingerprint; the others look and measure only.
NO_EFFECT = (
    *("smfnet/data/check.py", "smfnet/data/fingerprint.py", "smfnet/data/parts.py", "smfnet/data/scenes"),
    *("smfnet/data/split.py", "smfnet/data/held_out.py", "assay/training/probe.py"),
)


def _device(config: Config) -> str:
    return device_of(config.train).type if config.train.device == "auto" else config.train.device


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
            "values": deciding_values(stage.config),
            "seed": stage.seed,
            "parent": parent,
            "data": data,
            "code": code or code_fingerprint(STAGE_CODE),
        }
    )


def trial_fingerprint(
    last_stage: str | None, rule: str | None, test_data: str, config: Config, code: str | None = None
) -> str:
    """Name of a trial's measurements: of the last stage's network, or of a training-free rule, on the test pairs.

    Args:
        last_stage: fingerprint of the stage whose network is measured, or None.
        rule: name of the training-free rule, or None.
        test_data: fingerprint of the test pairs.
        config: of the trial; the test step, device and threads are read.
        code: fingerprint of the code that measures; of the running code if None.
    """
    return _digest(
        {
            "stage": last_stage,
            "rule": rule,
            "device": _device(config),
            "threads": config.train.threads,
            "data": test_data,
            "infer": paths_of(config.infer),
            "code": code or code_fingerprint(TRIAL_CODE),
        }
    )


def code_fingerprint(rooms: tuple[str, ...], root: Path | None = None) -> str:
    """Hash of the sources of some rooms or files, without comments, docstrings, log lines and what has no effect.

    Args:
        rooms: folders and files, from the folder that holds their package.
        root: the folder that holds the packages; that of each package as it is imported here if None.
    """
    return _code_fingerprint(rooms, root)


@cache
def _code_fingerprint(rooms: tuple[str, ...], root: Path | None) -> str:
    digest = hashlib.sha256()
    for room in rooms:
        parent = root or _parent_of(room.partition("/")[0])
        place = parent / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            name = path.relative_to(parent).as_posix()
            if not any(name == other or name.startswith(f"{other}/") for other in NO_EFFECT):
                digest.update(f"{name}\n{essence(path.read_text(encoding='utf-8'))}".encode())
    return digest.hexdigest()


def _parent_of(package: str) -> Path:
    """A worker gets each package in a folder of its own."""
    return Path(import_module(package).__path__[0]).parent


def essence(source: str) -> str:
    """What a source file computes, as text: its statements without comments, docstrings and log lines."""
    return ast.unparse(_Essence().visit(ast.parse(source)))


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
