"""The released losses and their gradients against the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.training.term import Term, total
from smfnet.config.schema import compose
from smfnet.losses import stage1_terms, stage2_terms
from smfnet.losses.correlation import correlation
from smfnet.losses.gradient import gradient_loss
from smfnet.losses.gram import gram_loss, gram_matrix
from smfnet.losses.semantic import semantic_loss
from smfnet.losses.ssim import ssim_loss, ssim_map
from smfnet.losses.tv import tv_loss
from smfnet.model import SMFNet

pytestmark = pytest.mark.shared
RELEASED = compose(["profile=released"]).loss
# Our names of the reference's terms.
STAGE1 = {
    "ssim_vi": "ssim_v",
    "ssim_ir": "ssim_i",
    "grad_vi": "sob_v",
    "grad_ir": "sob_i",
    "tv": "grad",
    "gram": "gram",
    "semantic": "seg",
}
STAGE2 = {"intensity": "l_in", "gradient": "l_grad"}


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "oracle" / "golden_losses.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def units(expected: dict[str, Any]) -> dict[str, Any]:
    return expected["loss_units"]


def _terms(stage: str, network: SMFNet, ir: Tensor, vi: Tensor) -> tuple[dict[str, Term], Any]:
    if stage == "s1":
        passed = network.stage1(ir, vi)
        return stage1_terms(RELEASED, ir, vi, passed), passed
    fusion = network.stage2(ir, vi)
    return stage2_terms(RELEASED, ir, vi, fusion), fusion


@pytest.mark.parametrize(("stage", "names"), [("s1", STAGE1), ("s2", STAGE2)])
def test_terms_totals_and_gradients_of_the_release(
    formula_network: SMFNet, golden: dict[str, Tensor], expected: dict[str, Any], stage: str, names: dict[str, str]
) -> None:
    terms, passed = _terms(stage, formula_network, golden["I"], golden["V"])
    reference = expected[stage]["terms"]
    for ours, theirs in names.items():
        assert terms[ours].value.item() == pytest.approx(reference[theirs], rel=1e-6), ours
    for part, theirs in (("base", "cc_b"), ("detail", "cc_d"), ("graph", "cc_g")):
        pair = getattr(passed, f"{part}_ir"), getattr(passed, f"{part}_vi")
        assert correlation(*pair, "global").item() == pytest.approx(reference[theirs], rel=1e-6)
    decomposition = reference["cc_d"] ** 2 / (1.01 + reference["cc_b"]) * {"s1": 1, "s2": 2}[stage]
    assert terms["decomposition"].value.item() == pytest.approx(decomposition, rel=1e-6)
    assert terms.keys() == {*names, "decomposition"}

    loss = total(terms)
    assert loss.item() == pytest.approx(expected[stage]["total"], rel=1e-6)
    loss.backward()
    norms = {name: _gradient_norm(part.parameters()) for name, part in formula_network.parts().items()}
    assert norms == pytest.approx(expected[stage]["grad_l2"], rel=1e-6)
    for name, norm in expected[stage]["largest_grad_tensors"].items():
        assert _gradient_norm([formula_network.get_parameter(name)]) == pytest.approx(norm, rel=1e-6), name


def test_the_terms_that_the_release_keeps_constant_move_the_encoder_under_paper(
    formula_network: SMFNet, golden: dict[str, Tensor]
) -> None:
    passed = formula_network.stage1(golden["I"], golden["V"])
    terms = stage1_terms(compose([]).loss, golden["I"], golden["V"], passed)
    encoder = list(formula_network.enc.parameters())
    for name in ("decomposition", "semantic"):
        gradients = torch.autograd.grad(terms[name].value, encoder, retain_graph=True, allow_unused=True)
        assert sum(g.square().sum() for g in gradients if g is not None) ** 0.5 > 1e-3, name


def test_units(golden: dict[str, Tensor], units: dict[str, Any]) -> None:
    first, second = golden["V"], golden["I"]
    values = {
        "ssim_mean_map": ssim_map(first, second).mean(),
        "ssim_kornia020_half": ssim_loss(first, second, "kornia020").mean(),
        "sobel_l1_abs_sum": gradient_loss(first, second, "abs_sum").mean(),
        "spatial_gradient_l1": tv_loss(first, second).mean(),
        "gram_mse": gram_loss(first, second, "mse").mean(),
        "seg_released_no_zero_pixels": semantic_loss(first, second, RELEASED.semantic),
    }
    for name, value in values.items():
        assert value.item() == pytest.approx(units[name], rel=1e-9), name
    assert gram_matrix(first).flatten().tolist() == pytest.approx(units["gram_V"])


def test_the_constant_semantic_loss_of_an_image_with_black_pixels(
    golden: dict[str, Tensor], units: dict[str, Any]
) -> None:
    black = torch.ones_like(golden["V"]).flatten()
    black[: round((1 - units["fraction_nonzero_in_quantised_V"]) * black.numel())] = 0
    value = semantic_loss(golden["V"], black.view_as(golden["V"]), RELEASED.semantic)
    assert value.item() == pytest.approx(units["seg_released_quantised_V"], rel=1e-6)


def _gradient_norm(parameters: Any) -> float:
    squares = [parameter.grad.square().sum() for parameter in parameters if parameter.grad is not None]
    return torch.stack(squares).sum().sqrt().item() if squares else 0.0
