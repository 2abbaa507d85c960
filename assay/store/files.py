"""Files under one root, on a local disk or in an object store."""

from __future__ import annotations

import builtins
import errno
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlparse
from uuid import uuid4

import pyarrow as pa
from pyarrow import fs

from assay.config.errors import UserError
from assay.config.folders import expanded
from assay.config.text.credentials import redacted
from assay.store.disk.atomic import write_bytes
from assay.store.received.inside import inside

__all__ = ["Files"]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Files:
    """Whole files by relative path; a reader never sees a part of one.

    In a folder no path leads out of it, and what is a link is not listed, followed by a walk, or written through.

    Args:
        root: a folder, or a URL of any pyarrow or fsspec file system (`s3://bucket/path?endpoint_override=...`).

    Attributes:
        root: as it may be shown, without credentials.

    Raises:
        UserError: the root is empty, or its URL names no known file system; any method, that a path leads out of the
            folder.
    """

    def __init__(self, root: str) -> None:
        if not root:  # an unset variable of a shell
            raise UserError("storage: expected a folder or a URL; got '' (. is the current folder)")
        self.root = redacted(root)
        self.local = _local(root)
        if self.local is None:
            self._system, self._base = _remote(root)

    def check(self, *, writable: bool = True) -> None:
        """Write, read and delete a small file; or only look for one.

        Raises:
            UserError: that is not possible, or the root is a file.
        """
        missing = self._missing()
        try:
            whole = self._written_back() if writable else self._looked_at()
        except UserError:
            raise
        except (OSError, ValueError) as error:  # of pyarrow: a bucket without a name
            for folder in missing:
                with suppress(OSError):  # not made, or somebody else uses it already
                    folder.rmdir()
            use = "written and read" if writable else "read"
            raise UserError(f"storage={self.root} cannot be {use}: {self._trouble(error)}") from error
        if not whole:
            raise UserError(f"storage={self.root} does not give back what was written")

    def _missing(self) -> builtins.list[Path]:
        """Folders that have to be made for it to be there, the innermost first."""
        if self.local is None:
            return []
        if os.path.exists(self.local) and not os.path.isdir(self.local):
            raise UserError(f"storage={self.root}: expected a folder; this is none")
        return [place for place in (self.local, *self.local.parents) if not os.path.exists(place)]

    def _written_back(self) -> bool:
        name, content = f".check-{uuid4().hex}", b"assay"
        self.write(name, content)
        read = self.read(name) if self.exists(name) else b""
        self.delete(name)
        return read == content

    def _looked_at(self) -> bool:
        if self.local is None:
            self.exists(f".check-{uuid4().hex}")
        else:
            with suppress(FileNotFoundError):
                os.scandir(self.local).close()
        return True

    def _trouble(self, error: Exception) -> str:
        """What is wrong, and of a folder what to do."""
        if isinstance(error, OSError) and self.local and error.strerror:
            remedy = "make room" if error.errno in _NO_ROOM else "make that possible"
            return f"{error.strerror}; {remedy}, or name another folder, storage=DIR"
        return str(redacted((str(error).splitlines() or [type(error).__name__])[0]))

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        if self.local:
            place = inside(self.local, path)
            if not place.is_file():  # a pipe among them, which would be waited for
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))
            return place.read_bytes()
        with self._system.open_input_stream(self._at(path)) as stream:
            return bytes(stream.read())

    def write(self, path: str, data: bytes) -> None:
        """Write a file whole: by rename on a disk, by a single upload in an object store."""
        if self.local:
            write_bytes(inside(self.local, path), data)
            return
        if not isinstance(self._system, fs.S3FileSystem):
            self._system.create_dir(str(PurePosixPath(self._at(path)).parent), recursive=True)
        with self._system.open_output_stream(self._at(path)) as stream:
            stream.write(data)

    def exists(self, path: str) -> bool:
        """Whether there is a file of this name."""
        if self.local:
            return inside(self.local, path).is_file()
        return bool(self._system.get_file_info(self._at(path)).type == fs.FileType.File)

    def partial(self) -> list[str]:
        """Relative paths of what writers that were killed have left behind, and of what is being written just now."""
        if self.local is None:  # an upload that was not finished is not there
            return []
        return [path for path in self._below("") if path.endswith(".part") and PurePosixPath(path).name[0] == "."]

    def list(self, folder: str) -> list[str]:
        """Relative paths of all files below a folder, sorted; none if there is no such folder."""
        if self.local:
            return [path for path in self._below(folder) if not path.endswith(".part")]
        selector = fs.FileSelector(self._at(folder), recursive=True, allow_not_found=True)
        infos = self._system.get_file_info(selector)
        return sorted(info.path[len(self._base) + 1 :] for info in infos if info.type == fs.FileType.File)

    def size(self, path: str) -> int:
        """Bytes of a file; 0 if it is gone."""
        if self.local:
            with suppress(FileNotFoundError):
                return inside(self.local, path).stat().st_size
            return 0
        return int(self._system.get_file_info(self._at(path)).size or 0)

    def age_s(self, path: str) -> float:
        """Seconds since a file was written; 0 if it is gone."""
        if self.local:
            with suppress(FileNotFoundError):
                return max(0.0, time.time() - inside(self.local, path).stat().st_mtime)
            return 0.0
        written = self._system.get_file_info(self._at(path)).mtime_ns
        return max(0.0, time.time() - written / 1e9) if written else 0.0

    def delete(self, path: str) -> None:
        """Remove a file, if it is there."""
        if self.local:
            inside(self.local, path).unlink(missing_ok=True)
        elif self.exists(path):
            self._system.delete_file(self._at(path))

    def delete_folder(self, folder: str) -> None:
        """Remove a folder and all in it, if it is there."""
        if self.local:
            shutil.rmtree(inside(self.local, folder), ignore_errors=True)  # of links in it the links alone
            return
        for path in self.list(folder):
            self.delete(path)

    def _below(self, folder: str) -> builtins.list[str]:
        """Relative paths of what is a file itself, sorted."""
        assert self.local is not None
        walk = os.walk(inside(self.local, folder))
        found = (Path(place, name) for place, _, names in walk for name in names)
        return sorted(p.relative_to(self.local).as_posix() for p in found if p.is_file() and not p.is_symlink())

    def _at(self, path: str) -> str:
        return f"{self._base}/{path}"


