"""Keys that stand twice in a dictionary of rows or parameters as it is written: Python keeps the second, in silence."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assay.config.errors import UserError, one_line

__all__ = ["check_written_once"]

_TABLES = {"suite", "rows", "space", "rules", "phases"}  # names that such dictionaries have, in any case


def check_written_once(text: str, place: str) -> None:
    """Refuse a Python file with such a dictionary.

    Args:
        text: of the file; one that cannot be parsed is another's to refuse.
        place: its name, for the message.

    Raises:
        UserError: so it is, with the line.
    """
    try:
        tables = list(_tables(ast.parse(text)))
    except (SyntaxError, ValueError):
        return
    for table in tables:
        for each in ast.walk(table):
            if isinstance(each, ast.Dict):
                _check(each, place)


def _tables(tree: ast.AST) -> Iterator[ast.AST]:
    """What is assigned to one of the names, or stands under one of them in a dictionary."""
    for node in ast.walk(tree):
        for name, value in _named(node):
            if isinstance(name, str) and name.lower() in _TABLES and value is not None:
                yield value


def _named(node: ast.AST) -> Iterator[tuple[object, ast.AST | None]]:
    if isinstance(node, ast.Assign):
        yield from ((getattr(target, "id", ""), node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign):
        yield getattr(node.target, "id", ""), node.value
    elif isinstance(node, ast.Dict):
        yield from ((getattr(key, "value", ""), value) for key, value in zip(node.keys, node.values, strict=True))


def _check(table: ast.Dict, place: str) -> None:
    seen: set[object] = set()
    for key in table.keys:
        if not isinstance(key, ast.Constant):
            continue
        if key.value in seen:
            what = one_line(repr(key.value), most=80)
            raise UserError(f"{place}, line {key.lineno}: {what} is there twice, the first would be lost: rename one")
        seen.add(key.value)
