"""Whether a class that a user writes says what it must, by the names and with the parameters that it is asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from assay.config.errors import UserError, one_line

__all__ = ["check_dataclass", "check_methods", "check_names", "overridden"]

_NEARLY = 0.8  # of two names, how alike they are


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


def check_names(kind: type, base: type) -> None:
    """Refuse a class that says something by a name which is nearly one of its base's: nobody would ask for it.

    Raises:
        UserError: one line with the name that was meant.
    """
    known = {name for name in (*dir(base), *_annotated(base)) if not name.startswith("_")}
    for each in kind.__mro__[: kind.__mro__.index(base)]:
        own = {name for name in vars(each) if not name.startswith("_")}
        for name in sorted(own - known):
            close = [meant for meant in get_close_matches(name, known, cutoff=_NEARLY) if meant not in own]
            if close:
                raise UserError(f"{each.__name__}.{name}: nothing asks for it. Did you mean {close[0]}?")


def check_dataclass(kind: Any) -> None:
    """Refuse a configuration whose fields are not taken, as its class is no dataclass of its own.

    Raises:
        UserError: so it is.
    """
    for each in kind.__mro__:
        lost = [name for name in vars(each).get("__annotations__", {}) if name not in kind.__dataclass_fields__]
        if lost and "__dataclass_fields__" not in vars(each):
            raise UserError(f"{each.__name__}.{lost[0]} is no value: write @dataclass(frozen=True) above the class")


def _annotated(kind: type) -> set[str]:
    return {name for each in kind.__mro__ for name in vars(each).get("__annotations__", {})}


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
