"""Files that a command is about to write, beside images that nobody may lose."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from assay.cli.output import check_file
from assay.config.errors import UserError

__all__ = ["add_force", "check_apart", "check_outputs", "check_pictures", "write_each"]


def add_force(parser: argparse._ActionsContainer) -> None:
    """`--force`, of commands that write to the files that a user names."""
    text = "overwrite files that are there already, which are refused without it"
    parser.add_argument("--force", action="store_true", default=None, help=text)


def check_outputs(outputs: Mapping[str, Path | None], *, force: bool | None) -> None:
    """Refuse what cannot be written, and what would be written over something else.

    Args:
        outputs: option -> its file, or None where it is not given; `--figure` alone may have an image's name.
        force: whether a file may be there already.

    Raises:
        UserError: see `check_file`; two options name one file, a file that is no image has the name of one, or one is
            there already.
    """
    from smfnet.data.folder import SUFFIXES

    seen: dict[Path, str] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        check_file(path, option)
        if (other := seen.setdefault(path.resolve(), option)) != option:
            raise UserError(f"{other} and {option} are one file, {path}: expected a file each")
        if option != "--figure" and path.suffix.lower() in SUFFIXES:
            raise UserError(f"{option} {path}: expected another ending; {path.suffix} is that of an image")
        if path.exists() and not force:
            raise UserError(f"{option} {path} is there already: give --force to overwrite, or another name")


def check_apart(outputs: Mapping[str, Path | None], inputs: Iterable[Path]) -> None:
    """Refuse to write over a file that the command reads, whatever `--force` says.

    Raises:
        UserError: an output is an input.
    """
    read = {path.resolve() for path in inputs}
    for option, path in outputs.items():
        if path is not None and path.resolve() in read:
            raise UserError(f"{option} {path}: expected another file; this one is read")


def check_pictures(option: str, file: Path | None, images: Iterable[Path]) -> None:
    """Refuse a picture in a folder of images that are read: it would replace one of them, or be taken for one.

    Raises:
        UserError: the file has the name of an image and lies in the folder of one of the images.
    """
    from smfnet.data.folder import SUFFIXES

    if file is None or file.suffix.lower() not in SUFFIXES:
        return
    if file.resolve().parent in {image.resolve().parent for image in images}:
        raise UserError(f"{option} {file}: expected another folder; this one holds images that are measured")


def write_each(files: Mapping[Path, Callable[[], object]], *, alone: bool = False) -> tuple[list[Path], list[str]]:
    """Write files; one that cannot be written keeps nothing else from its reader.

    Args:
        files: place -> what writes it.
        alone: whether the command has nothing else to hand over, so that it fails as a whole where no file is written.

    Returns:
        Those that are written, and of each other one a line for stderr.

    Raises:
        OSError: the first error, if they are alone and none is written.
    """
    from assay.files import wrote

    errors: list[OSError] = []
    written = []
    for path, write in files.items():
        try:
            write()
            wrote(path)
            written.append(path)
        except OSError as error:
            errors.append(error)
    if errors and alone and not written:
        raise errors[0]
    return written, [f"error: {error.strerror}: {error.filename}" for error in errors]
