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
from assay.config.folders import expanded
from assay.config.root import RootConfig
from assay.config.text.credentials import redacted
from assay.experiment.naming.circumstances import processor, version_of
from assay.experiment.naming.fingerprint import source_digest
from assay.study import TEST, TRAIN, Study

__all__ = ["git_state", "package_versions", "provenance"]

_PACKAGES = ("ray", "optuna", "hydra-core", "pandas", "pyarrow", "scipy")


def provenance(
    study: Study, config: RootConfig, choices: Mapping[str, str], splits: Iterable[str] = (TRAIN, TEST)
) -> dict[str, Any]:
    """Time, git commit, versions, machine, data set and code of a run.

    Args:
        study: what is studied.
        config: the base configuration.
        choices: chosen presets by group (`preset`, `profile`, `data`).
        splits: of the data, whose fingerprints are given.
    """
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_state(),
        "versions": {"assay": __version__, "python": platform.python_version()} | package_versions(study),
        "machine": {
            "name": platform.node(),
            "system": platform.platform(),
            "processor": processor(),
            "cores": os.cpu_count(),
        },
        "device": study.device_of(config),
        "choices": dict(choices),
        "seeds": [config.seed + k for k in range(config.seeds)],
        "data": {split: study.data(config, split) for split in splits},
        "code": source_digest(study.packages),
        "storage": redacted(config.storage),
        **_storage_path(config.storage),
    }


def _storage_path(storage: str) -> dict[str, str]:
    """Where a folder is that is named from the current one: a run is looked at from elsewhere, too."""
    local = None if "://" in storage else expanded("storage", storage)
    return {"storage_path": str(local.absolute())} if local and not local.is_absolute() else {}


def package_versions(study: Study) -> dict[str, str]:
    """Versions of the packages that a run uses."""
    return {package: version_of(package) for package in (*study.decisive, *_PACKAGES)}


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
