"""Where SMFNet's presets, suites, search spaces, printed tables and pilots are."""

from __future__ import annotations

from pathlib import Path

from assay.config.folders import shipped_folder

__all__ = ["PRESETS", "ablations_folder", "pilots_folder", "published_folder", "search_spaces_folder"]

_PACKAGE = Path(__file__).parent
PRESETS = _PACKAGE / "config" / "presets"


def ablations_folder() -> Path:
    """The folder with one YAML file per suite; raises as `shipped_folder` does."""
    return shipped_folder(_PACKAGE, "ablations")


def search_spaces_folder() -> Path:
    """The folder with one YAML file per group of parameters; raises as `shipped_folder` does."""
    return shipped_folder(_PACKAGE, "search_spaces")


def published_folder() -> Path:
    """The folder with the paper's tables as CSV files; raises as `shipped_folder` does."""
    return shipped_folder(_PACKAGE, "analysis/published")


def pilots_folder() -> Path:
    """The folder with results of an ablation by a preset as Parquet files; raises as `shipped_folder` does."""
    return shipped_folder(_PACKAGE, "analysis/pilots")
