"""Validation pairs against the graph of scenes, whatever it is."""

from __future__ import annotations

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smfnet.data.held_out import held_out

NAMES = [f"n{number}" for number in range(1, 41)]
TRAIN = st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(lambda names: sorted(names, key=NAMES.index))
EDGES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=25)
TAKEN = st.sets(st.sampled_from([f"t{number}" for number in range(5)] + NAMES[:4]), max_size=4)
LINKS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([f"t{number}" for number in range(5)])), max_size=6)


def scene_of(name: str, edges: list[tuple[str, str]]) -> set[str]:
    graph = networkx.Graph([*edges, (name, name)])
    scene: set[str] = networkx.node_connected_component(graph, name)
    return scene


@given(TRAIN, TAKEN, EDGES, LINKS, st.integers(0, 4), st.integers(0, 20))
def test_no_scene_is_on_both_sides(
    train: list[str],
    taken: set[str],
    edges: list[tuple[str, str]],
    links: list[tuple[str, str]],
    frames: int,
    wanted: int,
) -> None:
    val, rest = held_out(train, taken, edges + links, frames, wanted)
    assert len(val) <= wanted
    assert not set(val) & set(rest)
    assert set(val) | set(rest) <= set(train)
    for name in val:
        scene = scene_of(name, edges + links)
        assert not scene & set(rest)
        assert not scene & taken
        assert not [other for other in rest if abs(int(other[1:]) - int(name[1:])) <= frames]


@given(TRAIN, EDGES, st.integers(0, 20))
def test_scenes_are_kept_whole_and_nothing_is_lost_without_drives(
    train: list[str], edges: list[tuple[str, str]], wanted: int
) -> None:
    val, rest = held_out(train, (), edges, 0, wanted)
    assert sorted(val + rest) == sorted(train)
    assert val == [name for name in train if name in set(val)]
    for name in val:
        assert scene_of(name, edges) & set(train) <= set(val)


@given(TRAIN, st.integers(0, 40))
def test_as_many_as_asked_for_if_every_pair_is_a_scene(train: list[str], wanted: int) -> None:
    val, _ = held_out(train, (), (), 0, wanted)
    assert len(val) == min(wanted, len(train))


@given(TRAIN, EDGES, st.integers(0, 4), st.integers(0, 20), st.randoms(use_true_random=False))
def test_the_order_of_the_list_of_scenes_does_not_matter(train, edges, frames, wanted, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [edge[:: random.choice((1, -1))] for edge in random.sample(edges, len(edges))]
    assert held_out(train, (), edges, frames, wanted) == held_out(train, (), shuffled, frames, wanted)


def test_a_long_drive_gives_runs_and_loses_their_borders() -> None:
    train = [f"{number:03d}D" for number in range(100)]
    val, rest = held_out(train, (), (), 2, 16)
    numbers = [int(name[:-1]) for name in val]
    runs = [numbers[:8], numbers[8:]]
    assert all(run == list(range(run[0], run[0] + 8)) for run in runs)
    assert len(rest) == 100 - 16 - 2 * 4


def test_pictures_of_different_drives_have_different_beginnings() -> None:
    val, rest = held_out(["a1", "b1", "a2", "b2"], (), (), 5, 2)
    assert {name[0] for name in val} != {name[0] for name in rest}


def test_a_name_without_a_number_stands_alone() -> None:
    val, rest = held_out(["left", "right"], (), (), 5, 1)
    assert len(val) == len(rest) == 1


@pytest.mark.parametrize("wanted", [10, 25])
def test_the_choice_is_spread_over_the_names(wanted: int) -> None:
    val, _ = held_out([f"x{number:03d}" for number in range(100)], (), (), 0, wanted)
    numbers = [int(name[1:]) for name in val]
    gaps = [after - before for before, after in zip([0, *numbers], [*numbers, 100], strict=True)]
    assert max(gaps) <= 2 * 100 / wanted
