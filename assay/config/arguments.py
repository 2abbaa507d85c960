"""Functions that are named as text, and handed what their parameters are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from assay.config.errors import UserError
from assay.config.tables import builder_named

__all__ = ["called_by_name"]


def called_by_name(place: str, given: Mapping[str, Any], asked_by: str) -> Any:
    """What a function makes of those of the given things that its parameters name.

    Args:
        place: `package.module:name` of the function; a parameter with a value of its own keeps it.
        given: name -> thing.
        asked_by: the entry that names the function, for the message.

    Raises:
        UserError: there is no such function, or it reads something else.
    """
    function, names = _reader(place, asked_by)
    if unknown := [name for name in names if name not in given]:
        raise UserError(f"{asked_by}: {place} reads {unknown[0]}; expected some of {', '.join(given)}")
    return function(**{name: given[name] for name in names})


@cache
def _reader(place: str, asked_by: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
    """The function, and the names of its parameters that have no value of their own."""
    function = builder_named(place, asked_by)
    parameters = inspect.signature(function).parameters.values()
    return function, tuple(each.name for each in parameters if each.default is inspect.Parameter.empty)
