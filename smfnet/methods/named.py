"""Methods by the names that a user gives them: `PMGI=results/pmgi`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError
from assay.files import check_unicode, nfc

__all__ = ["Method", "methods_from", "named_methods"]

LONGEST = 60  # characters of a name


@dataclass(frozen=True)
class Method:
    """A method's fused images.

    Attributes:
        name: as tables have it; empty of one that has none.
        place: a folder, or a file.
    """

    name: str
    place: Path


def methods_from(words: Sequence[str], option: str = "--fused") -> tuple[Method, ...]:
    """`NAME=DIR` each, or one DIR without a name.

    What is there as it stands is a place without a name, though it may have a `=`; else the first `=` ends the name.

    Raises:
        UserError: a name is empty, odd or given twice, a place is given twice, or one of several has no name.
    """
    methods = tuple(_method(word, option) for word in words)
    if len(methods) > 1 and (unnamed := next((each for each in methods if not each.name), None)):
        raise UserError(
            f"{option}: each of several methods has a name: {_suggested(unnamed.place)}, not {unnamed.place}"
        )
    return _all_once(methods, option)


def named_methods(places: Mapping[str, str | os.PathLike[str]], option: str = "fused") -> tuple[Method, ...]:
    """Name -> place, as a caller in Python gives methods.

    Raises:
        UserError: there is none, a name is empty or odd, or two are alike, or a place is given twice.
    """
    if not isinstance(places, Mapping) or not places:
        raise UserError(
            f"{option}: expected a folder by the name of each method, {{'mine': 'my/fused'}}; got {places!r}"
        )
    methods = (Method(_checked(str(name), f"{name}={place}", option), Path(place)) for name, place in places.items())
    return _all_once(tuple(methods), option)


def _all_once(methods: tuple[Method, ...], option: str) -> tuple[Method, ...]:
    _once((nfc(each.name).casefold() for each in methods), [f"the method {each.name}" for each in methods], option)
    _once((os.path.realpath(each.place) for each in methods), [f"{each.place}" for each in methods], option)
    return methods


def _method(word: str, option: str) -> Method:
    check_unicode(word, option)
    name, sign, place = word.partition("=")
    named = bool(sign) and os.sep not in name  # a name holds no slash, a path before a = does
    whole = Path(word).exists()
    if whole and named and place and Path(place).exists():
        raise UserError(f"{option} {word}: there is {word}, and there is {place}: write ./{word}, or {name}=./{place}")
    if whole or not named:
        if not word:
            raise UserError(f"{option}: expected NAME=DIR, or DIR; got nothing")
        return Method("", Path(word))
    if not place:
        raise UserError(f"{option} {word}: expected a folder behind the =; there is none")
    return Method(_checked(name.strip(), word, option), Path(place))


def _checked(name: str, word: str, option: str) -> str:
    if not name:
        raise UserError(f"{option} {word}: expected a name before the =; there is none")
    if len(name) > LONGEST or not name.isprintable():
        raise UserError(f"{option} {word}: expected a name of at most {LONGEST} characters that can be printed")
    return nfc(name)


def _suggested(place: Path) -> str:
    return f"{place.resolve().name or 'NAME'}={place}"


def _once(keys: Iterable[str], words: Sequence[str], option: str) -> None:
    seen: dict[str, str] = {}
    for key, word in zip(keys, words, strict=True):
        if key in seen:
            also = "" if seen[key] == word else f", as {seen[key]} and as {word}"
            raise UserError(f"{option}: {word} is given twice{also}: expected each method, and each place, once")
        seen[key] = word
