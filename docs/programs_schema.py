"""Writes programs.schema.json, the shape of what every command prints with --json: `python -m docs.programs_schema`."""

from __future__ import annotations

from pathlib import Path

from assay.documents.schema import schema_text
from smfnet.cli.documents import RESULTS

FILE = Path(__file__).with_name("programs.schema.json")

if __name__ == "__main__":
    FILE.write_text(schema_text(RESULTS), encoding="utf-8")
