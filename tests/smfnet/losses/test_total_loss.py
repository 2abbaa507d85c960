"""The objectives: which terms a configuration asks for, their weights, and that every choice trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.config.errors import UserError
from assay.training.term import Term, total
from smfnet.config.loss import (
    CorrelationConfig,
    GramConfig,
    LossConfig,
    MseConfig,
    SemanticConfig,
    Stage1Config,
    Stage2Config,
)
from smfnet.config.schema import compose
from smfnet.losses import joint_terms, stage1_terms, stage2_terms
from smfnet.losses.gram import gram_loss

PAPER = LossConfig()
RELEASED = compose(["profile=released"]).loss
MakePass = Callable[..., Any]
Image = Callable[..., Tensor]


def _shallow(image: Tensor) -> Tensor:
    return torch.cat([image, image.roll(1, 3), image.square()], dim=1)


def _weights(terms: dict[str, Term]) -> dict[str, float]:
    return {name: term.weight for name, term in terms.items()}


def test_stage_1_has_the_weights_that_the_paper_prints(image: Image, make_pass: MakePass) -> None:
    terms = stage1_terms(PAPER, image(2, 12, 12), image(2, 12, 12), make_pass())
    assert _weights(terms) == {
        "ssim_ir": 8,
        "ssim_vi": 8,
        "grad_ir": 10,
        "grad_vi": 10,
        "gram": 1,
        "semantic": 1,
        "decomposition": 2,
        "tv": 5,
    }


def test_stage_2_has_the_weights_that_each_profile_names(image: Image, make_pass: MakePass) -> None:
    pair, passed = (image(2, 12, 12), image(2, 12, 12)), make_pass()
    assert _weights(stage2_terms(PAPER, *pair, passed)) == {"intensity": 1, "gradient": 2, "decomposition": 10}
    assert _weights(stage2_terms(RELEASED, *pair, passed)) == {"intensity": 1, "gradient": 10, "decomposition": 2}


def test_total_is_the_weighted_sum() -> None:
    terms = {"a": Term(torch.tensor(2.0), 3.0), "b": Term(torch.tensor(5.0, dtype=torch.float64), 0.5)}
    assert total(terms).item() == 8.5
    with pytest.raises(UserError, match="no terms"):
        total({})


@pytest.mark.parametrize(
    ("config", "gone"),
    [
        (replace(PAPER, gram=GramConfig(weight=0)), {"gram"}),
        (replace(PAPER, semantic=SemanticConfig(weight=0)), {"semantic"}),
        (replace(PAPER, semantic=SemanticConfig(mode="off")), {"semantic"}),
        (replace(PAPER, stage1=Stage1Config(w_ssim=0)), {"ssim_ir", "ssim_vi"}),
        (replace(PAPER, stage1=Stage1Config(w_grad=0)), {"grad_ir", "grad_vi"}),
        (replace(PAPER, stage1=Stage1Config(w_tv=0)), {"tv"}),
        (replace(PAPER, stage1=Stage1Config(w_decomp=0)), {"decomposition"}),
        (replace(PAPER, stage1=Stage1Config(decomp_terms=())), {"decomposition"}),
    ],
)
def test_a_removed_term_of_stage_1_is_absent(
    image: Image, make_pass: MakePass, config: LossConfig, gone: set[str]
) -> None:
    pair, passed = (image(2, 12, 12), image(2, 12, 12)), make_pass()
    before, after = stage1_terms(PAPER, *pair, passed), stage1_terms(config, *pair, passed)
    assert before.keys() - after.keys() == gone
    for name, term in after.items():
        torch.testing.assert_close(term.value, before[name].value)


@pytest.mark.parametrize(("field", "gone"), [("w_intensity", "intensity"), ("w_grad", "gradient")])
def test_a_removed_term_of_stage_2_is_absent(image: Image, make_pass: MakePass, field: str, gone: str) -> None:
    config = replace(PAPER, stage2=replace(PAPER.stage2, **{field: 0.0}))
    terms = stage2_terms(config, image(2, 12, 12), image(2, 12, 12), make_pass())
    assert terms.keys() == {"intensity", "gradient", "decomposition"} - {gone}


def test_every_term_looks_at_its_own_images(image: Image, make_pass: MakePass) -> None:
    passed = make_pass()
    terms = joint_terms(PAPER, image(2, 12, 12), image(2, 12, 12), passed, passed)
    expected = {
        "stage1.ssim_ir": "ir_hat",
        "stage1.grad_ir": "ir_hat",
        "stage1.gram": "ir_hat",
        "stage1.ssim_vi": "vi_hat",
        "stage1.grad_vi": "vi_hat",
        "stage1.semantic": "vi_hat",
        "stage1.tv": "vi_hat",
        "stage2.intensity": "fused",
        "stage2.gradient": "fused",
    }
    for name, seen in expected.items():
        gradients = torch.autograd.grad(terms[name].value, passed, retain_graph=True, allow_unused=True)
        moved = {key for key, g in zip(passed._fields, gradients, strict=True) if g is not None and g.abs().max() > 0}
        assert moved == {seen}, name


def test_mse_and_tv_of_both_images_add_up(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12), image(2, 12, 12), make_pass()
    config = replace(PAPER, mse=MseConfig(weight=3.0), stage1=Stage1Config(tv_on="both"))
    both = stage1_terms(config, ir, vi, passed)
    expected = (passed.ir_hat - ir).square().mean() + (passed.vi_hat - vi).square().mean()
    torch.testing.assert_close(both["mse"].value, expected)
    first = stage1_terms(PAPER, ir, vi, passed)["tv"].value
    swapped = passed._replace(ir_hat=passed.vi_hat, vi_hat=passed.ir_hat)
    second = stage1_terms(PAPER, vi, ir, swapped)["tv"].value
    torch.testing.assert_close(both["tv"].value, first + second)


def test_gram_of_features_compares_what_the_network_sees(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12), image(2, 12, 12), make_pass()
    factor = torch.ones((), dtype=torch.float64, requires_grad=True)
    config = replace(PAPER, gram=GramConfig(input="features"))
    value = stage1_terms(config, ir, vi, passed, lambda x: factor * _shallow(x))["gram"].value
    torch.testing.assert_close(value, gram_loss(_shallow(passed.ir_hat), _shallow(ir), "l2").mean())
    value.backward()
    doubled = gram_loss(1.0001 * _shallow(passed.ir_hat), _shallow(ir), "l2").mean()  # the source's features stay
    assert factor.grad.item() == pytest.approx((doubled - value).item() / 1e-4, rel=1e-2)
    with pytest.raises(ValueError, match="needs `shallow`"):
        stage1_terms(config, ir, vi, passed)


def test_the_joint_sum_has_the_terms_of_both_stages(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12), image(2, 12, 12), make_pass()
    config = replace(PAPER, gram=GramConfig(input="features"))
    first, second = stage1_terms(config, ir, vi, passed, _shallow), stage2_terms(config, ir, vi, passed)
    joint = joint_terms(config, ir, vi, passed, passed, _shallow)
    assert joint.keys() == {f"stage1.{name}" for name in first} | {f"stage2.{name}" for name in second}
    torch.testing.assert_close(total(joint), total(first) + total(second))


def test_without_a_graph_nothing_fails_that_does_not_name_it(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12), image(2, 12, 12), make_pass(graph=False)
    config = replace(PAPER, stage2=Stage2Config(decomp_terms=("D",)))
    assert "stage2.decomposition" in joint_terms(config, ir, vi, passed, passed)
    with pytest.raises(ValueError, match="no graph"):
        stage2_terms(PAPER, ir, vi, passed)


def test_the_paper_trains_what_the_release_leaves_alone(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12), image(2, 12, 12), make_pass()
    for config, alive in ((PAPER, True), (RELEASED, False)):
        first, second = stage1_terms(config, ir, vi, passed), stage2_terms(config, ir, vi, passed)
        inert = (first["decomposition"], first["semantic"], second["decomposition"])
        assert all(term.value.requires_grad is alive for term in inert)
        others = {**first, **second}.keys() - {"decomposition", "semantic"}
        assert all({**first, **second}[name].value.requires_grad for name in others)


def test_wrong_shapes_are_refused(image: Image, make_pass: MakePass) -> None:
    with pytest.raises(ValueError, match=r"one shape \(B, 1, H, W\); got \(2, 1, 12, 12\), \(2, 1, 12, 13\)"):
        stage1_terms(PAPER, image(2, 12, 12), image(2, 12, 13), make_pass())
    with pytest.raises(ValueError, match="one shape"):
        stage2_terms(PAPER, image(2, 12, 12)[:, 0], image(2, 12, 12)[:, 0], make_pass())


# --- every choice, on images of every kind ---------------------------------------------------------------------------


def _choices(section: Any, change: Callable[[Any], LossConfig]) -> Iterator[tuple[str, LossConfig]]:
    """Every other choice and switch of a section and of those below it, each as the only change to the paper's."""
    for item in fields(section):
        value = getattr(section, item.name)
        name = item.name
        if is_dataclass(value):
            yield from (
                (f"{name}.{path}", config)
                for path, config in _choices(
                    value,
                    lambda new, name=name: change(replace(section, **{name: new})),  # type: ignore[misc]
                )
            )
        elif isinstance(value, bool):
            yield f"{name}={not value}", change(replace(section, **{name: not value}))
        elif "choices" in item.metadata:
            for word in set(item.metadata["choices"]) - {value}:
                yield f"{name}={word}", change(replace(section, **{name: word}))
        elif "some_of" in item.metadata:
            for words in ((), ("D",), ("G",), ("D", "G"), ("D", "D")):
                yield f"{name}={words}", change(replace(section, **{name: words}))


