"""Files of somebody's making: read if they are files and of a sane size, and never so that anything waits or grows."""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_type_hints

import yaml
from pydantic import TypeAdapter, ValidationError

from assay.config.errors import one_line

__all__ = ["MIB", "first_problem", "parse_yaml", "read_file", "read_text", "read_yaml", "typed"]

Structure = TypeVar("Structure")

MIB = 2**20
_NODES, _DEPTH = 100_000, 50
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # the last are halves of characters
_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))


def read_file(path: str | os.PathLike[str], most: int) -> bytes:
    """The content of a regular file.

    Args:
        path: of the file; a link is followed.
        most: bytes.

    Raises:
        OSError: it is not there, or must not be read.
        ValueError: it is a folder, a pipe or a device, or it is larger; says so without its name.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe is not waited for
    if not stat.S_ISREG(mode := os.fstat(handle).st_mode):
        os.close(handle)
        kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "a device")
        raise ValueError(f"expected a file; this is {kind}")
    with open(handle, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"expected at most {most / MIB:g} MiB; it is larger")
    return data


def read_text(path: str | os.PathLike[str], most: int = MIB) -> str:
    """Text in UTF-8, with a byte order mark or without.

    Raises:
        OSError, ValueError: see `read_file`; or it is not UTF-8.
    """
    try:
        return read_file(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        odd = f"byte {error.start} is none (of UTF-16, perhaps)"
        raise ValueError(f"expected text in UTF-8; {odd}: save it as UTF-8") from error


def read_yaml(path: str | os.PathLike[str]) -> Any:
    """What a YAML file says: mappings, lists, texts, numbers, truth values and None.

    Raises:
        OSError, ValueError: see `read_text` and `parse_yaml`.
    """
    return parse_yaml(read_text(path))


def parse_yaml(text: str) -> Any:
    """What a YAML document says; what looks like a date stays text, `1e-4` is a number.

    Raises:
        ValueError: it is no YAML; a key is there twice, of which YAML would silently keep the last; it has other tags
            than those of JSON, control characters, or numbers of more than 64 bits; it is nested too deeply, or grows
            out of all proportion, as by aliases of aliases. One line that says where.
    """
    try:
        return yaml.load(text, _Loader)
    except RecursionError as error:
        raise ValueError("it is nested too deeply, or in itself") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(one_line(str(error), most=300)) from error


def typed(kind: type[Structure], raw: Any) -> Structure:
    """A dataclass made of what a document says, if its types are right.

    Raises:
        ValueError: a value is missing, unknown or of another type; one line that names the first one.
    """
    try:
        return TypeAdapter(kind).validate_json(
            json.dumps(raw, allow_nan=False), strict=True, extra="forbid"
        )  # JSON has no tuples
    except ValidationError as error:
        raise ValueError(first_problem(error, kind)) from None


def first_problem(error: ValidationError, kind: Any = None) -> str:
    """The first value that has not the type that it should have: where it is, what is wrong, what came; one line.

    Args:
        error: what pydantic found.
        kind: the dataclass that was read, if a misspelt name shall be told the right one.
    """
    first = error.errors(include_url=False, include_context=False)[0]
    place, told = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
    if first["type"] == "unexpected_keyword_argument":
        told = _unknown_key(kind, first["loc"])
    elif not first["type"].startswith(("missing", "value_error")) and not isinstance(first["input"], dict | list):
        told += f"; got {first['input']!r}"
    return one_line(f"{place}: {told}" if place else told, most=300)


def _unknown_key(kind: Any, place: tuple[int | str, ...]) -> str:
    known = _fields_at(kind, place[:-1])
    close = get_close_matches(str(place[-1]), known, n=1, cutoff=0.4)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"there is no such key.{hint} Known: {', '.join(known)}" if known else "there is no such key"


def _fields_at(kind: Any, place: Iterable[int | str]) -> list[str]:
    """Names of the fields of the dataclass that a place in another one holds; none if it holds something else."""
    for name in place:
        hints = get_type_hints(kind) if is_dataclass(kind) else {}
        kind = hints.get(str(name)) or next(iter(get_args(kind)[-1:]), None)  # of a mapping or a list, what it holds
    return [field.name for field in fields(kind)] if is_dataclass(kind) else []


class _Loader(yaml.SafeLoader):
    """Looks at a document with its aliases written out before anything is made of it."""

    def get_single_node(self) -> yaml.Node | None:
        node: yaml.Node | None = super().get_single_node()
        values, depth = _extent(node, {}) if node else (0, 0)
        if depth > _DEPTH:
            raise ValueError("it is nested too deeply, or in itself")
        if values > _NODES:
            raise ValueError(f"it amounts to more than {_NODES} values, aliases written out")
        return node

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        value = super().construct_scalar(node)
        if isinstance(value, str) and (found := _CONTROL.search(value)):
            raise ValueError(f"line {node.start_mark.line + 1} holds the character {found[0]!r}")
        return value

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        number = super().construct_yaml_int(node)
        if not -(2**63) <= number < 2**63:
            raise ValueError(f"line {node.start_mark.line + 1} holds a number of more than 64 bits")
        return number

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice := [key for key, count in keys.items() if count > 1]:
            raise ValueError(f"{one_line(twice[0], most=80)!r} is there twice")
        return super().construct_mapping(node, deep)


_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str", "seq", "map")}
_Loader.yaml_constructors = {tag: make for tag, make in _Loader.yaml_constructors.items() if tag in {None, *_TAGS}}
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), "-+0123456789")


def _extent(node: yaml.Node, known: dict[yaml.Node, tuple[int, int]]) -> tuple[int, int]:
    """Values below a node, itself counted, and how deep they go."""
    if node not in known:
        known[node] = 1, _DEPTH  # while it is looked at: a node in itself has no end
        below = [each for pair in node.value for each in pair] if isinstance(node, yaml.MappingNode) else node.value
        inner = [_extent(each, known) for each in below] if isinstance(node, yaml.CollectionNode) else []
        known[node] = 1 + sum(count for count, _ in inner), 1 + max((depth for _, depth in inner), default=0)
    return known[node]
