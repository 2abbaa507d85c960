"""The loss of each stage: which terms each stage adds up, and with which weights (eqs. 17 to 19 and 28)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor

from assay.config.errors import UserError
from smfnet.config.loss import GramConfig, LossConfig
from smfnet.losses.decomposition import decomposition_loss
from smfnet.losses.features import Features, Fused, Reconstructed
from smfnet.losses.gradient import fused_gradient_loss, gradient_loss
from smfnet.losses.gram import gram_loss
from smfnet.losses.intensity import intensity_loss
from smfnet.losses.mse import mse_loss
from smfnet.losses.semantic import semantic_loss
from smfnet.losses.ssim import ssim_loss
from smfnet.losses.tv import tv_loss

__all__ = ["Term", "joint_terms", "stage1_terms", "stage2_terms", "total"]

Shallow = Callable[[Tensor], Tensor]


class Term(NamedTuple):
    """One part of a loss: its value, a 0-dim tensor, and the weight it is added up with."""

    value: Tensor
    weight: float


def total(terms: Mapping[str, Term]) -> Tensor:
    """Weighted sum of the terms, a 0-dim tensor.

    Raises:
        UserError: there is none.
    """
    if not terms:
        raise UserError("the loss has no terms: expected a weight above 0; set one under loss.stage1 or loss.stage2")
    return reduce(torch.add, (term.weight * term.value for term in terms.values()))


def stage1_terms(
    config: LossConfig, ir: Tensor, vi: Tensor, features: Reconstructed, shallow: Shallow | None = None
) -> dict[str, Term]:
    """The terms of stage I (eqs. 17 to 19); one of weight 0 is neither computed nor named.

    Args:
        config: readings and weights.
        ir, vi: source images, (B, 1, H, W) in [0, 1].
        features: what the network made of them.
        shallow: image -> features (B, C, H, W), for `gram.input=features`; the source's are a fixed target.

    Returns:
        Of ssim_ir, ssim_vi, grad_ir, grad_vi, gram, semantic, decomposition, tv and mse what the configuration asks
        for, in float32 or better even under autocast.

    Raises:
        ValueError: shapes differ, `shallow` is missing, or G is named and the network has no graph.
    """
    _check_shapes(ir, vi, features.ir_hat, features.vi_hat)
    gram = _gram_inputs(config.gram, ir, features.ir_hat, shallow)
    with torch.autocast(ir.device.type, enabled=False):
        source, image = _exact(torch.cat([ir, vi])), _exact(torch.cat([features.ir_hat, features.vi_hat]))
        terms = _edges_and_structure(config, image, source)
        if gram:
            value = gram_loss(_exact(gram[0]), _exact(gram[1]), config.gram.form).mean()
            terms["gram"] = Term(value, config.gram.weight)
        if config.semantic.weight and config.semantic.mode != "off":
            value = semantic_loss(image.chunk(2)[1], source.chunk(2)[1], config.semantic)
            terms["semantic"] = Term(value, config.semantic.weight)
        terms |= _decomposition(config, features, config.stage1.decomp_terms, config.stage1.w_decomp)
        return terms | _pixels(config, image, source)


def stage2_terms(config: LossConfig, ir: Tensor, vi: Tensor, features: Fused) -> dict[str, Term]:
    """The terms of stage II (eq. 28): intensity, gradient, decomposition; arguments and errors as for stage I."""
    weights = config.stage2
    _check_shapes(ir, vi, features.fused)
    terms: dict[str, Term] = {}
    with torch.autocast(ir.device.type, enabled=False):
        ir, vi, fused = _exact(ir), _exact(vi), _exact(features.fused)
        if weights.w_intensity:
            terms["intensity"] = Term(intensity_loss(fused, ir, vi).mean(), weights.w_intensity)
        if weights.w_grad:
            value = fused_gradient_loss(fused, ir, vi, config.grad.operator).mean()
            terms["gradient"] = Term(value, weights.w_grad)
        return terms | _decomposition(config, features, weights.decomp_terms, weights.w_decomp)


def joint_terms(
    config: LossConfig,
    ir: Tensor,
    vi: Tensor,
    reconstruction: Reconstructed,
    fusion: Fused,
    shallow: Shallow | None = None,
) -> dict[str, Term]:
    """The terms of both stages at once (`joint.form=sum`), named stage1.ssim_ir, ..., stage2.decomposition."""
    first = stage1_terms(config, ir, vi, reconstruction, shallow)
    second = stage2_terms(config, ir, vi, fusion)
    return {f"stage1.{name}": term for name, term in first.items()} | {
        f"stage2.{name}": term for name, term in second.items()
    }


def _edges_and_structure(config: LossConfig, image: Tensor, source: Tensor) -> dict[str, Term]:
    """The terms that both modalities have, computed at once: infrared images first, visible ones after them."""
    terms: dict[str, Term] = {}
    if weight := config.stage1.w_ssim:
        ir, vi = ssim_loss(image, source, config.ssim.form).view(2, -1).mean(1)
        terms |= {"ssim_ir": Term(ir, weight), "ssim_vi": Term(vi, weight)}
    if weight := config.stage1.w_grad:
        ir, vi = gradient_loss(image, source, config.grad.operator).view(2, -1).mean(1)
        terms |= {"grad_ir": Term(ir, weight), "grad_vi": Term(vi, weight)}
    return terms


def _pixels(config: LossConfig, image: Tensor, source: Tensor) -> dict[str, Term]:
    """Spatial gradient of the visible or of both images, and the square error of both; both: the sum of two means."""
    terms: dict[str, Term] = {}
    if config.stage1.w_tv:
        compared = (image, source) if config.stage1.tv_on == "both" else (image.chunk(2)[1], source.chunk(2)[1])
        terms["tv"] = Term(tv_loss(*compared).view(-1, len(source) // 2).mean(1).sum(), config.stage1.w_tv)
    if config.mse.weight:
        terms["mse"] = Term(mse_loss(image, source).view(2, -1).mean(1).sum(), config.mse.weight)
    return terms


def _decomposition(config: LossConfig, features: Features, names: tuple[str, ...], weight: float) -> dict[str, Term]:
    if not (weight and names):
        return {}
    return {"decomposition": Term(decomposition_loss(features, names, config.cc, config.delta), weight)}


def _gram_inputs(
    config: GramConfig, ir: Tensor, ir_hat: Tensor, shallow: Shallow | None
) -> tuple[Tensor, Tensor] | None:
    """What the Gram loss compares, reconstruction first."""
    if not config.weight:
        return None
    if config.input == "image":
        return ir_hat, ir
    if shallow is None:
        raise ValueError("gram.input=features needs `shallow`, the network's map from an image to its shallow features")
    with torch.no_grad():
        target = shallow(ir)
    return shallow(ir_hat), target


def _exact(values: Tensor) -> Tensor:
    """At least float32; float64 on a GPU, where products of matrices in float32 may be rounded to ten bits (TF32)."""
    least = torch.float64 if values.is_cuda else torch.float32
    return values.to(torch.promote_types(values.dtype, least))


def _check_shapes(*images: Tensor) -> None:
    """Broadcasting would turn a wrong shape into a wrong loss.

    Raises:
        ValueError: not (B, 1, H, W), or not all the same.
    """
    shapes = [tuple(image.shape) for image in images]
    if len(set(shapes)) > 1 or len(shapes[0]) != 4 or shapes[0][1] != 1:
        raise ValueError(f"expected images of one shape (B, 1, H, W); got {', '.join(map(str, shapes))}")
