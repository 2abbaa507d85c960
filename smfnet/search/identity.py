"""What makes a search this search: two commands with the same identity go on with one study."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smfnet.config.compose import paths_of
from smfnet.config.root import Config
from smfnet.data import fingerprint
from smfnet.experiment.fingerprint import STAGE_CODE, TRIAL_CODE, code_fingerprint
from smfnet.search.source import Plan

__all__ = ["default_folder", "identity_of"]

# Where things are, on what they run, and what only the end of a search looks at.
_IRRELEVANT = (
    "storage",
    "note",
    "seed",
    "seeds",
    "cluster.",
    "data.",
    "metrics.",
    "train.device",
    "train.checkpoint_s",
)


def identity_of(plan: Plan, seeds: int) -> dict[str, Any]:
    """Everything that decides which trials a search has and what their values are.

    Args:
        plan: the search.
        seeds: of each sample.
    """
    return {
        "space": plan.space.identity(),
        "objective": list(plan.objective.names),
        "sampler": plan.sampler,
        "pruning": plan.pruning,
        "seed": plan.seed,
        "seeds per trial": seeds,
        "configuration": _decisive(plan.base),
        "data": {part: fingerprint(plan.base.data, part) for part in ("train", "val")},
        "code": {"training": code_fingerprint(STAGE_CODE)[:12], "measuring": code_fingerprint(TRIAL_CODE)[:12]},
    }


def default_folder(identity: Mapping[str, Any]) -> Path:
    """Where a search is kept unless the user says where: the same for the same search."""
    names = [parameter["name"] for parameter in identity["space"]]
    what = "-".join(names if len(names) < 4 else [*names[:2], f"and-{len(names) - 2}-more"])
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:6]
    return Path("runs") / f"search-{what}-{digest}"


def _decisive(config: Config) -> dict[str, Any]:
    return {path: value for path, value in paths_of(config).items() if not path.startswith(_IRRELEVANT)}
