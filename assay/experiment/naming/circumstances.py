"""What decides the last digits of a result beside configuration, data and code: versions and machine."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from assay.config.root import RootConfig
from assay.study import Study

__all__ = ["made_with", "processor", "together", "version_of"]


def made_with(study: Study, config: RootConfig) -> dict[str, str]:
    """Versions, processor or GPU, and threads, as they are kept with everything that is stored.

    Args:
        study: whose packages decide.
        config: of a trial.
    """
    versions = {package: version_of(package) for package in study.decisive}
    gpu = torch.cuda.get_device_name() if study.device_of(config) == "cuda" else "none"
    return versions | {"processor": processor(), "GPU": gpu, **study.circumstances(config)}


def together(each: Iterable[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """What several entries of the store were made with: every value once, in the order of the entries."""
    found: dict[str, dict[str, None]] = {}
    for made_with in each:
        for name, value in made_with.items():
            found.setdefault(name, {})[value] = None
    return {name: tuple(values) for name, values in found.items()}


def version_of(package: str) -> str:
    """The installed version of a package."""
    try:
        return torch.__version__ if package == "torch" else version(package)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """The model as Linux names it; elsewhere what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())
