"""What a command's process gets: the environment of the shell in which the run was begun, not that of a worker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["environment_here", "environment_of", "interpreter", "is_ours", "packages_of"]

_GPUS = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES")
_PACKAGES = """\
import importlib.metadata as m, json, platform
found = {d.metadata["Name"]: d.version for d in m.distributions() if d.metadata["Name"]}
print(json.dumps({"python": platform.python_version(), "packages": dict(sorted(found.items()))}))
"""


def environment_here() -> dict[str, str]:
    """That of this process; the environment from which it runs is active, as if its user had said so."""
    here = dict(os.environ)
    if sys.prefix != sys.base_prefix and not here.keys() & {"VIRTUAL_ENV", "CONDA_PREFIX"}:
        here["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), here.get("PATH", os.defpath)])
    return here


def environment_of(driver: Mapping[str, str], declared: Mapping[str, str], device: str) -> dict[str, str]:
    """That of a command.

    Args:
        driver: see `environment_here`, of the process that began the run.
        declared: what the study sets beside it.
        device: `cpu` or `cuda`; the GPUs are those that Ray gave to this worker.
    """
    kept = {name: text for name, text in driver.items() if name not in _GPUS}
    gpus = {name: os.environ[name] for name in _GPUS if name in os.environ} if device == "cuda" else {_GPUS[0]: ""}
    return kept | gpus | dict(declared)


def interpreter(program: str, folder: Path, environment: Mapping[str, str]) -> str | None:
    """The program that a command's first word means; None if there is none."""
    if os.sep in program:
        path = folder / program
        return str(path) if os.access(path, os.X_OK) and path.is_file() else None
    return shutil.which(program, path=environment.get("PATH", os.defpath))


def is_ours(program: str) -> bool:
    """Whether it is the Python that runs this process, with its packages."""
    return Path(program).parent == Path(sys.executable).parent and Path(program).name.startswith("python")


def packages_of(program: str, folder: Path, environment: Mapping[str, str]) -> str:
    """A program and, of a Python, its version and packages, as JSON."""
    known = "{}"
    if Path(program).name.startswith("python"):
        known = _packages_of(program, str(folder), tuple(sorted(environment.items())))
    return json.dumps({"program": program, **json.loads(known)}, indent=1)


@cache
def _packages_of(program: str, folder: str, environment: tuple[tuple[str, str], ...]) -> str:
    try:
        done = subprocess.run(
            [program, "-c", _PACKAGES], cwd=folder, env=dict(environment), capture_output=True, timeout=60, check=True
        )
        return done.stdout.decode().strip()
    except (OSError, ValueError, subprocess.SubprocessError):
        return "{}"