CONFIGS = {
    "paper": PAPER,
    "released": RELEASED,
    "everything": replace(
        *(PAPER,),
        gram=GramConfig(form="mse", input="features"),
        semantic=SemanticConfig(threshold="otsu", per_image=False),
        mse=MseConfig(weight=1.0),
        stage1=Stage1Config(tv_on="both", decomp_terms=("D", "G")),
        cc=CorrelationConfig(mode="global"),
    ),
    **dict(sorted(_choices(PAPER, lambda config: config))),
}
KINDS: dict[str, Callable[[Tensor], Tensor]] = {
    "scene": lambda noise: noise,
    "night": torch.zeros_like,
    "saturated": torch.ones_like,
    "constant": lambda noise: torch.full_like(noise, 0.4),
}


def test_the_choices_of_every_section_are_tried() -> None:
    expected = {"cc.detach=True", "ssim.form=half", "grad.operator=magnitude", "semantic.threshold=otsu"}
    assert expected <= CONFIGS.keys()
    assert len(CONFIGS) > 25


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_values_and_gradients_are_finite(
    image: Image, make_pass: MakePass, config: LossConfig, dtype: torch.dtype
) -> None:
    for kind in KINDS.values():
        ir, vi, passed = kind(image(2, 12, 12)).to(dtype), kind(image(2, 12, 12)).to(dtype), make_pass(dtype=dtype)
        same = passed._replace(ir_hat=ir.clone().requires_grad_(), vi_hat=vi.clone().requires_grad_())
        flat = passed._replace(detail_ir=torch.full_like(passed.detail_ir, 0.2).requires_grad_())
        for each in (passed, same, flat):
            terms = joint_terms(config, ir, vi, each, each, _shallow)
            assert all(term.value.dim() == 0 and torch.isfinite(term.value) for term in terms.values())
            assert all(term.value.dtype == dtype for term in terms.values())
            total(terms).backward()
            assert all(leaf.grad is None or torch.isfinite(leaf.grad).all() for leaf in each)
            assert each.vi_hat.grad is not None


