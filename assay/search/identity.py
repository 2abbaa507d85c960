"""What makes a search this search: two commands with the same identity go on with one study."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.config.section import paths_of
from assay.experiment.fingerprint import STAGE_CODE, TRIAL_CODE, code_fingerprint
from assay.search.settings import SearchSettings
from smfnet.config.root import Config
from smfnet.data import fingerprint

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


def identity_of(settings: SearchSettings, seeds: int) -> dict[str, Any]:
    """Everything that decides which trials a search has and what their values are.

    Args:
        settings: of the search.
        seeds: of each sample.
    """
    return {
        "space": settings.space.identity(),
        "objective": list(settings.objective.names),
        "sampler": settings.sampler,
        "pruning": settings.pruning,
        "seed": settings.seed,
        "seeds per trial": seeds,
        "configuration": _decisive(settings.base),
        "data": {part: fingerprint(settings.base.data, part) for part in ("train", "val")},
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
