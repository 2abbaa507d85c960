"""From preset, profile, data set and `key=value` changes to one checked configuration."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from assay.config.credentials import redacted
from assay.config.errors import UserError, unknown
from assay.config.interpolation import check_plain
from assay.config.reading import read_yaml
from assay.config.section import paths_of
from smfnet.config.root import Config
from smfnet.folders import PRESETS

__all__ = ["GROUPS", "compose", "group_options", "to_yaml"]

GROUPS = ("preset", "profile", "data")
_LONGEST = 10_000  # characters of an override; the grammar is slow


def compose(overrides: Sequence[str] = (), base: Path | None = None) -> Config:
    """The configuration for a list of Hydra overrides, checked whole.

    Args:
        overrides: `preset=standard`, `data=roadscene`, `train.epochs=6`, ...; text (`data.root`, `storage`) needs no
            quotes, whatever it holds.
        base: a YAML file of further values, as a search writes it; between the presets and the overrides.

    Raises:
        UserError: unknown key, group or value, with the closest match.
    """
    checked = [_checked(override) for override in overrides]
    _register()
    try:
        with initialize_config_dir(str(PRESETS), version_base="1.3"):
            tree = hydra_compose("config", overrides=[*_values_of(base), *checked])
        config = OmegaConf.to_object(tree)
    except YAMLError as error:
        raise UserError(f"a configuration file is no valid YAML: {_one_line(error)}") from error
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(_one_line(error.__cause__ or error)) from error
    assert isinstance(config, Config)
    return config


def group_options(group: str) -> list[str]:
    """Names that `group=NAME` accepts."""
    return sorted(path.stem for path in (PRESETS / group).glob("*.yaml"))


def to_yaml(config: Config) -> str:
    """The whole configuration as YAML, in the order of its classes; what opens the storage is left out."""
    return OmegaConf.to_yaml(OmegaConf.create(redacted(OmegaConf.to_container(OmegaConf.structured(config)))))


@cache
def _register() -> None:
    """Tell Hydra the types. The schema must be writable for composition; what comes out is frozen again."""
    node = OmegaConf.structured(Config)
    _make_writable(node)
    ConfigStore.instance().store("schema", node=node)


def _make_writable(node: Any) -> None:
    OmegaConf.set_readonly(node, False)
    for child in node.values():
        if isinstance(child, DictConfig):
            _make_writable(child)


def _checked(override: str) -> str:
    """An override that Hydra can read, of a key that is known; text in quotes."""
    _check_key(override)
    if len(override) > _LONGEST:
        raise UserError(f"{override[:80]}...: expected at most {_LONGEST} characters; got {len(override)}")
    key, _, value = override.partition("=")
    check_plain(key, value)
    if key in _texts(Config()) and value != "null" and value[:1] not in ("'", '"'):
        return f"{key}={_literal(value)}"
    try:
        OverridesParser.create().parse_override(override)
    except (HydraException, RecursionError) as error:
        raise UserError(f"{override!r} cannot be read ({_one_line(error)}); expected key=value") from error
    return override


def _texts(section: Any, prefix: str = "") -> set[str]:
    """Paths of the values that may be any text."""
    paths: set[str] = set()
    for item in fields(section):
        value = getattr(section, item.name)
        if is_dataclass(value):
            paths |= _texts(value, f"{prefix}{item.name}.")
        elif item.type in ("str", "str | None") and "choices" not in item.metadata:
            paths.add(prefix + item.name)
    return paths


def _check_key(override: str) -> None:
    """Refuse what Hydra would accept and then lose, and unknown keys with a hint that Hydra does not give."""
    key, sign, value = override.partition("=")
    if override.startswith(("+", "~")):
        raise UserError(f"{override!r}: keys cannot be added or removed; expected key=value with a known key")
    if not sign:
        raise UserError(f"expected key=value, got {override!r}")
    if key in GROUPS:
        if value not in group_options(key):
            raise unknown(key, value, group_options(key))
        return
    known = paths_of(Config())
    if key in known or any(path.startswith(f"{key}.") for path in known):
        return
    section, _, leaf = key.rpartition(".")
    candidates = [path for path in known if path.rpartition(".")[2] == leaf] or [*known, *GROUPS]
    close = difflib.get_close_matches(key, candidates, n=1, cutoff=0.5)
    siblings = [path for path in known if section and path.rpartition(".")[0] == section]
    names = siblings or [*GROUPS, *(item.name for item in fields(Config))]
    hint = f" Did you mean {close[0]}?" if close else ""
    raise UserError(f"unknown key {key!r}.{hint} Known here: {', '.join(names)}.")


def _values_of(base: Path | None) -> Iterable[str]:
    """The values of a YAML file as overrides, so that they pass the same checks."""
    if base is None:
        return []
    try:
        tree = read_yaml(base)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {base}: {_one_line(error)}") from error
    if not isinstance(tree, dict | None):
        raise UserError(f"{base}: expected keys and values, got a {type(tree).__name__}")
    overrides = []
    known = paths_of(Config())
    for path, value in _leaves(tree or {}):
        if path not in known:
            raise unknown(f"key in {base}", path, known)
        if isinstance(value, list) and any(isinstance(each, list | dict) for each in value):
            raise UserError(f"{base}: {path}: expected a value or a list of values; got {value!r}")
        check_plain(f"{base}: {path}", value)
        overrides.append(f"{path}={_literal(value)}")
    return overrides


def _leaves(tree: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + str(key), value


def _literal(value: Any) -> str:
    """A value in Hydra's override grammar."""
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_literal(item) for item in value) + "]"
    if isinstance(value, str):
        return "'" + re.sub(r"(\\*)('|$)", _escaped, value) + "'"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _escaped(match: re.Match[str]) -> str:
    """A quote, or the end, and the backslashes before it: only there does the grammar read them as escapes."""
    backslashes, quote = match.groups()
    return 2 * backslashes + (f"\\{quote}" if quote else "")


def _one_line(error: BaseException) -> str:
    """What is wrong and where, without Hydra's stack of explanations."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    key = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("full_key:")), "")
    text = lines[0] if lines else type(error).__name__
    return f"{key}: {text}" if key else text
