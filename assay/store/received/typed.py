"""JSON out of a folder that may come from anybody, read into a typed structure once: wrong types are one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError

from assay.config.errors import one_line
from assay.config.reading import first_problem
from assay.store.received.inside import check_entry_file, check_fingerprint

__all__ = ["FileName", "Fingerprint", "Newer", "Text", "Values", "read_typed"]

Structure = TypeVar("Structure")


def _shown(value: Any) -> Any:
    """Every text in a value as one line."""
    if isinstance(value, dict):
        return {one_line(key): _shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return one_line(value) if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(one_line)]  # to be shown: whatever a terminal would obey is made visible
Fingerprint = Annotated[str, AfterValidator(check_fingerprint)]
FileName = Annotated[str, AfterValidator(check_entry_file)]
Values = Mapping[Text, Annotated[Any, AfterValidator(_shown)]]


class Newer(Exception):
    """Something was written by a later version, whose format the message tells."""


@dataclass(frozen=True)
class _Format:
    """What every version writes."""

    format: int = 0


def read_typed(kind: type[Structure], data: bytes, newest: int | None = None) -> Structure:
    """A dataclass from JSON; keys that it does not have are passed over.

    Args:
        kind: a dataclass whose fields have types.
        data: JSON in UTF-8.
        newest: the latest `format` that can be read; any if None.

    Raises:
        Newer: it has a later one.
        ValueError: it is no JSON, or a value is missing or of another type; one line that names the first one.
    """
    if newest is not None and (found := read_typed(_Format, data).format) > newest:
        raise Newer(f"has format {found}, this version reads up to {newest}")
    hashed: Any = kind  # mypy does not see that it is
    reader: TypeAdapter[Structure] = _reader(hashed)
    try:
        return reader.validate_json(data, strict=True)
    except ValidationError as error:
        raise ValueError(first_problem(error)) from None


@cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
