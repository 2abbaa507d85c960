"""The line that a preset has printed with results, with the values that the configuration has then."""

from __future__ import annotations

import re
from typing import Any

from assay.config.section import Section, paths_of
from assay.config.text.credentials import redacted

__all__ = ["note_of"]


def note_of(config: Section) -> str:
    """The note of a configuration: `{train.epochs}` in it is that value, as it is typed; other braces stay.

    A preset's own values can be changed on the command line, and a note that named them would go on naming them.
    """
    values = paths_of(config)

    def value(found: re.Match[str]) -> str:
        path = found[1]
        return _typed(values[path]) if path in values and path != "note" else found[0]

    return re.sub(r"\{([\w.]+)\}", value, str(values["note"]))


def _typed(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"[{','.join(map(_typed, value))}]" if isinstance(value, list | tuple) else str(redacted(value))
