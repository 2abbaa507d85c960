"""The three parts of the data as sequences of pairs, read when they are asked for, and the patches to train on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import overload

from smfnet.config.data import DataConfig
from smfnet.data.decoded import DecodedPair, decoded_once, patches_once
from smfnet.data.folder import FilePair
from smfnet.data.pair import Pair
from smfnet.data.patches import Patches, patches
from smfnet.data.scenes import ScenePair
from smfnet.data.split import split_of

__all__ = ["Pairs", "test_pairs", "training_pairs", "training_patches", "validation_pairs"]


class Pairs(Sequence[Pair]):
    """Pairs that are read when they are asked for, and not kept.

    Args:
        sources: where each pair comes from.
        training: how to read; see `pair_of`.
    """

    def __init__(self, sources: Sequence[FilePair | DecodedPair | ScenePair], *, training: bool) -> None:
        self._sources, self._training = tuple(sources), training

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the pairs, without reading them."""
        return tuple(source.name for source in self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> Pairs: ...
    def __getitem__(self, index: int | slice) -> Pair | Pairs:
        if isinstance(index, slice):
            return Pairs(self._sources[index], training=self._training)
        return self._sources[index].read(training=self._training)


def training_pairs(config: DataConfig) -> Pairs:
    """Pairs to train on: grey, unrounded, without colour."""
    return Pairs(split_of(config).train, training=True)


def training_patches(config: DataConfig) -> Patches:
    """The patches of the training pairs; see `patches` for errors."""
    return patches_once(config, training_pairs(config)) if config.source == "folder" else _of_scenes(config)


@lru_cache(maxsize=1)
def _of_scenes(config: DataConfig) -> Patches:
    """Of generated pairs, which the configuration decides: the stages of a trial, and its proof, share them."""
    return patches(training_pairs(config), config)


def validation_pairs(config: DataConfig) -> Pairs:
    """Pairs that a search may look at: taken out of training, no scene shared with it or with the test split."""
    return _to_measure(config, "val")


def test_pairs(config: DataConfig) -> Pairs:
    """Pairs of the test split: infrared rounded to grey levels, the visible image's colour kept."""
    return _to_measure(config, "test")


def _to_measure(config: DataConfig, part: str) -> Pairs:
    sources = split_of(config).part(part)
    files = [source for source in sources if isinstance(source, FilePair)]
    return Pairs(decoded_once(config, part, files) if files else sources, training=False)
