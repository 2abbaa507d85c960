"""Terms that a weight declares: what they read, where they count, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.ignored import deciding_values, ignored_by
from assay.config.section import Section, paths_of
from assay.config.tables import builder_named
from smfnet.config.loss import LossConfig
from smfnet.config.root import Config
from smfnet.config.stages import STAGE1, STAGE2
from smfnet.config.term import declared_terms, term
from smfnet.losses import joint_terms, stage1_terms, stage2_terms

MakePass = Callable[..., Any]
Image = Callable[..., Tensor]


@dataclass(frozen=True)
class _EdgesConfig(Section, at="loss.edges"):
    weight: float = term("terms:edges", STAGE1)
    sharp: bool = False


@dataclass(frozen=True)
class _NewConfig(LossConfig, at="loss"):
    late: float = term("terms:late", STAGE2)
    both: float = term("terms:both", STAGE1, STAGE2, weight=2.0)
    wrong: float = term("terms:late", STAGE1)
    tv: float = term("terms:both", STAGE1)
    edges: _EdgesConfig = field(default_factory=_EdgesConfig)


@pytest.fixture(autouse=True)
def _terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of somebody's terms."""
    functions: dict[str, Callable[..., Tensor]] = {
        "terms:edges": lambda image, source, config: (image - source).abs().mean((1, 2, 3)) * (1 + config.edges.sharp),
        "terms:late": lambda fused, ir: (fused - ir).abs().mean((1, 2, 3)),
        "terms:both": lambda features, ir, scale=3.0: scale * features.base_ir.mean(),
    }
    monkeypatch.setattr(
        "assay.config.arguments.builder_named", lambda text, by: functions.get(text) or builder_named(text, by)
    )


def test_a_term_reads_by_name_and_its_mean_is_added_after_the_papers(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12), image(2, 12, 12), make_pass()
    config = _NewConfig(late=5.0, edges=_EdgesConfig(weight=0.5, sharp=True))
    first, second = stage1_terms(config, ir, vi, passed), stage2_terms(config, ir, vi, passed)
    assert list(first) == [*stage1_terms(LossConfig(), ir, vi, passed), "both", "edges"]
    assert list(second) == [*stage2_terms(LossConfig(), ir, vi, passed), "late", "both"]
    assert second["late"].weight == 5.0
    torch.testing.assert_close(second["late"].value, (passed.fused - ir).abs().mean())
    error = torch.cat([passed.ir_hat, passed.vi_hat]) - torch.cat([ir, vi])
    torch.testing.assert_close(first["edges"].value, 2 * error.abs().mean())
    torch.testing.assert_close(first["both"].value, 3 * passed.base_ir.mean())
    joint = joint_terms(config, ir, vi, passed, passed)
    assert {"stage1.both", "stage2.both", "stage1.edges", "stage2.late"} <= joint.keys()


def test_what_a_stage_does_not_give_is_named(image: Image, make_pass: MakePass) -> None:
    with pytest.raises(UserError, match=r"^loss\.wrong in stage1: terms:late reads fused; expected some of ir, vi, "):
        stage1_terms(_NewConfig(wrong=1.0), image(2, 12, 12), image(2, 12, 12), make_pass())


def test_a_name_that_the_paper_has_is_refused(image: Image, make_pass: MakePass) -> None:
    with pytest.raises(UserError, match=r"^loss\.tv: the paper has a term of that name"):
        stage1_terms(_NewConfig(tv=1.0), image(2, 12, 12), image(2, 12, 12), make_pass())


def test_a_term_is_in_the_stages_that_it_names_and_off_is_as_before() -> None:
    config = _NewConfig(late=1.0, both=0.0)
    assert [each.name for each in declared_terms(config, STAGE1)] == []
    assert [each.name for each in declared_terms(config, STAGE2)] == ["late"]
    assert {"late", "wrong", "tv", "edges.weight"} & ignored_by(config, STAGE1) == {"late"}
    assert {"late", "wrong", "tv", "edges.weight"} & ignored_by(config, STAGE2) == {"wrong", "tv", "edges.weight"}
    assert {"wrong", "tv", "both", "edges.weight"} & deciding_values(config).keys() == set()
    assert "late" in deciding_values(config)


def test_a_declared_term_is_enough_to_train_by() -> None:
    off = {path: 0 for path in paths_of(Config()) if path.startswith("loss.stage2.w_")}
    with pytest.raises(UserError, match=r"loss\.stage2: every weight is 0"):
        apply(_WholeConfig(), off | {"loss.both": 0})
    assert apply(_WholeConfig(), off).loss.both == 2.0


@dataclass(frozen=True)
class _WholeConfig(Config, at=""):
    loss: _NewConfig = field(default_factory=_NewConfig)
