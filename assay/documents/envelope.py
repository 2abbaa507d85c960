"""The document that every command prints with `--json`, and the types that its parts are made of."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from os import PathLike
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, SerializeAsAny

from assay.config.text.credentials import redacted

__all__ = [
    "SCHEMA",
    "Document",
    "Failure",
    "GatePart",
    "Number",
    "Numbers",
    "Part",
    "Plain",
    "Result",
    "Text",
    "as_json",
]

SCHEMA: Literal["assay/1"] = (
    "assay/1"  # another number where a key is gone, or means something else; new keys may come at any time
)


def _text(value: object) -> object:
    """Text that is valid in UTF-8, without what opens a storage."""
    if isinstance(value, PathLike):
        value = str(value)
    return redacted(value.encode("utf-8", "backslashreplace").decode()) if isinstance(value, str) else value


def _finite(value: object) -> object:
    """JSON has neither nan nor infinity."""
    return value if not isinstance(value, float) or math.isfinite(value) else None


def _plain(value: object) -> object:
    """Any value of a configuration."""
    if isinstance(value, Mapping):
        return {str(_text(str(key))): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return _finite(value)
    return _text(str(value))


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[float | None, BeforeValidator(_finite)]  # null where it is not known
Plain = Annotated[JsonValue, BeforeValidator(_plain)]
Numbers = dict[Text, Number]


class Part(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Result(Part):
    """What a command found or did; `kind` says which of the results it is."""


class Failure(Part):
    """Why there is no result."""

    message: Text
    """The line that stands on stderr too: what was expected, what came, what to do."""


class GatePart(Part):
    """A claim of `--gate`, and what the verdicts say of it."""

    gate: Text
    met: bool
    verdict: Text
    """Of the row that is not the base, against the base; `not resolved` where there is none."""
    line: Text


class Document(Part):
    """What a command prints with `--json`: the whole of stdout."""

    schema_name: Literal["assay/1"] = Field(SCHEMA, alias="schema")
    """Name and version of this format. The version rises where a key is gone or means something else."""
    version: Text
    """Of the program."""
    command: Text
    """Its name: `ablate`, `search`, ..."""
    code: int
    """The exit code: 0, 1, 2, 3 or 130."""
    ok: bool
    """Whether the code is 0."""
    written: list[Text]
    """Files for people and programs that are there now because of this command: tables, pages, images. Where it failed
    or was stopped, those that were whole by then. Not what a run or a storage keeps for itself."""
    result: SerializeAsAny[Result] | None
    """What was found; null where the command was refused, or was stopped."""
    error: Failure | None
    """Why it was; null otherwise."""
    gates: list[GatePart] = []
    """Those that were asked for."""


def as_json(document: Document) -> str:
    """Strict JSON in ASCII, numbers at full precision."""
    return json.dumps(document.model_dump(mode="json", by_alias=True), indent=1, allow_nan=False)
