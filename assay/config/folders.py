"""Where the data that ship with a package are: in the repository, or inside the installed wheel."""

from __future__ import annotations

from pathlib import Path

from assay.config.errors import UserError

__all__ = ["expanded", "shipped_folder"]


def expanded(key: str, text: str) -> Path:
    """A path as a user gives it, `~` replaced by the home folder.

    Args:
        key: what names it, for the message.
        text: the path.

    Raises:
        UserError: there is no such home folder.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UserError(f"{key}={text}: the home folder is not known here; write the whole path") from error


def shipped_folder(package: Path, name: str) -> Path:
    """A folder of the repository, or what the wheel has of it.

    Args:
        package: the folder of the package with which it ships.
        name: the folder's path in the repository (`analysis/reports`); in the wheel its last part stands in the
            package's folder `shipped`.

    Raises:
        UserError: neither a clone of the repository nor a whole installation is around the package.
    """
    in_clone, in_wheel = package.parent / name, package / "shipped" / Path(name).name
    # The project file tells a clone from site-packages, where a folder of this name may be somebody else's.
    if (package.parent / "pyproject.toml").is_file() and in_clone.is_dir():
        return in_clone
    if in_wheel.is_dir():
        return in_wheel
    raise UserError(f"the folder {name} is neither {in_clone} nor {in_wheel}: install the wheel again")
