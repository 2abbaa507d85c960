"""Values of users are taken as they stand: what OmegaConf would fill in is refused, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.config.errors import UserError

__all__ = ["check_plain"]


def check_plain(where: str, value: Any) -> None:
    """Refuse a value that means another one: `${oc.env:HOME}` would carry a secret into tables, `???` is none.

    Args:
        where: what holds the value, for the message.
        value: of any type; in lists and mappings every text is looked at.

    Raises:
        UserError: it does.
    """
    if isinstance(value, Mapping):
        for key, each in value.items():
            check_plain(where, key)
            check_plain(where, each)
    elif isinstance(value, list | tuple | set):
        for each in value:
            check_plain(where, each)
    elif isinstance(value, str) and ("${" in value or value == "???"):
        raise UserError(f"{where}: {value!r} is not filled in here: write the value itself")
