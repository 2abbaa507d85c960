"""Decomposition loss: the formulas of eqs. 26 and 27, and the release's readings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from smfnet.config.loss import CorrelationConfig
from smfnet.losses.correlation import correlation
from smfnet.losses.decomposition import decomposition_loss

LIVE = CorrelationConfig()
MakePass = Callable[..., Any]


def _cc(passed: Any, name: str, mode: str = "per_channel") -> torch.Tensor:
    return correlation(getattr(passed, f"{name}_ir"), getattr(passed, f"{name}_vi"), mode)


@pytest.mark.parametrize("mode", ["per_channel", "global"])
def test_equations_26_and_27(make_pass: MakePass, mode: str) -> None:
    passed, config = make_pass(), CorrelationConfig(mode=mode)
    base, detail, graph = (_cc(passed, name, mode) for name in ("base", "detail", "graph"))
    torch.testing.assert_close(decomposition_loss(passed, ["D"], config, 1.01), detail**2 / (base + 1.01))
    both = decomposition_loss(passed, ["D", "G"], config, 1.5)
    torch.testing.assert_close(both, (detail**2 + graph**2) / (base + 1.5))


def test_a_repeated_term_counts_as_often_as_it_is_named(make_pass: MakePass) -> None:
    passed = make_pass()
    once = decomposition_loss(passed, ["D"], LIVE, 1.01)
    torch.testing.assert_close(decomposition_loss(passed, ["D", "D"], LIVE, 1.01), 2 * once)


def test_the_gradient_reaches_the_named_features_and_the_base_ones(make_pass: MakePass) -> None:
    passed = make_pass()
    decomposition_loss(passed, ["D"], LIVE, 1.01).backward()
    alive = {name for name in ("base", "detail", "graph") if getattr(passed, f"{name}_ir").grad is not None}
    assert alive == {"base", "detail"}
    assert all(passed._asdict()[f"{name}_{side}"].grad.abs().max() > 0 for name in alive for side in ("ir", "vi"))


def test_the_release_has_the_value_without_the_gradient(make_pass: MakePass) -> None:
    passed = make_pass()
    constant = decomposition_loss(passed, ["D", "G"], CorrelationConfig(detach=True), 1.01)
    torch.testing.assert_close(constant, decomposition_loss(passed, ["D", "G"], LIVE, 1.01))
    assert not constant.requires_grad
    assert torch.is_grad_enabled()


def test_without_a_graph_only_naming_it_fails(make_pass: MakePass) -> None:
    passed = make_pass(graph=False)
    assert torch.isfinite(decomposition_loss(passed, ["D"], LIVE, 1.01))
    with pytest.raises(ValueError, match="no graph"):
        decomposition_loss(passed, ["D", "G"], LIVE, 1.01)


def test_opposite_base_features_stay_finite_with_delta_above_1(make_pass: MakePass) -> None:
    passed = make_pass()
    opposite = passed._replace(base_vi=-passed.base_ir)
    value = decomposition_loss(opposite, ["D"], LIVE, 1.01)
    torch.testing.assert_close(value, _cc(passed, "detail") ** 2 / 0.01, rtol=1e-4, atol=0)


def test_gradient(make_pass: MakePass) -> None:
    passed = make_pass(batch=1, size=4)

    def loss(*features: torch.Tensor) -> torch.Tensor:
        return decomposition_loss(passed._replace(**dict(zip(names, features, strict=True))), ["D", "G"], LIVE, 1.01)

    names = [f"{part}_{side}" for part in ("base", "detail", "graph") for side in ("ir", "vi")]
    assert torch.autograd.gradcheck(loss, tuple(passed._asdict()[name] for name in names))
