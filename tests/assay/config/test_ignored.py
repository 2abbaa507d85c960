"""What a stage ignores is not there for it to read."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.ignored import IgnoredValueError, deciding_values, ignored_by, without
from assay.config.section import EVERY, Section, at_least, choice, paths_of, value


@dataclass(frozen=True)
class _PartConfig(Section, at="part"):
    kind: str = choice("wide", "deep", "none")
    depth: int = at_least(1, 3, idle_when={"kind": "none"})
    late: bool = value(False, ignored_by=("first",))


@dataclass(frozen=True)
class _WholeConfig(Section, at=""):
    seeds: int = at_least(1, 1, ignored_by=EVERY)
    every_s: float = at_least(0, 30.0, decides=False)
    newer: int = value(0, as_before=0)
    part: _PartConfig = field(default_factory=_PartConfig)


def test_a_field_counts_for_every_stage_unless_it_says_who_ignores_it() -> None:
    assert ignored_by(_WholeConfig(), "first") == {"seeds", "part.late"}
    assert ignored_by(_WholeConfig(), "second") == {"seeds"}


def test_a_value_beside_it_makes_a_field_idle() -> None:
    config = _WholeConfig(part=_PartConfig(kind="none"))
    assert ignored_by(config, "second") == {"seeds", "part.depth"}


def test_what_was_left_out_cannot_be_read_and_the_rest_can() -> None:
    config = without(_WholeConfig(), {"seeds", "part.late"})
    assert isinstance(config, _WholeConfig)
    assert (config.part.kind, config.part.depth, config.newer) == ("wide", 3, 0)
    with pytest.raises(IgnoredValueError, match=r"^seeds was read"):
        config.seeds  # noqa: B018
    with pytest.raises(IgnoredValueError, match=r"^part\.late was read"):
        config.part.late  # noqa: B018
    with pytest.raises(IgnoredValueError):
        getattr(config.part, "late", None)
    assert paths_of(config) == {"every_s": 30.0, "newer": 0, "part.kind": "wide", "part.depth": 3}


PATHS = st.sets(st.sampled_from(["seeds", "every_s", "newer", "part.kind", "part.depth", "part.late"]))


@given(PATHS, PATHS)
def test_leaving_out_in_two_steps_is_leaving_out_at_once(first: set[str], second: set[str]) -> None:
    config = _WholeConfig()
    assert without(without(config, first), second) == without(config, first | second)
    assert paths_of(without(config, first)).keys() == paths_of(config).keys() - first


@given(PATHS)
def test_it_arrives_in_another_process_as_it_was(paths: set[str]) -> None:
    config = without(_WholeConfig(), paths)
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301
    assert hash(pickle.loads(pickle.dumps(config))) == hash(config)  # noqa: S301


def test_it_equals_only_what_lacks_the_same() -> None:
    config = _WholeConfig()
    assert without(config, {"seeds"}) == without(_WholeConfig(seeds=5), {"seeds"})
    assert without(config, {"seeds"}) != config
    assert without(config, {"seeds"}) != without(config, {"newer"})
    assert repr(without(config, {"seeds", "part"})) == "_WholeConfig(every_s=30.0, newer=0)"


def test_what_is_there_can_be_changed_and_what_is_not_cannot() -> None:
    config = without(_WholeConfig(), {"part.late"})
    changed = apply(config, {"part.depth": 7})
    assert changed.part.depth == 7
    assert changed == without(apply(_WholeConfig(), {"part.depth": 7}), {"part.late"})
    with pytest.raises(UserError, match=r"unknown configuration path 'part\.late'"):
        apply(config, {"part.late": True})


def test_a_name_is_made_of_what_decides() -> None:
    config = without(_WholeConfig(), {"seeds"})
    assert deciding_values(config) == {"part.kind": "wide", "part.depth": 3, "part.late": False}
    assert deciding_values(apply(config, {"newer": 2}))["newer"] == 2, "a new field is left out at one value only"
