"""Where the shipped suites and search spaces are: in the repository, or inside the installed wheel."""

from __future__ import annotations

from pathlib import Path

from smfnet.config.errors import UserError

__all__ = ["ablations_folder", "search_spaces_folder"]

_PACKAGE = Path(__file__).parents[1]


def ablations_folder() -> Path:
    """The folder with one YAML file per suite.

    Raises:
        UserError: neither a clone of the repository nor a whole installation is around this file.
    """
    return _find("ablations")


def search_spaces_folder() -> Path:
    """The folder with one YAML file per group of parameters; raises as `ablations_folder` does."""
    return _find("search_spaces")


def _find(name: str) -> Path:
    in_clone, in_wheel = _PACKAGE.parent / name, _PACKAGE / "shipped" / name
    # The project file tells a clone from site-packages, where a folder of this name may be somebody else's.
    if in_clone.with_name("pyproject.toml").is_file() and in_clone.is_dir():
        return in_clone
    if in_wheel.is_dir():
        return in_wheel
    raise UserError(f"the folder {name} is neither {in_clone} nor {in_wheel}: install smfnet again")
