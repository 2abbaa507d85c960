"""The memory of all runs: what is made is kept under the fingerprint of what decides it, and never changed.

    stages/FP/...       a trained stage: state.safetensors and record.json
    trials/FP/...       a measured trial: results.parquet, proof.json, images/*.png and record.json
    KIND/FP/...         what other rooms keep, in the same way
    checkpoints/FP      the last state of a running stage, checksum first
    damaged/...         what did not match its checksum, put aside

A record is written last and holds the checksum of every other file, and its own: no record, no entry. Whatever else
lies in the folder is nobody's: it is not listed, moved or removed.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assay.config.errors import UserError, one_line
from assay.store.files import Files
from assay.store.received.inside import Outside, check_entry_file, check_fingerprint
from assay.store.received.typed import Newer
from assay.store.record import Record, read_record, sealed

__all__ = ["CHECKPOINTS", "FORMAT", "STAGES", "TRIALS", "Entry", "Store"]

FORMAT = 1
STAGES, TRIALS, CHECKPOINTS = "stages", "trials", "checkpoints"
_LOG = logging.getLogger(__name__)
_NO_MATCH = "does not match its checksum"
_ENTRY = r"(?!checkpoints/|damaged/)([a-z][a-z0-9_]*)/([0-9a-f]{32})/.+"
_ENTRY_FILE, _CHECKPOINT = re.compile(_ENTRY), re.compile("checkpoints/([0-9a-f]{32})")
_ASIDE = re.compile(rf"damaged/({_ENTRY}|{_CHECKPOINT.pattern})")
# An entry's parts are files of it; these are those of other files.
_PART = re.compile(rf"(damaged/)?({_ENTRY}|checkpoints/\.[0-9a-f]{{32}}\.[^/]+|\.\.check-[^/]+)")


@dataclass(frozen=True)
class Entry:
    """One stored thing.

    Attributes:
        kind: `stages`, `trials`, or what another room calls it.
        fingerprint: its name.
        record: how it was made, and the checksums of its files.
    """

    kind: str
    fingerprint: str
    record: Record

    @property
    def checksums(self) -> dict[str, str]:
        """File name -> SHA-256."""
        return dict(self.record.files)


class Store:
    """Content-addressed storage of stages and trials.

    Needs no locks: within a run one trial makes a stage while the others wait, and two runs that make the same stage
    write the same bytes. Where they do not (on a GPU), the first one's entry stays; if both write in the same moment,
    the checksums find it, and the stage is made again.

    Args:
        root: folder or URL, as `storage=` takes it.
        read_only: damage is told and left where it is; otherwise it is put aside, to be made again.
    """

    def __init__(self, root: str, *, read_only: bool = False) -> None:
        self.files, self._read_only = Files(root), read_only

    @classmethod
    def to_read(cls, root: str) -> Store:
        """A store that is only read, and can be: it may be empty, or not there yet.

        Raises:
            UserError: nobody can read there, or the root is a file.
        """
        store = cls(root, read_only=True)
        store.files.check(writable=False)
        return store

    def find(self, kind: str, fingerprint: str) -> Entry | None:
        """The entry of a fingerprint, or None if it was never finished.

        Raises:
            UserError: it was written by a newer version.
        """
        try:
            return self._entry(kind, fingerprint)
        except FileNotFoundError:
            return None
        except _DamagedRecord:
            self.put_aside(kind, fingerprint, "its record is damaged")
            return None

    def read(self, entry: Entry, name: str) -> bytes | None:
        """A file of an entry, or None if it is damaged: the entry is then put aside, to be made again."""
        data = self._whole(entry, name)
        if data is None:
            self.put_aside(entry.kind, entry.fingerprint, f"{name} {_NO_MATCH}")
        return data

    def write(self, kind: str, fingerprint: str, files: Mapping[str, bytes], record: Mapping[str, Any]) -> Entry:
        """Store files and, last of all, their record; an entry that is there stays as it is, and is returned."""
        if there := self.find(kind, fingerprint):
            return there
        folder = _folder(kind, fingerprint)
        for name, data in files.items():
            self.files.write(f"{folder}/{check_entry_file(name)}", data)
        checksums = {name: _sha256(data) for name, data in files.items()}
        full = sealed({**record, "format": FORMAT, "files": checksums})
        self.files.write(f"{folder}/record.json", full)
        return Entry(kind, fingerprint, read_record(full, FORMAT))

    def read_checkpoint(self, fingerprint: str) -> bytes | None:
        """The last state of an unfinished stage, or None if there is none or it is damaged."""
        try:
            state = _unsealed(self.files.read(_checkpoint(fingerprint)))
        except FileNotFoundError:
            return None
        if state is None:
            self.put_aside(CHECKPOINTS, fingerprint, f"the checkpoint {_NO_MATCH}")
        return state

    def write_checkpoint(self, fingerprint: str, state: bytes) -> None:
        """Keep the state of a running stage in place of the one before."""
        self.files.write(_checkpoint(fingerprint), _sha256(state).encode() + state)

    def drop_checkpoint(self, fingerprint: str) -> None:
        """Forget the checkpoint of a finished stage."""
        self.files.delete(_checkpoint(fingerprint))

    def checkpoints(self) -> dict[str, str]:
        """Fingerprint -> path of every checkpoint."""
        found = map(_CHECKPOINT.fullmatch, self.files.list("checkpoints"))
        return {match[1]: match[0] for match in found if match}

    def kinds(self) -> list[str]:
        """Kinds of which there are entries, or files of some."""
        return sorted({match[1] for match in map(_ENTRY_FILE.fullmatch, self.files.list("")) if match})

    def fingerprints(self, kind: str) -> list[str]:
        """Names of what has a record, whole or damaged."""
        found = map(_ENTRY_FILE.fullmatch, self.files.list(kind))
        return sorted({match[2] for match in found if match and match[0] == f"{_folder(kind, match[2])}/record.json"})

    def entries(self, kind: str) -> Iterator[Entry]:
        """All finished entries of a kind; what is damaged is passed over, see `damage`."""
        for fingerprint in self.fingerprints(kind):
            with suppress(FileNotFoundError, _DamagedRecord):
                yield self._entry(kind, fingerprint)

    def leftovers(self) -> list[str]:
        """Files that are no entry's: a writer was killed or is at it, a record is damaged, or it was put aside."""
        whole = {(entry.kind, entry.fingerprint) for kind in self.kinds() for entry in self.entries(kind)}
        files = self.files.list("")
        entries = (match for match in map(_ENTRY_FILE.fullmatch, files) if match)
        unfinished = [match[0] for match in entries if (match[1], match[2]) not in whole]
        parts = [path for path in self.files.partial() if _PART.fullmatch(path)]
        return sorted({*unfinished, *parts, *(path for path in files if _ASIDE.fullmatch(path))})

    def damage(self, kind: str, fingerprint: str) -> str:
        """What is wrong with an entry or a checkpoint, in words; empty if every file matches its checksum.

        Nothing is moved.

        Raises:
            UserError: it was written by a newer version.
        """
        if kind == CHECKPOINTS:
            with suppress(FileNotFoundError):  # its stage is finished by now
                return "" if _unsealed(self.files.read(_checkpoint(fingerprint))) is not None else f"it {_NO_MATCH}"
            return ""
        try:
            entry = self._entry(kind, fingerprint)
            wrong = (name for name in entry.checksums if self._whole(entry, name) is None)
            return next((one_line(f"{name} {_NO_MATCH}") for name in wrong), "")
        except FileNotFoundError:
            return "it has no record"
        except (_DamagedRecord, Outside) as error:
            return str(error)

    def verify(self, entry: Entry) -> bool:
        """Whether every file of an entry matches its checksum; a damaged entry is put aside."""
        return all(self.read(entry, name) is not None for name in entry.checksums)

    def remove(self, entry: Entry) -> None:
        """Delete an entry, its record first, so that it is never half there."""
        folder = _folder(entry.kind, entry.fingerprint)
        self.files.delete(f"{folder}/record.json")
        self.files.delete_folder(folder)

    def put_aside(self, kind: str, fingerprint: str, reason: str) -> None:
        """Move a damaged entry or checkpoint out of use; of a store that is only read, tell of it."""
        paths = [_checkpoint(fingerprint)] if kind == CHECKPOINTS else self.files.list(_folder(kind, fingerprint))
        self._give_up(sorted(paths, key=lambda path: not path.endswith("record.json")), reason)

    def _entry(self, kind: str, fingerprint: str) -> Entry:
        """Raises FileNotFoundError, _DamagedRecord, or UserError if it was written by a newer version."""
        path = f"{_folder(kind, fingerprint)}/record.json"
        data = self.files.read(path)
        try:
            return Entry(kind, fingerprint, read_record(data, FORMAT))
        except Newer as error:
            message = f"{self.files.root}/{path} was written by a newer version: update assay to use this store"
            raise UserError(message) from error
        except ValueError as error:
            raise _DamagedRecord("its record is damaged") from error

    def _whole(self, entry: Entry, name: str) -> bytes | None:
        """A file that matches its checksum."""
        try:
            data = self.files.read(f"{_folder(entry.kind, entry.fingerprint)}/{check_entry_file(name)}")
        except FileNotFoundError:
            return None
        return data if _sha256(data) == entry.checksums.get(name) else None

    def _give_up(self, paths: list[str], reason: str) -> None:
        for path in paths:
            told = one_line(f"{self.files.root}/{path}: {reason}")
            if self._read_only:
                _LOG.warning("%s; a run that needs it makes it again", told)
                return  # one line for an entry
            _LOG.warning("%s; put aside under damaged/, it will be made again", told)
            with suppress(FileNotFoundError):  # another process was faster
                self.files.write(f"damaged/{path}", self.files.read(path))
                self.files.delete(path)


class _DamagedRecord(Exception):
    """A record cannot be read; the message says so in words."""


def _folder(kind: str, fingerprint: str) -> str:
    return f"{kind}/{check_fingerprint(fingerprint)}"


def _checkpoint(fingerprint: str) -> str:
    return f"{CHECKPOINTS}/{check_fingerprint(fingerprint)}"


def _unsealed(data: bytes) -> bytes | None:
    """What a checkpoint holds behind its checksum; None if it does not match."""
    return data[64:] if data[:64].decode("ascii", "replace") == _sha256(data[64:]) else None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