def _local(root: str) -> Path | None:
    """The folder that a root names; None for a URL of another file system."""
    if "://" not in root:
        return expanded("storage", root)
    try:
        url = urlparse(root)
    except ValueError as error:  # an unclosed bracket
        raise UserError(f"storage={redacted(root)}: {_reason(error, root)}") from error
    return Path(unquote(url.path)) if url.scheme == "file" else None


def _remote(root: str) -> tuple[fs.FileSystem, str]:
    try:
        system, base = fs.FileSystem.from_uri(root)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        system, base = _by_fsspec(root, _reason(error, root))
    except OSError as error:
        raise UserError(f"storage={redacted(root)}: {_reason(error, root)}") from error
    return system, base.rstrip("/")


def _by_fsspec(root: str, why: str) -> tuple[fs.FileSystem, str]:
    """For what pyarrow does not know, and says why."""
    import fsspec

    try:
        system, base = fsspec.core.url_to_fs(root)
    except (ValueError, ImportError) as error:
        expected = f"storage={redacted(root)}: expected a folder or a URL like s3://bucket/path"
        raise UserError(f"{expected}; {why}; {_reason(error, root)}") from error
    return fs.PyFileSystem(fs.FSSpecHandler(system)), base


def _reason(error: Exception, root: str) -> str:
    """The first line of an error, which may quote the root as it was given."""
    lines = str(error).replace(root, redacted(root)).splitlines()
    return str(redacted(lines[0])) if lines else type(error).__name__
