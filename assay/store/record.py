"""How an entry of the store was made: its record, read into types once, so that nobody else has to ask."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.store.received.typed import FileName, Fingerprint, Text, read_typed

__all__ = ["Record", "read_record", "sealed"]


@dataclass(frozen=True)
class Record:
    """What this project writes into a record; each kind of entry has its share of it.

    Attributes:
        files: name -> SHA-256.
        format: of the record.
        checksum: of the record itself, without this field.
        made: when, in ISO 8601; empty if it does not say.
        made_with: versions, processor and the like.
        config: dotted path -> value.
        study: whose it is; an early one does not say it.
        kind: of a stage.
        row: of a trial, as the suite calls it.
        seconds: of the work.
        epochs, steps, memory: of a training; bytes.
        samples: that an epoch of a training draws from.
        log: of a training: epoch, and term -> weight and value.
        stages: of a trial, in order.
    """

    files: Mapping[FileName, str]
    format: int
    checksum: str
    made: Text = ""
    made_with: Mapping[Text, Text] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    study: Text = ""
    kind: Text = ""
    row: Text = ""
    seed: int | None = None
    seconds: float | None = None
    epochs: int = 0
    steps: int = 0
    memory: int = 0
    samples: int = 0
    log: tuple[tuple[int, Mapping[Text, tuple[float, float]]], ...] = ()
    stages: tuple[Fingerprint, ...] = ()


def sealed(content: Mapping[str, Any]) -> bytes:
    """A record as it is kept, with a checksum of itself."""
    full = json.loads(json.dumps(content, default=str))  # as it will be read
    return json.dumps(full | {"checksum": _checksum(full)}, indent=1).encode()


def read_record(data: bytes, newest: int) -> Record:
    """A record whose checksum of itself is right; every later format must keep to this rule.

    Args:
        data: the file.
        newest: format that can be read.

    Raises:
        Newer: it has a later format.
        ValueError: it is damaged: cut off, changed, or with values of other types.
    """
    try:
        raw = json.loads(data)
    except RecursionError as error:
        raise ValueError("the record is no record: too deep") from error
    if not isinstance(raw, dict) or raw.get("checksum") != _checksum(raw):
        raise ValueError("the record does not match its checksum")
    return read_typed(Record, data, newest)


def _checksum(record: Mapping[str, Any]) -> str:
    """Of a record, whatever its layout in the file."""
    content = {key: value for key, value in record.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
