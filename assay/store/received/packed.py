"""A folder as one zip file: the same bytes for the same content, and read with care, for it may be anybody's."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assay.config.errors import UserError, one_line
from assay.config.reading import MIB
from assay.store.disk.atomic import whole_file
from assay.store.received.names import is_file_name

__all__ = ["MANIFEST", "pack", "unpack"]

MANIFEST = "export.json"
FORMAT = 1
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MOST_FILES, _MOST_BYTES, _DEEPEST = 100_000, 64 * 1024 * MIB, 6
_MOST_MANIFEST = 32 * MIB
_MOST_SHRUNK = 1100  # zeros shrink to a thousandth; more is a bomb
_PACKED_ALREADY = (".parquet", ".png", ".pdf", ".safetensors", ".zip")
_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_IN_PIECES = MIB
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def pack(path: Path, name: str, files: Iterable[tuple[str, bytes]], about: Mapping[str, object]) -> int:
    """Write files as a zip file, whole or not at all.

    Args:
        path: of the zip file.
        name: of the folder in it.
        files: their paths in that folder, and their content, one after the other.
        about: what the manifest says beside the checksums of all files.

    Returns:
        How many files they are, the manifest apart.

    Raises:
        OSError: it cannot be written.
    """
    checksums: dict[str, str] = {}
    with whole_file(path) as target, zipfile.ZipFile(target, "w") as archive:
        for inner, data in files:
            checksums[inner] = hashlib.sha256(data).hexdigest()
            _add(archive, f"{name}/{inner}", data)
        manifest = {"format": FORMAT, **about, "files": checksums}
        _add(archive, f"{name}/{MANIFEST}", (json.dumps(manifest, indent=1) + "\n").encode())
    return len(checksums)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    about = zipfile.ZipInfo(name, _LONG_AGO)
    about.create_system, about.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    stored = name.endswith(_PACKED_ALREADY)
    archive.writestr(about, data, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)


def unpack(path: Path, folder: Path) -> Path:
    """Write what a zip file of `pack` holds into a new folder, whole or not at all.

    Args:
        path: of the zip file.
        folder: in which the folder of the zip file is made.

    Returns:
        The new folder.

    Raises:
        UserError: it is no such file, a name in it leads elsewhere, it is damaged or far too large, or the folder is
            there already.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _checked(archive, path)
            name = entries[0].filename.partition("/")[0]
            target = folder / name
            if target.exists() or target.is_symlink():
                raise UserError(f"{target} is there already: expected no such folder; name another one, or remove it")
            with _beside(folder) as place:
                _extract(archive, entries, place)
                _compare(place / name, path)
                (place / name).rename(target)
            return target
    except UserError:
        raise
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UserError(f"expected a zip file at {path}; {error.strerror or 'there is none'}") from error
    except _DAMAGED as error:
        raise _damaged(path, str(error)) from error


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A place in a folder, from which a rename brings what is finished to its own."""
    folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder, prefix=".unpacked.", suffix=".part"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _checked(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    """Its files, if all of them may become files here; folders are made for files alone."""
    entries = [each for each in archive.infolist() if not each.is_dir()]
    if not entries or len(entries) > _MOST_FILES:
        raise _damaged(path, f"it holds {len(entries)} files; expected 1 to {_MOST_FILES}")
    if sum(each.file_size for each in entries) > _MOST_BYTES:
        raise _damaged(path, f"it would take more than {_MOST_BYTES // (1024 * MIB)} GiB")
    for each in entries:
        _check(each, path)
        if not 0 <= each.header_offset < archive.start_dir:
            raise _damaged(path, f"{each.filename[:80]} in it begins nowhere")
    names = [each.filename.casefold() for each in entries]
    if len(set(names)) < len(names):
        raise _damaged(path, "a name is there twice")
    if len({name.partition("/")[0] for name in names}) > 1:
        raise _damaged(path, "it holds more than one folder")
    return entries


def _check(entry: zipfile.ZipInfo, path: Path) -> None:
    parts = entry.filename.split("/")
    if not 2 <= len(parts) <= _DEEPEST or not all(map(is_file_name, parts)):
        raise _damaged(path, f"the name {entry.filename[:80]!r} in it is none of a run's file")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        raise _damaged(path, f"{entry.filename[:80]} in it is no file, but a link or the like")
    if entry.flag_bits & 1 or entry.compress_type not in _WAYS:
        raise _damaged(path, f"{entry.filename[:80]} in it is packed in another way than `export` does")
    if entry.file_size > _MOST_SHRUNK * max(entry.compress_size, 1):
        raise _damaged(path, f"{entry.filename[:80]} in it would grow out of all proportion")


def _extract(archive: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo], place: Path) -> None:
    """Names were checked. What is longer than it says, or has another checksum, raises `BadZipFile`."""
    for entry in entries:
        target = place.joinpath(*entry.filename.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file, _IN_PIECES)
            file.flush()
            os.fsync(file.fileno())


def _compare(folder: Path, path: Path) -> None:
    """Every file is the one that the manifest means, and none is missing or more."""
    manifest = folder / MANIFEST
    if not manifest.is_file() or manifest.stat().st_size > _MOST_MANIFEST:
        raise UserError(f"{path} is no exported run: expected a zip file with {MANIFEST}, as `export` writes")
    said = json.loads(manifest.read_bytes())
    if not isinstance(said, dict) or not isinstance(files := said.get("files"), dict):
        raise _damaged(path, f"its {MANIFEST} is none")
    if not isinstance(number := said.get("format"), int) or number > FORMAT:
        raise UserError(f"{path} was written by a newer version: update assay to read it")
    there = {each.relative_to(folder).as_posix(): each for each in folder.rglob("*") if each.is_file()}
    del there[MANIFEST]
    if there.keys() != files.keys():
        raise _damaged(path, "it lacks files, or has more than its list of them")
    for name, file in there.items():
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != files[name]:
                raise _damaged(path, f"{name} does not match its checksum")


def _damaged(path: Path, why: str) -> UserError:
    return UserError(one_line(f"{path} is damaged, or no exported run: {why}"))
