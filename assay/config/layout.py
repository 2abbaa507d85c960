"""Values that were written when the configuration had another layout, by the paths that it has now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.config.root import RootConfig

__all__ = ["by_present_paths"]


def by_present_paths(values: Mapping[str, Any], config: type[RootConfig]) -> dict[str, Any]:
    """What a file of an earlier version says, as the present one would say it.

    Args:
        values: by dotted path, of either layout.
        config: the class of the whole configuration; its `renamed` says what has moved where.
    """
    return {new: value for path, value in values.items() for new in config.renamed.get(path, (path,))}
