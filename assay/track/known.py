"""The trackers by name, and whether those that are asked for can be used here; imports none of their packages."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from assay.config.errors import UserError, unknown

__all__ = ["TRACKERS", "check_trackers"]

# The name of each is that of its package, and of the extra that brings it.
TRACKERS = {
    "tensorboard": "assay.track.tensorboard:TensorBoard",
    "mlflow": "assay.track.mlflow:MLflow",
    "wandb": "assay.track.wandb:WandB",
}


def check_trackers(names: Sequence[str]) -> None:
    """Refuse a tracker that is not known, or whose package is not here.

    Raises:
        UserError: says which are known, or which extra has the package.
    """
    for name in names:
        if name not in TRACKERS:
            raise unknown("tracker", name, TRACKERS)
        if names.count(name) > 1:
            raise UserError(f"track: expected each tracker once; got {', '.join(names)}")
        if not _is_installed(name):
            raise UserError(
                f"track={name}: the package {name!r} is not installed; it comes with the extra {name!r}: "
                f"pip install {_source(name)}"
            )


def _is_installed(package: str) -> bool:
    """A folder of that name where we are, as W&B makes one, is no package."""
    found = importlib.util.find_spec(package)
    return found is not None and found.origin is not None


def _source(extra: str) -> str:
    """What pip is to install: this clone, as it stands, or the wheel."""
    root = Path(__file__).parents[2]
    return f"-e '{root}[{extra}]'" if (root / "pyproject.toml").is_file() else f"'/PATH/TO/assay-VERSION.whl[{extra}]'"
