"""Patches and batches against plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assay.config.errors import UserError
from smfnet.config.data import DataConfig
from smfnet.data import Pair, Patches, batches, patches

CONFIG = DataConfig(patch=8, stride=8)


def pair_of(ir: np.ndarray, vi: np.ndarray, name: str = "a") -> Pair:
    return Pair(name, *(torch.from_numpy(image.astype(np.float32))[None] for image in (ir, vi)))


def random_pair(seed: int, height: int, width: int) -> Pair:
    rng = np.random.default_rng(seed)
    return pair_of(rng.random((height, width)), rng.random((height, width)), f"pair {seed}")


def by_loops(pair: Pair, patch: int, stride: int) -> list[tuple[np.ndarray, np.ndarray]]:
    ir, vi = pair.ir[0].numpy(), pair.vi[0].numpy()
    places = [
        (slice(top, top + patch), slice(left, left + patch))
        for top in range(0, ir.shape[0] - patch + 1, stride)
        for left in range(0, ir.shape[1] - patch + 1, stride)
    ]
    return [(ir[place], vi[place]) for place in places]


def has_contrast(patch: np.ndarray, keep_black: bool) -> bool:
    """The rule in its own words."""
    low, high = np.percentile(patch, 10), np.percentile(patch, 90)
    return keep_black if high == 0 else not (high - low) / high < 0.1


@given(st.integers(8, 30), st.integers(8, 30), st.integers(8, 12), st.integers(1, 9))
def test_every_patch_in_reading_order(height: int, width: int, patch: int, stride: int) -> None:
    pair = random_pair(1, max(height, patch), max(width, patch))
    cut = patches([pair], replace(CONFIG, patch=patch, stride=stride, drop_low_contrast=False))
    expected = by_loops(pair, patch, stride)
    assert len(cut) == len(expected)
    np.testing.assert_array_equal(cut.ir[:, 0], [ir for ir, _ in expected])
    np.testing.assert_array_equal(cut.vi[:, 0], [vi for _, vi in expected])


def test_pairs_of_different_sizes_follow_each_other() -> None:
    pairs = [random_pair(seed, 8 * seed, 24) for seed in (1, 2, 3)]
    cut = patches(pairs, CONFIG)
    expected = [ir for pair in pairs for ir, _ in by_loops(pair, 8, 8)]
    np.testing.assert_array_equal(cut.ir[:, 0], expected)
    assert cut.ir.shape == cut.vi.shape == (18, 1, 8, 8)
    assert cut.ir.dtype == torch.float32


@pytest.mark.parametrize("keep_black", [True, False])
@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)), min_size=1, max_size=6), st.integers(0, 99))
def test_the_rule_of_low_contrast(keep_black: bool, spreads: list[tuple[float, float]], seed: int) -> None:
    """Strips of patches around grey 0.5, of any contrast, and a black one."""
    rng = np.random.default_rng(seed)
    ir, vi = (
        np.hstack([0.5 + spread[k] * (rng.random((8, 8)) - 0.5) for spread in spreads] + [np.zeros((8, 8))])
        for k in (0, 1)
    )
    pair = pair_of(ir, vi)
    expected = [ir for ir, vi in by_loops(pair, 8, 8) if has_contrast(ir, keep_black) and has_contrast(vi, keep_black)]
    if not expected:
        with pytest.raises(UserError, match="contrast"):
            patches([pair], replace(CONFIG, keep_black=keep_black))
        return
    np.testing.assert_array_equal(patches([pair], replace(CONFIG, keep_black=keep_black)).ir[:, 0], expected)


def test_one_flat_image_is_enough_to_drop_a_patch() -> None:
    rng = np.random.default_rng(0)
    flat, rough = np.full((8, 8), 0.5), rng.random((8, 8))
    pair = pair_of(np.hstack([flat, rough, rough]), np.hstack([rough, flat, rough]))
    assert len(patches([pair], CONFIG)) == 1


def test_an_image_smaller_than_a_patch_is_named() -> None:
    with pytest.raises(UserError, match=r"pair 3 has 24x7 pixels and data\.patch is 8"):
        patches([random_pair(3, 7, 24)], CONFIG)


def test_patches_do_not_change_with_the_images() -> None:
    pair = random_pair(1, 16, 16)
    cut = patches([pair], replace(CONFIG, drop_low_contrast=False))
    pair.ir.zero_()
    assert cut.ir.min() > 0 or cut.ir.max() > 0


def numbered(count: int) -> Patches:
    images = torch.arange(float(count)).reshape(-1, 1, 1, 1).expand(-1, 1, 8, 8).clone()
    return Patches(images, images + 1000)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**63 - 1), st.integers(0, 200))
def test_an_epoch_shows_every_patch_once(count: int, batch: int, seed: int, epoch: int) -> None:
    shown = list(batches(numbered(count), batch, seed, epoch))
    assert [len(ir) for ir, _ in shown] == [batch] * (count // batch) + [count % batch] * (count % batch > 0)
    order = torch.cat([ir for ir, _ in shown])[:, 0, 0, 0]
    assert sorted(order.tolist()) == list(range(count))
    assert torch.equal(torch.cat([vi for _, vi in shown]), torch.cat([ir for ir, _ in shown]) + 1000)


def order_of(seed: int, epoch: int, steps: int | None = None) -> list[float]:
    return torch.cat([ir for ir, _ in batches(numbered(30), 4, seed, epoch, steps)])[:, 0, 0, 0].tolist()


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    before = order_of(1, 2)
    torch.manual_seed(0)
    state = torch.random.get_rng_state()
    assert order_of(1, 2) == before
    assert torch.equal(torch.random.get_rng_state(), state)
    orders = [order_of(seed, epoch) for seed in (1, 2, 12) for epoch in (0, 1, 2)]
    assert len({tuple(order) for order in orders}) == 9


def test_steps_cut_the_epoch_short() -> None:
    assert order_of(1, 0, steps=3) == order_of(1, 0)[:12]
    assert order_of(1, 0, steps=99) == order_of(1, 0)


def test_shuffling_is_even() -> None:
    """Over many epochs every patch comes first about equally often: chi-squared with 9 degrees of freedom."""
    firsts = [next(iter(batches(numbered(10), 1, 5, epoch)))[0][0, 0, 0, 0].item() for epoch in range(1000)]
    counts = np.bincount(np.asarray(firsts, int), minlength=10)
    assert ((counts - 100) ** 2 / 100).sum() < 27.9  # 99.9 %
