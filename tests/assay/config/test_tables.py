"""Slots: what can be chosen, what is built, and what counts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.ignored import ignored_by, without
from assay.config.section import Section, at_least, paths_of, value
from assay.config.tables import Plain, SlotConfig, builder_named, builders_of, made_by


@dataclass(frozen=True)
class _DeepConfig(Section, at="part.deep"):
    depth: int = at_least(1, 3)


@dataclass(frozen=True)
class _PartConfig(SlotConfig, at="part"):
    kind: str = value("deep", idle_when={"enabled": False})
    enabled: bool = True
    deep: _DeepConfig = made_by("builtins:dict", _DeepConfig, idle_when={"enabled": False})
    half: Plain = made_by("fractions:Fraction", idle_when={"enabled": False})


@dataclass(frozen=True)
class _LateConfig(SlotConfig, at="late"):
    kind: str = "half"
    deep: _DeepConfig = made_by("builtins:dict", _DeepConfig)
    half: Plain = made_by("fractions:Fraction")


@dataclass(frozen=True)
class _WholeConfig(Section, at=""):
    part: _PartConfig = field(default_factory=_PartConfig)
    late: _LateConfig = field(default_factory=_LateConfig, metadata={"ignored_by": ("first",)})
    weight: float = at_least(0, 0.0, builder="operator:mul")


def test_the_kinds_are_the_choices() -> None:
    with pytest.raises(UserError, match=r"^part\.kind: expected one of deep, half; got 'wide'$"):
        _PartConfig(kind="wide")
    assert apply(_WholeConfig(), {"part.kind": "half"}).part.kind == "half"
    assert paths_of(_WholeConfig()).keys() == {
        *("part.kind", "part.enabled", "part.deep.depth", "late.kind", "late.deep.depth", "weight")
    }


def test_a_default_that_is_no_kind_is_refused_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match=r"^_OddConfig: expected a kind among half; got 'deep'$"):

        class _OddConfig(SlotConfig):
            kind: str = "deep"
            half: Plain = made_by("fractions:Fraction")


def test_the_chosen_kind_is_built_of_what_all_are_handed_and_its_own_section() -> None:
    calls: list[Any] = []
    slot = type("_Slot", (_LateConfig,), {})(kind="deep")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.dict", lambda *given, **named: calls.append((given, named)))
        slot.build("shared", extra=1)
    assert calls == [(("shared", _DeepConfig()), {"extra": 1})]


@pytest.mark.parametrize("text", ["no_such_package:Part", "fractions:NoSuch", "no text of that form"])
def test_a_builder_that_is_not_there_is_named_with_who_asks_for_it(text: str) -> None:
    with pytest.raises(UserError, match=rf"^part\.kind=mine asks for {text}, which cannot be imported: "):
        builder_named(text, "part.kind=mine")
    assert builder_named("fractions:Fraction", "x") is Fraction


@pytest.mark.parametrize(
    ("changes", "idle"),
    [
        ({}, {"late.deep.depth"}),
        ({"part.kind": "half"}, {"part.deep.depth", "late.deep.depth"}),
        ({"part.enabled": False}, {"part.kind", "part.deep.depth", "late.deep.depth"}),
        ({"late.kind": "deep"}, set()),
    ],
)
def test_the_values_of_a_kind_that_is_not_chosen_mean_nothing(changes: dict[str, Any], idle: set[str]) -> None:
    config = apply(_WholeConfig(), changes)
    assert ignored_by(config, "second") == idle
    assert ignored_by(config, "first") == idle | {"late.kind", "late.deep.depth"}  # all that is in the section


@pytest.mark.parametrize(
    ("changes", "stage", "builders"),
    [
        ({}, "second", ["builtins:dict", "fractions:Fraction"]),
        ({}, "first", ["builtins:dict"]),
        ({"part.enabled": False}, "second", ["fractions:Fraction"]),
        ({"part.kind": "half", "weight": 2}, "first", ["fractions:Fraction", "operator:mul"]),
        ({"late.kind": "deep"}, "second", ["builtins:dict", "builtins:dict"]),
    ],
)
def test_builders_are_asked_for_by_chosen_kinds_and_weights_that_are_not_0(
    changes: dict[str, Any], stage: str, builders: list[str]
) -> None:
    config = apply(_WholeConfig(), changes)
    assert list(builders_of(without(config, ignored_by(config, stage)))) == builders


def test_smfnets_configuration_is_read_without_torch() -> None:
    code = "import sys; from smfnet.config.root import Config; Config(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
