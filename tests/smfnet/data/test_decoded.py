"""What one worker has decoded is, bit for bit, what each would decode for itself; and nobody decodes it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.config.errors import UserError
from assay.store.disk import once_a_node
from smfnet.config.data import DataConfig
from smfnet.data import Pair, Patches, folder, training_pairs, training_patches, validation_pairs
from smfnet.data import test_pairs as pairs_to_test
from smfnet.data.split import split_of

Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]
Read = tuple[Patches, list[Pair], list[Pair]]


@pytest.fixture
def node(tmp_path: Path) -> Path:
    path = tmp_path / "node"
    path.mkdir()
    return path


@pytest.fixture
def in_a_worker(node: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and what follows is in a worker of a run."""
    return lambda: monkeypatch.setattr(once_a_node, "node_folder", lambda: node)


def read(config: DataConfig) -> Read:
    return training_patches(config), list(validation_pairs(config)), list(pairs_to_test(config))


def assert_equal(one: Read, other: Read) -> None:
    for mine, theirs in zip(
        (one[0].ir, one[0].vi, *(part for pairs in one[1:] for pair in pairs for part in _parts(pair))),
        (other[0].ir, other[0].vi, *(part for pairs in other[1:] for pair in pairs for part in _parts(pair))),
        strict=True,
    ):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            assert mine.dtype == theirs.dtype == torch.float32
            assert torch.equal(mine, theirs)
    assert [[pair.name for pair in pairs] for pairs in one[1:]] == [[pair.name for pair in p] for p in other[1:]]


def _parts(pair: Pair) -> tuple[torch.Tensor | None, ...]:
    return pair.ir, pair.vi, pair.chroma


@pytest.fixture
def varied(config: DataConfig, write: Write, noise: Noise) -> DataConfig:
    """Grey and colour, 8 and 16 bits, two sizes, and a range."""
    split = split_of(config)
    for part in (split.train, split.val, split.test):
        assert isinstance(part[0], folder.FilePair)
        write(part[0].vi, noise(7, (24, 32)))
        write(part[0].ir, noise(8, (24, 32)).astype(np.uint16) * 257 + 13)
    last = split.test[-1]
    assert isinstance(last, folder.FilePair)
    write(last.ir, noise(9, (30, 40)))
    write(last.vi, noise(10, (30, 40, 3)))
    return replace(config, vi_range="3:250")


def test_the_bits_are_those_that_each_would_decode(
    varied: DataConfig, in_a_worker: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = read(varied)
    in_a_worker()
    first = read(varied)
    monkeypatch.setattr(folder, "read_pixels", None)  # nobody decodes any more
    assert_equal(alone, first)
    assert_equal(alone, read(varied))


def test_a_changed_image_or_setting_is_decoded_anew(
    config: DataConfig, in_a_worker: Callable[[], None], write: Write, noise: Noise
) -> None:
    in_a_worker()
    read(config)
    for part in ("train", "test"):
        (pair, *_) = split_of(config).part(part)
        assert isinstance(pair, folder.FilePair)
        write(pair.vi, noise(77, (24, 32, 3)))
    changes = ({}, {"patch": 20}, {"stride": 5}, {"ir_range": "9:200"}, {"val_pairs": 2}, {"drop_low_contrast": False})
    for change in changes:
        now = replace(config, **change)
        assert_equal(read(now), read(now))
        assert torch.equal(read(now)[2][0].vi, split_of(now).test[0].read(training=False).vi)
        assert torch.equal(training_patches(now).ir, torch.cat([p.ir for p in map(_cut(now), training_pairs(now))]))


def _cut(config: DataConfig) -> Callable[[Pair], Patches]:
    from smfnet.data.patches import cut

    return lambda pair: cut(pair, config)


def test_without_room_each_decodes_for_itself(
    varied: DataConfig, in_a_worker: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = read(varied)
    in_a_worker()
    monkeypatch.setattr(once_a_node, "_MOST_BYTES", 0)
    for _ in range(2):
        assert_equal(alone, read(varied))


def test_a_damaged_file_is_named_in_every_worker(config: DataConfig, in_a_worker: Callable[[], None]) -> None:
    in_a_worker()
    pair = split_of(config).test[0]
    assert isinstance(pair, folder.FilePair)
    pair.vi.write_bytes(pair.vi.read_bytes()[:-40])
    for _ in range(2):
        with pytest.raises(UserError, match="is damaged"):
            pairs_to_test(config)


def test_generated_scenes_are_made_where_they_are_needed(node: Path, in_a_worker: Callable[[], None]) -> None:
    in_a_worker()
    config = DataConfig(patch=16, val_pairs=1)
    config = replace(config, scenes=replace(config.scenes, train_pairs=1, test_pairs=1, height=32, width=32))
    read(config)
    assert list(node.iterdir()) == []
