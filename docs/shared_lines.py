"""Docstrings say one thing of several names in one line, `groups, pairs: number of each`; the pages show it so."""

from __future__ import annotations

import re
from typing import Any

import griffe

_NAMES = re.compile(r"^( +)(\w+(?:, \w+)+):(?= )", re.MULTILINE)
_SPACE = "\N{NO-BREAK SPACE}"  # what stands after another one would be read as the type of the first name


class SharedLines(griffe.Extension):
    """Keeps such names together, and says their types."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Called once for each object of a loaded package."""
        if not obj.docstring:
            return

        def together(line: re.Match[str]) -> str:
            names = line[2].split(", ")
            types = dict.fromkeys(_annotation(obj, name) for name in names)
            said = "" if "" in types else f" ({', '.join(types)})"
            return line[1] + f",{_SPACE}".join(names) + said + ":"

        obj.docstring.value = _NAMES.sub(together, obj.docstring.value)


def _annotation(obj: griffe.Object, name: str) -> str:
    """What is written beside a parameter or member; empty where nothing is."""
    members = {each.name: each for each in obj.parameters} if isinstance(obj, griffe.Function) else obj.members
    return str(getattr(members.get(name), "annotation", None) or "")
