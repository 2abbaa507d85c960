"""What a command prints with `--json`, read as strictly as another program might."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[1] / "docs" / "programs.schema.json"


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read_document(text: str) -> dict[str, Any]:
    """The whole of stdout as one document that docs/programs.schema.json allows; nan and infinity are no JSON."""

    def refused(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    document = json.loads(text, parse_constant=refused)
    _validator().validate(document)
    assert document["schema"] == "assay/1"
    assert document["ok"] == (document["code"] == 0)
    assert (document["result"] is None) == (document["error"] is not None)
    return dict(document)


def printed_document(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    """The document on stdout, and what is on stderr."""
    out, err = capsys.readouterr()
    return read_document(out), err