@pytest.mark.parametrize("profile", [PAPER, RELEASED], ids=["paper", "released"])
def test_a_perfect_reconstruction_leaves_the_decomposition_alone(
    image: Image, make_pass: MakePass, profile: LossConfig
) -> None:
    config = replace(profile, semantic=SemanticConfig(mode="off"))
    ir, vi = image(2, 12, 12), image(2, 12, 12)
    terms = stage1_terms(config, ir, vi, make_pass()._replace(ir_hat=ir, vi_hat=vi))
    assert all(abs(term.value.item()) < 1e-12 for name, term in terms.items() if name != "decomposition")


def test_autocast_around_the_losses_does_not_change_them(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12).float(), image(2, 12, 12).float(), make_pass(dtype=torch.float32)
    config = replace(PAPER, gram=GramConfig(input="features"))
    plain = joint_terms(config, ir, vi, passed, passed, _shallow)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = joint_terms(config, ir, vi, passed, passed, _shallow)
    for name, term in plain.items():
        torch.testing.assert_close(inside[name].value, term.value, rtol=0, atol=0)


def test_what_autocast_made_is_compared_in_float32(image: Image, make_pass: MakePass) -> None:
    ir, vi, passed = image(2, 12, 12).float(), image(2, 12, 12).float(), make_pass(dtype=torch.bfloat16)
    widened = type(passed)(*(part.float() for part in passed))
    coarse, fine = joint_terms(PAPER, ir, vi, passed, passed), joint_terms(PAPER, ir, vi, widened, widened)
    for name, term in fine.items():
        torch.testing.assert_close(coarse[name].value, term.value, rtol=0, atol=0)
    total(coarse).backward()
    assert all(torch.isfinite(leaf.grad).all() for leaf in passed)


@pytest.mark.gpu
def test_a_gpu_gives_the_same_even_with_tf32(
    image: Image, make_pass: MakePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    ir, vi, passed = image(2, 64, 64).float(), image(2, 64, 64).float(), make_pass(size=64, dtype=torch.float32)
    for config in CONFIGS.values():
        here = joint_terms(config, ir, vi, passed, passed, _shallow)
        moved = type(passed)(*(part.cuda() for part in passed))
        there = joint_terms(config, ir.cuda(), vi.cuda(), moved, moved, _shallow)
        for name, term in here.items():
            torch.testing.assert_close(there[name].value.cpu().float(), term.value, rtol=1e-4, atol=1e-5)
