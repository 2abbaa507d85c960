"""What of the source of a class counts, and what does not."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator

__all__ = ["makes_subclasses", "without_fields", "without_members"]


def without_fields(node: ast.stmt) -> ast.ClassDef:
    """A section without its fields, whose values are named, and without the check of these."""
    assert isinstance(node, ast.ClassDef)
    return _with(node, [each for each in node.body if not _is_field(each)])


def without_members(node: ast.ClassDef, aside: Iterable[str]) -> ast.ClassDef:
    """A class without these members, but for those that another one uses."""
    named = {each: set(_members(each)) for each in node.body}
    kept = [each for each in node.body if not named[each] or not named[each] <= set(aside)]
    while True:
        used = {inner.attr for each in kept for inner in ast.walk(each) if isinstance(inner, ast.Attribute)}
        more = [each for each in node.body if each not in kept and named[each] & used]
        if not more:
            return _with(node, [each for each in node.body if each in kept])
        kept += more


def makes_subclasses(node: ast.ClassDef) -> bool:
    """Whether it does something when a class is derived from it."""
    return any(isinstance(each, ast.FunctionDef) and each.name == "__init_subclass__" for each in node.body)


def _with(node: ast.ClassDef, body: list[ast.stmt]) -> ast.ClassDef:
    shown = copy.copy(node)
    shown.body = body or [ast.Pass()]
    return shown


def _is_field(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) or (isinstance(node, ast.FunctionDef) and node.name == "__post_init__")


def _members(node: ast.stmt) -> Iterator[str]:
    """What a statement in the body of a class defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    yield from (each.id for each in targets if isinstance(each, ast.Name))
