"""A folder that a command wrote, shown in Python as the commands show it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

__all__ = ["ShownFolder"]


class ShownFolder:
    """A folder that a command wrote, which a notebook shows as the commands do."""

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def __str__(self) -> str:
        return self._shown().export_text()

    def _repr_html_(self) -> str:
        look = "<pre style='line-height:1.25;overflow-x:auto'>{code}</pre>"
        return str(self._shown().export_html(inline_styles=True, code_format=look))

    def _shown(self, width: int = 100) -> Any:
        """A console that has printed what is to be seen, and keeps it."""
        from io import StringIO

        from rich.console import Console

        console = Console(file=StringIO(), record=True, width=width, force_terminal=True, force_jupyter=False)
        self.print_to(console)
        return console

    def print_to(self, console: Any) -> None:
        """Print with rich what the command prints of the results."""
        raise NotImplementedError
