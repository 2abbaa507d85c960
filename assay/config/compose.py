"""From presets and `key=value` changes to one checked configuration."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Generic, TypeVar

from hydra import compose as hydra_compose
from hydra import initialize, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from assay.config.errors import UserError, unknown
from assay.config.layout import by_present_paths
from assay.config.mistakes.interpolation import check_plain
from assay.config.reading import read_yaml
from assay.config.root import RootConfig
from assay.config.section import fields_of, paths_of
from assay.config.text.credentials import redacted

__all__ = ["Schema", "to_yaml"]

Configuration = TypeVar("Configuration", bound=RootConfig)

_NODE = "schema"  # what the presets' config.yaml calls the types
_LONGEST = 10_000  # characters of an override; the grammar is slow
_ONE = re.compile(r"(?!null$)[A-Za-z_][\w.-]*|'[^']*'")  # a word, or a text as `words` writes it


@dataclass(frozen=True)
class Schema(Generic[Configuration]):
    """The configurations that a study can have: their types, and the presets that set several values at once.

    Attributes:
        config: the class of the whole; its defaults are the base.
        presets: a folder with config.yaml, which names the order of composition, and a folder per group; None if there
            are no presets.
        groups: group of presets -> the one that is taken unless another is named.
        first: values, by dotted path, that stand before whatever a user says.
    """

    config: type[Configuration]
    presets: Path | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        engine = {item.name: item.metadata for item in fields(RootConfig)}
        taken = [item.name for item in fields(self.config) if engine.get(item.name, item.metadata) != item.metadata]
        if taken:
            raise UserError(
                f"{self.config.__name__}.{taken[0]}: this is a value of the engine's, of which a study cannot make "
                "another"
            )

    def compose(self, overrides: Sequence[str] = (), base: Path | None = None) -> Configuration:
        """The configuration for a list of Hydra overrides, checked whole.

        Args:
            overrides: `preset=standard`, `train.epochs=6`, ...; text (`storage`) needs no quotes, whatever it holds.
            base: a YAML file of further values, as a search writes it; between the presets and the overrides.

        Raises:
            UserError: unknown key, group or value, with the closest match.
        """
        first = (f"{path}={_literal(value)}" for path, value in self.first.items())
        changes = [*first, *self._values_of(base), *(self._checked(override) for override in overrides)]
        try:
            config = OmegaConf.to_object(self._composed(changes))
        except YAMLError as error:
            raise UserError(f"a configuration file is no valid YAML: {_one_line(error)}") from error
        except (HydraException, OmegaConfBaseException) as error:
            raise UserError(_one_line(error.__cause__ or error)) from error
        assert isinstance(config, self.config)
        return config

    def words(self, changes: Mapping[str, Any]) -> list[str]:
        """Changes that are written in Python, as the overrides that `compose` takes.

        Args:
            changes: dotted path -> value, section -> its changes, or group -> name of a preset.
        """
        return [
            f"{path}={value}" if path in self.groups else f"{path}={_literal(value)}"
            for path, value in _leaves(changes)
        ]

    def options(self, group: str) -> list[str]:
        """Names that `group=NAME` accepts."""
        return sorted(path.stem for path in (self.presets / group).glob("*.yaml")) if self.presets else []

    def chosen(self, overrides: Sequence[str]) -> dict[str, str]:
        """The preset of each group: the one that is named, else that of another preset that is, else the usual one."""
        named = [word for word in overrides if word.partition("=")[0] in self.groups]
        if not named or not self.presets:
            return dict(self.groups)
        with _types(self.config), initialize_config_dir(str(self.presets), version_base="1.3"):
            made = hydra_compose("config", overrides=named, return_hydra_config=True).hydra.runtime.choices
        return {group: str(made[group]) for group in self.groups}

    @cached_property
    def known(self) -> Mapping[str, Any]:
        """Every value by its dotted path, with its default."""
        return paths_of(self.config())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The words with which a key can begin."""
        return (*self.groups, *(item.name for item in fields(self.config)))

    def _composed(self, overrides: list[str]) -> Any:
        with _types(self.config) as node:
            if self.presets:
                with initialize_config_dir(str(self.presets), version_base="1.3"):
                    return hydra_compose("config", overrides=overrides)
            with initialize(None, version_base="1.3"):
                return hydra_compose(node, overrides=overrides)

    def _checked(self, override: str) -> str:
        """An override that Hydra can read, of a key that is known; text in quotes."""
        self._check_key(override)
        if len(override) > _LONGEST:
            raise UserError(f"{override[:80]}...: expected at most {_LONGEST} characters; got {len(override)}")
        key, _, value = override.partition("=")
        check_plain(key, value)
        if key in _lists(self.config()) and _ONE.fullmatch(value):
            return f"{key}=[{value}]"
        if key in _texts(self.config()) and value != "null" and value[:1] not in ("'", '"'):
            return f"{key}={_literal(value)}"
        try:
            several = OverridesParser.create().parse_override(override).is_sweep_override()
        except (HydraException, RecursionError) as error:
            raise UserError(f"{override!r} cannot be read ({_one_line(error)}); expected key=value") from error
        if several:
            raise UserError(f"{override}: expected one value, or a list in brackets; got several")
        return override

    def _check_key(self, override: str) -> None:
        """Refuse what Hydra would accept and then lose, and unknown keys with a hint that Hydra does not give."""
        key, sign, value = override.partition("=")
        if override.startswith(("+", "~")):
            raise UserError(f"{override!r}: keys cannot be added or removed; expected key=value with a known key")
        if not sign:
            raise UserError(f"expected key=value, got {override!r}")
        if key in self.groups:
            if value not in self.options(key):
                raise unknown(key, value, self.options(key))
            return
        if key in self.known or any(path.startswith(f"{key}.") for path in self.known):
            return
        section, _, leaf = key.rpartition(".")
        candidates = [path for path in self.known if path.rpartition(".")[2] == leaf] or [*self.known, *self.groups]
        close = difflib.get_close_matches(key, candidates, n=1, cutoff=0.5)
        siblings = [path for path in self.known if section and path.rpartition(".")[0] == section]
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UserError(f"unknown key {key!r}.{hint} Known here: {', '.join(siblings or self.names)}.")

    def _values_of(self, base: Path | None) -> Iterable[str]:
        """The values of a YAML file as overrides, so that they pass the same checks."""
        if base is None:
            return
        try:
            tree = read_yaml(base)
        except (OSError, ValueError) as error:
            raise UserError(f"cannot read {base}: {_one_line(error)}") from error
        if not isinstance(tree, dict | None):
            raise UserError(f"{base}: expected keys and values, got a {type(tree).__name__}")
        for path, value in by_present_paths(dict(_leaves(tree or {})), self.config).items():
            if path not in self.known:
                raise unknown(f"key in {base}", path, self.known)
            if isinstance(value, list) and any(isinstance(each, list | dict) for each in value):
                raise UserError(f"{base}: {path}: expected a value or a list of values; got {value!r}")
            check_plain(f"{base}: {path}", value)
            one = isinstance(value, str) and path in _lists(self.config())
            yield f"{path}={_literal([value] if one else value)}"


