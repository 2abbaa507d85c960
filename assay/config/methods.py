"""Whether a class that a user writes has the methods that are called, with the parameters that they are called with."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from assay.config.errors import UserError, one_line

__all__ = ["check_methods", "overridden"]


def overridden(kind: type, base: type, name: str) -> bool:
    """Whether a class has another method of this name than its base."""
    return getattr(kind, name, None) is not getattr(base, name)


def check_methods(kind: type, base: type, needed: Iterable[str], allowed: Iterable[str] = ()) -> None:
    """Refuse a class that lacks a method, or has one that cannot be called as its base's is.

    Args:
        kind: what the user wrote.
        base: has every method, with its parameters and a docstring whose first line says what it gives.
        needed: methods that the class must define.
        allowed: others that it may.

    Raises:
        UserError: one line with what to write.
    """
    needed = tuple(needed)
    for name in needed:
        if not overridden(kind, base, name):
            told = inspect.getdoc(getattr(base, name)) or ""
            raise UserError(f"{kind.__name__} has no {name}(): write {_written(base, name)} ({told.splitlines()[0]})")
    for name in (*needed, *allowed):
        if overridden(kind, base, name):
            _check_parameters(kind, base, name)


def _check_parameters(kind: type, base: type, name: str) -> None:
    static = inspect.getattr_static(kind, name)
    method = getattr(kind, name)
    if not callable(method):
        raise UserError(f"{kind.__name__}.{name} is {one_line(repr(method), most=60)}: write {_written(base, name)}")
    given = list(inspect.signature(getattr(base, name)).parameters)
    given = given[1:] if isinstance(static, staticmethod | classmethod) else given
    try:
        inspect.signature(method).bind(*given)
    except (TypeError, ValueError) as error:
        got = f"def {name}{inspect.signature(method)}"
        raise UserError(f"{kind.__name__} has {one_line(got, most=200)}: write {_written(base, name)}") from error


def _written(base: type, name: str) -> str:
    return f"def {name}({', '.join(inspect.signature(getattr(base, name)).parameters)})"
