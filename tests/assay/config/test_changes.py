"""A variant is named changes, applied by one pure function."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.changes import apply, difference
from assay.config.errors import UserError
from assay.config.section import paths_of
from smfnet.config.root import Config

_VALUES = {
    "fuse.swap": st.booleans(),
    "loss.gram.weight": st.floats(0, 100),
    "optim.lr": st.floats(1e-9, 1),
    "detail.cai.cross.enabled": st.booleans(),
    "graph.reasoning.dilations": st.tuples(*3 * [st.integers(1, 32)]),
    "train.steps_per_epoch": st.none() | st.integers(1, 99),
    "data.root": st.none() | st.just("/data"),
}


@given(st.fixed_dictionaries({}, optional=_VALUES))
def test_exactly_the_named_values_change(changes: dict[str, object]) -> None:
    base = Config()
    before = paths_of(base)
    changed = apply(base, changes)
    assert difference(base, changed) == {
        path: (before[path], value) for path, value in changes.items() if value != before[path]
    }
    assert paths_of(base) == before
    assert apply(changed, {path: before[path] for path in changes}) == base


def test_no_change_gives_an_equal_configuration() -> None:
    assert apply(Config(), {}) == Config()


def test_values_are_converted_as_on_the_command_line() -> None:
    config = apply(Config(), {"optim.lr": "1e-3", "train.bf16": "true", "graph.reasoning.dilations": [1, 2, 3]})
    assert (config.optim.lr, config.train.bf16, config.graph.reasoning.dilations) == (1e-3, True, (1, 2, 3))


def test_changes_that_only_fit_together_are_applied_together() -> None:
    changes = {"train.epochs": 4, "train.stage1_epochs": 2}
    assert apply(Config(), changes).train.epochs == 4
    with pytest.raises(UserError, match="stage1_epochs"):
        apply(Config(), {"train.epochs": 4})
    together = {"graph.enabled": False, "loss.stage2.decomp_terms": ["D"]}
    assert not apply(Config(), together).graph.enabled


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fuse.swop": True}, r"unknown configuration path 'fuse\.swop'\. Did you mean fuse\.swap\?"),
        ({"graph": {"enabled": False}}, "unknown configuration path 'graph'"),
        ({"fuse.swap": "perhaps"}, r"fuse\.swap: .*perhaps"),
        ({"train.epochs": "many"}, r"train\.epochs: .*many"),
        ({"optim.lr": -1}, r"optim\.lr: expected a number > 0; got -1"),
        ({"graph.reasoning.dilations": 4}, r"graph\.reasoning\.dilations"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_in_one_line(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message) as raised:
        apply(Config(), changes)
    assert "\n" not in str(raised.value)
