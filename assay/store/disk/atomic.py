"""Files that are either whole or not there: temporary name, fsync, rename."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assay.config.errors import UserError

__all__ = ["check_writable", "whole_file", "write_bytes", "write_text"]


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path` so that a reader never sees a part of it, whatever dies in between.

    Raises:
        OSError: the file could not be written (disk full, no permission); `path` is then as it was.
    """
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to, which becomes `path` when it is done; see `write_bytes`."""
    target = Path(path)
    _make_folder(target.parent)
    begin = os.fsencode(target.name)[:80].decode(errors="ignore")  # bytes, which file systems count
    with _named(target):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{begin}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    _sync_folder(target.parent)


@contextlib.contextmanager
def _named(target: Path) -> Iterator[None]:
    """Within, an error names the file that was meant: of a full disk it names none, else often the temporary one."""
    try:
        yield
    except OSError as error:
        error.filename = str(target)
        del error.filename2  # none: None is shown
        raise


def check_writable(folder: str | os.PathLike[str], what: str, remedy: str) -> None:
    """Refuse a folder that is there and takes no files.

    Args:
        folder: where files will be written.
        what: what it is ("the folder of a run").
        remedy: what to do.

    Raises:
        UserError: so it is.
    """
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"{folder}: expected {what} that can be written to; {error.strerror}: {remedy}") from error


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """`write_bytes` for text, in UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        reason = "expected a folder; this is a file, or a link that leads nowhere"
        raise NotADirectoryError(errno.ENOTDIR, reason, error.filename) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; not every file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
