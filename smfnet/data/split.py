"""Which pairs are for training, which for validation, and which for the test."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from assay.config.errors import UserError, unknown
from smfnet.config.data import DataConfig
from smfnet.data.folder import FilePair, pairs_in, stem_of
from smfnet.data.held_out import held_out
from smfnet.data.scenes import ScenePair, scene_pairs

__all__ = ["PARTS", "Split", "shipped_lists", "split_of"]

PARTS = ("train", "val", "test")
_LISTS = Path(__file__).parent / "splits"


@dataclass(frozen=True)
class Split:
    """The pairs of each part, in order; not read yet."""

    train: tuple[FilePair | ScenePair, ...]
    val: tuple[FilePair | ScenePair, ...]
    test: tuple[FilePair | ScenePair, ...]

    def part(self, name: str) -> tuple[FilePair | ScenePair, ...]:
        """One part by its name: `train`, `val` or `test`."""
        if name not in PARTS:
            raise ValueError(f"expected one of {', '.join(PARTS)}; got {name!r}")
        pairs: tuple[FilePair | ScenePair, ...] = getattr(self, name)
        return pairs


def split_of(config: DataConfig) -> Split:
    """Find the pairs of every part.

    Raises:
        UserError: a folder, list or partner is missing, or nothing is left for a part.
    """
    if config.source == "generated":
        split = Split(*(scene_pairs(config.scenes, part, config.val_pairs) for part in PARTS))
    else:
        split = _from_folders(config)
    return replace(split, test=split.test[: config.limit_test])


def shipped_lists() -> list[str]:
    """Names of the lists that come with the package, for `data.exclude`, `data.same_scene` and the like."""
    return sorted(path.name for path in _LISTS.iterdir() if path.suffix in (".txt", ".csv"))


def _from_folders(config: DataConfig) -> Split:
    root = _root(config)
    train = _named(_pairs(root, "train", config), root, config.train_names, "data.train_names")
    test = _named(_pairs(root, "test", config), root, config.test_names, "data.test_names")
    excluded = {stem_of(line) for name in config.exclude for line in _lines(root, name)}
    train = [pair for pair in train if pair.stem not in excluded]
    if not train:
        raise UserError(f"no training pair is left in {_places(root, config.train)}: data.exclude names all of them")
    chosen, rest = _hold_out(train, {pair.stem for pair in test} | excluded, root, config)
    return Split(rest, chosen, tuple(test))


def _root(config: DataConfig) -> Path:
    folders = ", ".join(dict.fromkeys((*config.train, *config.test)))
    layout = f"a folder that holds {folders}, each with {config.ir}/ and {config.vi}/"
    if config.root is None:
        raise UserError(f"data.root: expected {layout}; got none, give data.root=DIR")
    root = Path(config.root).expanduser()
    if not root.is_dir():
        raise UserError(f"data.root: expected {layout}; there is none at {root}")
    return root


def _pairs(root: Path, part: str, config: DataConfig) -> list[FilePair]:
    """Pairs of the folders of a part; with more than one folder, names begin with it."""
    listed = list(dict.fromkeys(config.train if part == "train" else config.test))
    if not listed:
        raise UserError(f"data.{part}: expected the name of a folder under {root} at least; got none")
    for name in listed:
        if not (root / name).is_dir():
            there = ", ".join(sorted(path.name for path in root.iterdir() if path.is_dir())[:8]) or "no folder"
            raise UserError(f"data.{part}: expected the folder {name} in data.root={root}; there is {there}")
    prefixes = {folder: f"{folder.strip('/')}/" if len(listed) > 1 else "" for folder in listed}
    return [pair for name in listed for pair in pairs_in(root / name, config.ir, config.vi, prefixes[name])]


def _named(pairs: list[FilePair], root: Path, lists: tuple[str, ...], key: str) -> list[FilePair]:
    """Only the pairs that the lists name, all of them if there is no list."""
    if not lists:
        return pairs
    wanted = {stem_of(line): name for name in lists for line in _lines(root, name)}
    missing = sorted(wanted.keys() - {pair.stem for pair in pairs})
    if missing:
        raise UserError(f"{key}: {wanted[missing[0]]} names {missing[0]}, and there is no such pair under {root}")
    return [pair for pair in pairs if pair.stem in wanted]


def _hold_out(
    train: list[FilePair], taken: set[str], root: Path, config: DataConfig
) -> tuple[tuple[FilePair, ...], tuple[FilePair, ...]]:
    """Validation pairs, and what is left to train on."""
    if not config.val_pairs:
        return (), tuple(train)
    by_stem = [tuple(map(stem_of, row)) for row in _rows(root, config.same_scene)]
    listed = {stem for edge in by_stem for stem in edge}
    # A list knows stems; where several folders have one stem, all of them count as named.
    edges = [(a, b) for a, b in by_stem] + [(pair.stem, pair.name) for pair in train if pair.stem in listed]
    val, rest = map(
        set, held_out([pair.name for pair in train], taken & listed, edges, config.frames, config.val_pairs)
    )
    if not val or not rest:
        raise UserError(
            f"data.val_pairs: cannot take {config.val_pairs} validation pairs out of {len(train)} training pairs in "
            f"{_places(root, config.train)}, scenes kept whole; give fewer"
        )
    return tuple(pair for pair in train if pair.name in val), tuple(pair for pair in train if pair.name in rest)


def _rows(root: Path, name: str | None) -> list[tuple[str, str]]:
    """Columns a and b of a CSV file."""
    if name is None:
        return []
    table = csv.DictReader(_lines(root, name))
    if not {"a", "b"} <= set(table.fieldnames or ()):
        raise UserError(f"data.same_scene: expected columns a and b in {name}; got {table.fieldnames}")
    return [(row["a"], row["b"]) for row in table]


def _lines(root: Path, name: str) -> list[str]:
    """Lines of a list under `root`, or of one that comes with the package; without comments and empty lines."""
    path = root / name if (root / name).is_file() else _LISTS / name
    if not path.is_file():
        raise unknown(f"list of names: no such file under {root}, and no shipped list", name, shipped_lists())
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the list {path}: {error}") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _places(root: Path, folders: Iterable[str]) -> str:
    return ", ".join(str(root / folder) for folder in folders)