def to_yaml(config: RootConfig) -> str:
    """The whole configuration as YAML, in the order of its classes; what opens the storage is left out."""
    return OmegaConf.to_yaml(OmegaConf.create(redacted(OmegaConf.to_container(OmegaConf.structured(config)))))


@contextmanager
def _types(config: type[RootConfig]) -> Iterator[str]:
    """Tell Hydra the types for the length of one composition: its store is one for the process, and studies are many.

    The types must be writable for composition; what comes out is frozen again.
    """
    store, name = ConfigStore.instance(), f"{_NODE}.yaml"
    before, node = store.repo.get(name), OmegaConf.structured(config)
    _make_writable(node)
    store.store(_NODE, node=node)
    try:
        yield _NODE
    finally:
        store.repo.pop(name)
        if before is not None:
            store.repo[name] = before


def _make_writable(node: Any) -> None:
    OmegaConf.set_readonly(node, False)
    for child in node.values():
        if isinstance(child, DictConfig):
            _make_writable(child)


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


def _lists(config: RootConfig) -> set[str]:
    """Paths of the values that are lists of texts, for which one text may stand."""
    return {path for path, item in fields_of(config).items() if item.type in ("tuple[str, ...]", tuple[str, ...])}


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
    if isinstance(value, str | PathLike):
        value = str(value)
        return "'" + re.sub(r"(\\*)('|$)", _escaped, value) + "'"
    value = value.item() if hasattr(value, "item") else value  # one of numpy's numbers
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
