"""Which pairs are for training, which for validation, and which for the test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assay.config.errors import UserError
from assay.config.folders import expanded
from assay.files import nfc
from smfnet.config.data import DataConfig
from smfnet.data.folder import FilePair, pairs_in, place_in
from smfnet.data.held_out import held_out
from smfnet.data.lists import read_list, read_table
from smfnet.data.percentiles import in_values
from smfnet.data.scenes import ScenePair, scene_pairs
from smfnet.data.sources import RANGE_KEYS, check_two_folders

__all__ = ["PARTS", "Split", "ranges_in_values", "split_of"]

PARTS = ("train", "val", "test")


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


def ranges_in_values(config: DataConfig) -> dict[str, str]:
    """The changes of a configuration that say in values what it says in percentiles of the training images.

    Raises:
        UserError: see `split_of`, or the percentiles are one value.
    """
    wanted = {key: span for key in ("ir_range", "vi_range") if (span := config.range_of(key)) and span.percent}
    if not wanted or config.source == "generated":
        return {}
    first = split_of(config).train[0]
    return {f"data.{key}": str(getattr(first, key)) for key in wanted}


def _from_folders(config: DataConfig) -> Split:
    root = _root(config)
    train = _named(_pairs(root, "train", config), root, config.train_names, "data.train_names")
    test = _named(_pairs(root, "test", config), root, config.test_names, "data.test_names")
    excluded = _excluded(root, config, {pair.stem for pair in (*train, *test)})
    train = [pair for pair in train if pair.stem not in excluded]
    if not train:
        raise UserError(f"no training pair is left in {_places(root, config.train)}: data.exclude names all of them")
    chosen, rest = _hold_out(train, {pair.stem for pair in test} | excluded, root, config)
    return Split(*_with_ranges((rest, chosen, tuple(test)), rest, config))


def _with_ranges(
    parts: Sequence[tuple[FilePair, ...]], train: Sequence[FilePair], config: DataConfig
) -> Iterator[tuple[FilePair, ...]]:
    """Every part is read by the same ranges; percentiles are those of the training images."""
    ir = in_values(config.range_of("ir_range"), [pair.ir for pair in train], RANGE_KEYS[0])
    vi = in_values(config.range_of("vi_range"), [pair.vi for pair in train], RANGE_KEYS[1])
    for part in parts:
        yield tuple(replace(pair, ir_range=ir, vi_range=vi) for pair in part)


def _root(config: DataConfig) -> Path:
    folders = ", ".join(dict.fromkeys((*config.train, *config.test)))
    ir, vi = (" or ".join(f"{name}/" for name in names.split("|")) for names in (config.ir, config.vi))
    layout = f"a folder that holds {folders}, each with {ir} and {vi}"
    if config.root is None:
        raise UserError(f"data.root: expected {layout}; got none, give data.root=DIR")
    root = expanded("data.root", config.root)
    if not root.is_dir():
        raise UserError(f"data.root: expected {layout}; {root} is {'a file' if root.exists() else 'not there'}")
    return root


def _pairs(root: Path, part: str, config: DataConfig) -> list[FilePair]:
    """Pairs of the folders of a part; with more than one folder, names begin with it."""
    listed = list(dict.fromkeys(config.train if part == "train" else config.test))
    if not listed:
        raise UserError(f"data.{part}: expected the name of a folder under {root} at least; got none")
    places = {name: place_in(root, name) for name in listed}
    for name, place in places.items():
        if not place.is_dir():
            there = ", ".join(sorted(path.name for path in root.iterdir() if path.is_dir())[:8]) or "no folder"
            raise UserError(f"data.{part}: expected the folder {name} in data.root={root}; there is {there}")
    prefixes = {folder: f"{nfc(folder.strip('/'))}/" if len(listed) > 1 else "" for folder in listed}
    if len(set(prefixes.values())) < len(listed):
        raise UserError(f"data.{part}: expected folders of different names; got {', '.join(map(ascii, listed))}")
    return [pair for name, place in places.items() for pair in _pairs_in(place, config, prefixes[name])]


def _pairs_in(place: Path, config: DataConfig, prefix: str) -> list[FilePair]:
    ir, vi = _images_of(place, config.ir, "data.ir"), _images_of(place, config.vi, "data.vi")
    check_two_folders(ir, vi)
    return pairs_in(Path(), str(ir), str(vi), prefix)


def _images_of(folder: Path, names: str, key: str) -> Path:
    """The folder of one modality; of several names, `ct|pet`, the one that is there, or the first."""
    places = [place_in(folder, name) for name in names.split("|")]
    there = [place for place in places if place.is_dir()]
    if len(there) > 1:
        raise UserError(f"{key}={names}: {there[0]} and {there[1]} are both there; say which of them is meant")
    return (there or places)[0]


def _named(pairs: list[FilePair], root: Path, lists: tuple[str, ...], key: str) -> list[FilePair]:
    """Only the pairs that the lists name, all of them if there is no list."""
    if not lists:
        return pairs
    read = [replace(read_list(root, name), own=True) for name in lists]  # a shipped one must fit as well
    for each in read:
        each.check(key, {pair.stem for pair in pairs}, str(root))
    wanted = {stem for each in read for stem in each.stems}
    return [pair for pair in pairs if pair.stem in wanted]


def _excluded(root: Path, config: DataConfig, known: set[str]) -> set[str]:
    """Names that stay out of training."""
    read = [read_list(root, name) for name in config.exclude]
    for each in read:
        each.check("data.exclude", known, str(root))
    return {stem for each in read for stem in each.stems}


def _hold_out(
    train: list[FilePair], taken: set[str], root: Path, config: DataConfig
) -> tuple[tuple[FilePair, ...], tuple[FilePair, ...]]:
    """Validation pairs, and what is left to train on."""
    if not config.val_pairs:
        return (), tuple(train)
    by_stem = _same_scene(root, config.same_scene, taken | {pair.stem for pair in train})
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


def _same_scene(root: Path, name: str | None, known: set[str]) -> list[tuple[str, str]]:
    """Names of pairs that show one place."""
    if name is None:
        return []
    listed = read_list(root, name)
    edges = read_table(listed, "data.same_scene")
    listed.check("data.same_scene", known, str(root), {stem for edge in edges for stem in edge})
    return edges


def _places(root: Path, folders: Iterable[str]) -> str:
    return ", ".join(str(root / folder) for folder in folders)
