"""Addresses as they may be shown and kept: without what opens the door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["HIDDEN", "redacted"]

HIDDEN = "***"
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^\s'\"<>]+)")
_WHOLE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(\S+)")  # to the end: a secret may hold any character
# Before the @ of these stands the name of a container or of a person, without which the place is not found.
_NAMED = ("abfs", "abfss", "hdfs", "sftp", "smb", "ssh", "wasb", "wasbs")
_HARMLESS = (  # options of pyarrow's file systems; any other may be a secret
    *("scheme", "region", "endpoint_override", "allow_bucket_creation", "allow_bucket_deletion"),
    *("retry_limit_seconds", "replication", "enable_tls"),
)


def redacted(value: Any) -> Any:
    """The same with every secret in an address replaced by `***`: user and password, and options such as a key.

    >>> redacted("storage=s3://KEY:SECRET@bucket/path?region=eu-1&session_token=T")
    'storage=s3://***@bucket/path?region=eu-1&session_token=***'

    Args:
        value: a text in which addresses may be, or lists and mappings of any depth with such texts as values.
    """
    if isinstance(value, Mapping):
        return {key: redacted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(redacted, value))
    if not isinstance(value, str) or "://" not in value:
        return value
    head = re.match(r"(?:[\w.-]+=)?['\"]?", value)
    assert head is not None  # it matches the empty text too
    whole = _WHOLE.fullmatch(value, head.end())
    return value[: head.end()] + _shown(whole) if whole else _ADDRESS.sub(_shown, value)


def _shown(address: re.Match[str]) -> str:
    scheme, rest = address.groups()
    place, mark, options = rest.partition("?")
    return f"{scheme}://{_place(scheme.lower(), place)}{mark}{_options(options)}"


def _place(scheme: str, place: str) -> str:
    """A secret may hold a slash that should have been encoded, so that the last @ ends it."""
    before, at, after = place.rpartition("@")
    if not at or (scheme == "file" and place.startswith("/")) or ("/" in before and ":" not in before):
        return place
    name, colon, _ = before.partition(":")
    if scheme in _NAMED:
        return f"{name}{colon and f':{HIDDEN}'}@{after}"
    return f"{HIDDEN}@{after}"


def _options(options: str) -> str:
    parts = re.split("([&;])", options)
    return "".join(part if place % 2 else _option(part) for place, part in enumerate(parts))


def _option(option: str) -> str:
    name, sign, value = option.partition("=")
    return option if not value or (name in _HARMLESS and "@" not in value) else f"{name}{sign}{HIDDEN}"
