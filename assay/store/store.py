"""The memory of all runs: what is made is kept under the fingerprint of what decides it, and never changed.

    stages/FP/...       a trained stage: state.safetensors and record.json
    trials/FP/...       a measured trial: results.parquet, proof.json, images/*.png and record.json
    KIND/FP/...         what other rooms keep, in the same way
    checkpoints/FP      the last state of a running stage, checksum first
    damaged/...         what did not match its checksum, put aside

A record is written last and holds the checksum of every other file, and its own: no record, no entry.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.config.errors import UserError
from assay.store.files import Files

__all__ = ["FORMAT", "STAGES", "TRIALS", "Entry", "Store"]

FORMAT = 1
STAGES, TRIALS = "stages", "trials"
_LOG = logging.getLogger(__name__)


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
    record: Mapping[str, Any]

    @property
    def checksums(self) -> dict[str, str]:
        """File name -> SHA-256."""
        return dict(self.record["files"])


class Store:
    """Content-addressed storage of stages and trials.

    Needs no locks: within a run one trial makes a stage while the others wait, and two runs that make the same stage
    write the same bytes. Where they do not (on a GPU), the first one's entry stays; if both write in the same moment,
    the checksums find it, and the stage is made again.

    Args:
        root: folder or URL, as `storage=` takes it.
    """

    def __init__(self, root: str) -> None:
        self.files = Files(root)

    def find(self, kind: str, fingerprint: str) -> Entry | None:
        """The entry of a fingerprint, or None if it was never finished.

        Raises:
            UserError: it was written by a newer version.
        """
        path = f"{kind}/{fingerprint}/record.json"
        try:
            record = _parse(self.files.read(path))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError):
            self.put_aside(kind, fingerprint, "its record is damaged")
            return None
        if record["format"] > FORMAT:
            raise UserError(f"{self.files.root}/{path} was written by a newer version: update assay to use this store")
        return Entry(kind, fingerprint, record)

    def read(self, entry: Entry, name: str) -> bytes | None:
        """A file of an entry, or None if it is damaged: the entry is then put aside, to be made again."""
        try:
            data = self.files.read(f"{entry.kind}/{entry.fingerprint}/{name}")
        except FileNotFoundError:
            data = b""
        if _sha256(data) == entry.checksums.get(name):
            return data
        self.put_aside(entry.kind, entry.fingerprint, f"{name} does not match its checksum")
        return None

    def write(self, kind: str, fingerprint: str, files: Mapping[str, bytes], record: Mapping[str, Any]) -> Entry:
        """Store files and, last of all, their record; an entry that is there stays as it is, and is returned."""
        if there := self.find(kind, fingerprint):
            return there
        for name, data in files.items():
            self.files.write(f"{kind}/{fingerprint}/{name}", data)
        full = {**record, "format": FORMAT, "files": {name: _sha256(data) for name, data in files.items()}}
        full = json.loads(json.dumps(full, default=str))  # as it will be read
        full["checksum"] = _checksum(full)
        self.files.write(f"{kind}/{fingerprint}/record.json", json.dumps(full, indent=1).encode())
        return Entry(kind, fingerprint, full)

    def read_checkpoint(self, fingerprint: str) -> bytes | None:
        """The last state of an unfinished stage, or None if there is none or it is damaged."""
        try:
            data = self.files.read(f"checkpoints/{fingerprint}")
        except FileNotFoundError:
            return None
        if data[:64].decode("ascii", "replace") == _sha256(data[64:]):
            return data[64:]
        self._move_aside(f"checkpoints/{fingerprint}", "the checkpoint does not match its checksum")
        return None

    def write_checkpoint(self, fingerprint: str, state: bytes) -> None:
        """Keep the state of a running stage in place of the one before."""
        self.files.write(f"checkpoints/{fingerprint}", _sha256(state).encode() + state)

    def drop_checkpoint(self, fingerprint: str) -> None:
        """Forget the checkpoint of a finished stage."""
        self.files.delete(f"checkpoints/{fingerprint}")

    def kinds(self) -> list[str]:
        """Kinds of which there are entries, or files of some."""
        return sorted({path.split("/")[0] for path in self.files.list("") if path.count("/") > 1} - {"damaged"})

    def entries(self, kind: str) -> Iterator[Entry]:
        """All finished entries of a kind."""
        for path in self.files.list(kind):
            if path.endswith("/record.json"):
                entry = self.find(kind, path.split("/")[1])
                if entry:
                    yield entry

    def unfinished(self) -> list[str]:
        """Paths of files of entries that have no record: a writer was killed, or is at it."""
        found = []
        for kind in self.kinds():
            paths = self.files.list(kind)
            finished = {path.split("/")[1] for path in paths if path.endswith("/record.json")}
            found += [path for path in paths if path.split("/")[1] not in finished]
        return found

    def verify(self, entry: Entry) -> bool:
        """Whether every file of an entry matches its checksum; a damaged entry is put aside."""
        return all(self.read(entry, name) is not None for name in entry.checksums)

    def remove(self, entry: Entry) -> None:
        """Delete an entry, its record first, so that it is never half there."""
        self.files.delete(f"{entry.kind}/{entry.fingerprint}/record.json")
        self.files.delete_folder(f"{entry.kind}/{entry.fingerprint}")

    def put_aside(self, kind: str, fingerprint: str, reason: str) -> None:
        """Move a damaged entry out of use."""
        for path in sorted(self.files.list(f"{kind}/{fingerprint}"), key=lambda p: not p.endswith("record.json")):
            self._move_aside(path, reason)

    def _move_aside(self, path: str, reason: str) -> None:
        _LOG.warning("%s/%s: %s; put aside under damaged/, it will be made again", self.files.root, path, reason)
        try:
            self.files.write(f"damaged/{path}", self.files.read(path))
        except FileNotFoundError:
            return  # another process was faster
        self.files.delete(path)


def _parse(data: bytes) -> dict[str, Any]:
    """A record whose checksum of itself is right; every later format must keep to this rule.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is damaged.
    """
    record: dict[str, Any] = json.loads(data)
    if record["checksum"] != _checksum(record):
        raise ValueError("the record does not match its checksum")
    return record


def _checksum(record: Mapping[str, Any]) -> str:
    """Of a record, whatever its layout in the file."""
    content = {key: value for key, value in record.items() if key != "checksum"}
    return _sha256(json.dumps(content, sort_keys=True).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
