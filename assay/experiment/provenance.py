"""Where and with what a run was made."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assay import __version__
from assay.config.credentials import redacted
from assay.experiment.circumstances import DECISIVE, processor, version_of
from assay.experiment.fingerprint import source_digest
from smfnet.config.root import Config
from smfnet.data import fingerprint

__all__ = ["git_state", "package_versions", "provenance"]

_PACKAGES = (*DECISIVE, "ray", "optuna", "hydra-core", "pandas", "pyarrow", "scipy")


def provenance(config: Config, choices: Mapping[str, str], parts: Iterable[str] = ("train", "test")) -> dict[str, Any]:
    """Time, git commit, versions, machine, data set and code of a run.

    Args:
        config: the base configuration.
        choices: chosen presets by group (`preset`, `profile`, `data`).
        parts: of the data set, whose fingerprints are given.
    """
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_state(),
        "versions": {"assay": __version__, "python": platform.python_version()} | package_versions(),
        "machine": {
            "name": platform.node(),
            "system": platform.platform(),
            "processor": processor(),
            "cores": os.cpu_count(),
        },
        "device": config.train.device,
        "choices": dict(choices),
        "seeds": [config.seed + k for k in range(config.seeds)],
        "data": {part: fingerprint(config.data, part) for part in parts},
        "code": source_digest(),
        "storage": redacted(config.storage),
    }


def _hardware() -> dict[str, Any]:
    return {"processor": processor(), "cores": os.cpu_count()}


def package_versions() -> dict[str, str]:
    """Versions of the packages that a run uses."""
    return {package: version_of(package) for package in _PACKAGES}


def git_state() -> dict[str, Any]:
    """Commit of the clone that the code runs from, and whether it has changes; empty for an installed wheel."""
    folder = Path(__file__).parents[2]
    if not (folder / ".git").exists():
        return {}
    try:
        commit = _output(folder, "rev-parse", "HEAD")
        return {"commit": commit, "changed": bool(_output(folder, "status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.SubprocessError):
        return {}


def _output(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
