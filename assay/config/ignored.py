"""Configurations without the values that a stage ignores, so that it cannot read them unnoticed."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar

from assay.config.once import once_each
from assay.config.section import EVERY, Section, fields_of, items_of, paths_of

__all__ = ["IgnoredValueError", "deciding_values", "ignored_by", "replaced", "seen_by", "whole_class", "without"]

Configuration = TypeVar("Configuration", bound=Section)


class IgnoredValueError(RuntimeError):
    """A stage reads a value that its field declares it to ignore: a bug in the study, never a user's mistake."""


def ignored_by(config: Section, kind: str) -> set[str]:
    """Dotted paths of the values that mean nothing to this kind of stage, as their fields declare."""
    return set(_ignored(config, kind, "", whole=False))


def _ignored(section: Section, kind: str, prefix: str, *, whole: bool) -> Iterator[str]:
    """Of one section; all of it if `whole`."""
    idle = section.idle()
    for item in items_of(section):
        value, path = getattr(section, item.name), prefix + item.name
        ignored = not {kind, *EVERY}.isdisjoint(item.metadata.get("ignored_by", ()))
        nothing = whole or ignored or item.name in idle
        if isinstance(value, Section):
            yield from _ignored(value, kind, f"{path}.", whole=nothing)
        elif nothing:
            yield path


def without(config: Configuration, paths: Collection[str]) -> Configuration:
    """The same configuration lacking some values; reading one of these raises `IgnoredValueError`.

    Args:
        config: the whole, or one that lacks values already.
        paths: dotted; those that are not there are passed over.
    """
    if not paths:
        return config
    values: dict[str, Any] = {}
    lacks = set(config.lacks)
    for item in fields(config):
        if item.name in paths:
            lacks.add(item.name)
        elif item.name not in lacks:
            inner = {path.partition(".")[2] for path in paths if path.startswith(f"{item.name}.")}
            value = getattr(config, item.name)
            values[item.name] = without(value, inner) if inner else value
    return _made(whole_class(config), values, frozenset(lacks))


def replaced(section: Configuration, values: Mapping[str, Any]) -> Configuration:
    """`dataclasses.replace`, for a section that may lack values too."""
    if not section.lacks:
        return replace(section, **values)
    return _made(whole_class(section), section.__dict__ | dict(values), section.lacks)


def seen_by(config: Configuration, kind: str) -> Configuration:
    """The configuration that this kind of stage is handed: without what it ignores, one object for all seeds."""
    seen: Configuration = _seen((config,), kind)
    return seen


@once_each
def _seen(configs: tuple[Any], kind: str) -> Any:
    (config,) = configs
    return without(config, ignored_by(config, kind))


def deciding_values(config: Section) -> dict[str, Any]:
    """The values that go into a result's name: all that are there, but those that decide nothing or are as before."""
    return dict(_deciding((config,)))


@once_each
def _deciding(configs: tuple[Section]) -> dict[str, Any]:
    (config,) = configs
    values = paths_of(config)
    declared = {path: item.metadata for path, item in fields_of(config).items()}
    return {
        path: value
        for path, value in values.items()
        if declared[path].get("decides", True)
        and not ("as_before" in declared[path] and value == declared[path]["as_before"])
    }


def whole_class(config: Configuration) -> type[Configuration]:
    """The class as it was declared, of a section that may lack values."""
    cls = type(config)
    return cls.__mro__[1] if config.lacks else cls


def _made(cls: type[Configuration], values: Mapping[str, Any], lacks: frozenset[str]) -> Configuration:
    """An object of the class with these values alone; it was checked when it was whole."""
    whole: Any = cls
    made: Configuration = object.__new__(_lacking(whole, lacks) if lacks else whole)
    made.__dict__.update(values)
    return made


@cache
def _lacking(cls: type[Section], names: frozenset[str]) -> type[Section]:
    """A subclass whose named fields cannot be read; their defaults would else be found on the class."""

    def refused(name: str) -> property:
        def read(self: Section) -> Any:
            raise IgnoredValueError(
                f"{cls.prefix}.{name}".lstrip(".") + " was read, but its field declares that this stage ignores it, or "
                "another value makes it idle: take the declaration away, or do not read it"
            )

        return property(read)

    def kept(self: Section) -> dict[str, Any]:
        return self.__dict__

    body: dict[str, Any] = {name: refused(name) for name in names} | {
        "lacks": names,
        "__eq__": lambda self, other: type(self) is type(other) and kept(self) == kept(other),
        "__hash__": lambda self: hash(tuple(kept(self).items())),
        "__repr__": lambda self: f"{cls.__name__}({', '.join(f'{n}={v!r}' for n, v in kept(self).items())})",
        "__reduce__": lambda self: (_made, (cls, dict(kept(self)), names)),
    }
    return types.new_class(cls.__name__, (cls,), {"at": cls.prefix}, lambda namespace: namespace.update(body))
