"""Changes to a configuration, applied by one pure function: what makes a variant of the base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from assay.config.errors import UserError, unknown
from assay.config.ignored import replaced, whole_class
from assay.config.mistakes.interpolation import check_plain
from assay.config.section import Section, paths_of

__all__ = ["apply", "difference"]

Configuration = TypeVar("Configuration", bound=Section)


def apply(config: Configuration, changes: Mapping[str, Any]) -> Configuration:
    """A new configuration with the values at the given dotted paths changed, all at once.

    Values are converted to the field's type as on the command line ("1e-4" becomes a number).

    Raises:
        UserError: a path is unknown, or a value does not fit.

    Example:
        >>> from assay.config.cluster import ClusterConfig
        >>> apply(ClusterConfig(), {"cpus": 2}).cpus
        2
    """
    known = paths_of(config)
    for path, value in changes.items():
        if path not in known:
            raise unknown("configuration path", path, known)
        check_plain(path, value)
    tree: dict[str, Any] = {}
    for path, value in changes.items():
        *parents, leaf = path.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = value
    return _replaced(config, tree, "")


def difference(one: Section, other: Section) -> dict[str, tuple[Any, Any]]:
    """Paths whose values differ, with both values."""
    left, right = paths_of(one), paths_of(other)
    return {path: (left[path], right[path]) for path in left if left[path] != right[path]}


def _replaced(section: Any, tree: Mapping[str, Any], prefix: str) -> Any:
    values: dict[str, Any] = {}
    for name, value in tree.items():
        current = getattr(section, name)
        if isinstance(current, Section):
            values[name] = _replaced(current, value, f"{prefix}{name}.")
        else:
            values[name] = _converted(section, name, value, prefix)
    return replaced(section, values)


def _converted(section: Section, name: str, value: Any, prefix: str) -> Any:
    """The value as the field's type, by the rules of Hydra."""
    node = OmegaConf.structured(whole_class(section))
    OmegaConf.set_readonly(node, False)
    try:
        node[name] = list(value) if isinstance(value, tuple) else value
        return OmegaConf.to_container(node)[name]  # type: ignore[index, call-overload]
    except OmegaConfBaseException as error:
        raise UserError(f"{prefix}{name}: {str(error).splitlines()[0]}") from error
