"""Files under one root, on a local disk or in an object store."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pyarrow as pa
from pyarrow import fs

from smfnet.config.atomic import write_bytes
from smfnet.config.errors import UserError

__all__ = ["Files"]


class Files:
    """Whole files by relative path; a reader never sees a part of one.

    Args:
        root: a folder, or a URL of any pyarrow or fsspec file system (`s3://bucket/path?endpoint_override=...`).

    Raises:
        UserError: the URL names no known file system, or the root cannot be written.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.local = Path(root) if "://" not in root else None
        if self.local is None:
            self._system, self._base = _remote(root)

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        if self.local:
            return (self.local / path).read_bytes()
        with self._system.open_input_stream(self._at(path)) as stream:
            return bytes(stream.read())

    def write(self, path: str, data: bytes) -> None:
        """Write a file whole: by rename on a disk, by a single upload in an object store."""
        if self.local:
            write_bytes(self.local / path, data)
            return
        if not isinstance(self._system, fs.S3FileSystem):
            self._system.create_dir(str(PurePosixPath(self._at(path)).parent), recursive=True)
        with self._system.open_output_stream(self._at(path)) as stream:
            stream.write(data)

    def exists(self, path: str) -> bool:
        """Whether there is a file of this name."""
        if self.local:
            return (self.local / path).is_file()
        return bool(self._system.get_file_info(self._at(path)).type == fs.FileType.File)

    def list(self, folder: str) -> list[str]:
        """Relative paths of all files below a folder, sorted; none if there is no such folder."""
        if self.local:
            found = (self.local / folder).rglob("*")
            return sorted(str(p.relative_to(self.local)) for p in found if p.is_file() and p.suffix != ".part")
        selector = fs.FileSelector(self._at(folder), recursive=True, allow_not_found=True)
        infos = self._system.get_file_info(selector)
        return sorted(info.path[len(self._base) + 1 :] for info in infos if info.type == fs.FileType.File)

    def size(self, path: str) -> int:
        """Bytes of a file."""
        if self.local:
            return (self.local / path).stat().st_size
        return int(self._system.get_file_info(self._at(path)).size)

    def delete(self, path: str) -> None:
        """Remove a file, if it is there."""
        if self.local:
            (self.local / path).unlink(missing_ok=True)
        elif self.exists(path):
            self._system.delete_file(self._at(path))

    def delete_folder(self, folder: str) -> None:
        """Remove a folder and all in it, if it is there."""
        if self.local:
            shutil.rmtree(self.local / folder, ignore_errors=True)
            return
        for path in self.list(folder):
            self.delete(path)

    def _at(self, path: str) -> str:
        return f"{self._base}/{path}"


def _remote(root: str) -> tuple[fs.FileSystem, str]:
    try:
        system, base = fs.FileSystem.from_uri(root)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        system, base = _by_fsspec(root)
    return system, base.rstrip("/")


def _by_fsspec(root: str) -> tuple[fs.FileSystem, str]:
    import fsspec

    try:
        system, base = fsspec.core.url_to_fs(root)
    except (ValueError, ImportError) as error:
        raise UserError(
            f"storage={root}: no known file system ({error}); expected a folder or a URL like s3://"
        ) from error
    return fs.PyFileSystem(fs.FSSpecHandler(system)), base
