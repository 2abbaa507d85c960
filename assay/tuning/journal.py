"""The journal file of a study, looked at whole before anything is written to it.

Optuna appends to a journal whatever it ends with, and reads none whose middle is no record: a line that a crash left
unfinished would take all the trials with it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend

from assay.config.errors import UserError
from assay.store.disk.atomic import write_bytes

__all__ = ["Journal", "read_journal", "set_tail_aside"]

_LOG = logging.getLogger(__name__)
_NO_JSON = object()


@dataclass(frozen=True)
class Journal:
    """What a journal file holds.

    Attributes:
        storage: its records as Optuna reads them; cannot be written to.
        tail: bytes after the last record that are none; empty in a whole file.
        size: bytes before the tail.
    """

    storage: JournalStorage
    tail: bytes
    size: int


def read_journal(path: Path) -> Journal:
    """Read a journal and change nothing.

    Whatever follows the last record and is no JSON, an unfinished line for instance, is its tail.

    Raises:
        UserError: the file cannot be read, or one of its lines before that is no record of a study.
    """
    content = _content(path)
    lines = content.split(b"\n")[:-1]  # behind the last end of a line, nothing is whole
    replay = _Replay(_records(path, lines))
    try:
        storage = JournalStorage(replay)
    except Exception as error:  # Optuna checks no record: anything can come of one that was edited
        raise _no_record(path, replay.at, lines[replay.at]) from error
    size = sum(len(line) + 1 for line in lines[: replay.count])
    return Journal(storage, content[size:], size)


def set_tail_aside(path: Path, journal: Journal) -> None:
    """Keep the tail of a journal in a file of its own, with a line in the log, and cut it off: the next record follows.

    Args:
        path: of the file.
        journal: what it holds.
    """
    if not journal.tail:
        return
    kept = path.with_name(f"{path.name}.tail-{hashlib.sha256(journal.tail).hexdigest()[:8]}")
    write_bytes(kept, journal.tail)
    with open(path, "rb+") as file:
        file.truncate(journal.size)
        os.fsync(file.fileno())
    _LOG.warning(
        "%s did not end with a whole record: the last %d bytes are kept in %s, and the search goes on from the record "
        "before",
        path,
        len(journal.tail),
        kept.name,
    )


class _Replay(BaseJournalBackend):
    """Records in memory: how many, and the number of the one that is being read."""

    def __init__(self, records: Sequence[Any]) -> None:
        self._records, self.count, self.at = records, len(records), 0

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """The records from one of them on."""
        for number in range(log_number_from, self.count):
            self.at = number
            yield self._records[number]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Refused."""
        raise NotImplementedError("a study that was opened to be read cannot be written to")


def _content(path: Path) -> bytes:
    if path.is_symlink():
        raise UserError(f"{path} is a link: expected the journal itself, since a search writes to it")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error


def _records(path: Path, lines: Sequence[bytes]) -> list[Any]:
    """The values of the lines before the first that is no JSON, after which none may be."""
    values = [_parsed(line) for line in lines]
    count = next((number for number, value in enumerate(values) if value is _NO_JSON), len(values))
    more = any(value is not _NO_JSON for value in values[count:])
    if more or (not count and any(line.strip() for line in lines)):
        raise _no_record(path, count, lines[count])
    return values[:count]


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return _NO_JSON


def _no_record(path: Path, number: int, line: bytes) -> UserError:
    text = repr(line[:40].decode("utf-8", "backslashreplace")) + ("..." if len(line) > 40 else "")
    return UserError(
        f"{path}, line {number + 1} is no record of a study ({text}): mend it, or move the file away, and the search "
        "begins anew; nothing was changed"
    )
