"""The loss of each stage: which terms each stage adds up, and with which weights (eqs. 17 to 19 and 28)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.config.errors import UserError
from assay.config.tables import Terms
from assay.training.term import Term
from smfnet.config.loss import GramConfig, LossConfig
from smfnet.config.stages import STAGE1 as FIRST
from smfnet.config.stages import STAGE2 as SECOND
from smfnet.losses.declared import further_terms
from smfnet.losses.decomposition import decomposition_loss
from smfnet.losses.features import Features, Fused, Reconstructed
from smfnet.losses.gradient import fused_gradient_loss, gradient_loss
from smfnet.losses.gram import gram_loss
from smfnet.losses.intensity import intensity_loss
from smfnet.losses.semantic import semantic_loss
from smfnet.losses.ssim import ssim_loss
from smfnet.losses.tv import tv_loss

__all__ = ["joint_terms", "stage1_terms", "stage2_terms"]

Shallow = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class _Pass:
    """What a term is computed from.

    Attributes:
        config: readings and weights.
        image, source: reconstructions and what they should be, infrared images first, visible ones after them.
        features: what the network made of the sources.
        gram: what the Gram loss compares; None where it is not asked for.
    """

    config: LossConfig
    image: Tensor
    source: Tensor
    features: Reconstructed
    gram: tuple[Tensor, Tensor] | None

    def given(self) -> dict[str, Any]:
        """What a declared term may read, by name."""
        (ir, vi), (ir_hat, vi_hat) = self.source.chunk(2), self.image.chunk(2)
        images = {"ir": ir, "vi": vi, "ir_hat": ir_hat, "vi_hat": vi_hat, "image": self.image, "source": self.source}
        return {**images, "features": self.features, "config": self.config}


def _structure(made: _Pass, weight: float) -> dict[str, Term]:
    ir, vi = ssim_loss(made.image, made.source, made.config.ssim.form).view(2, -1).mean(1)
    return {"ssim_ir": Term(ir, weight), "ssim_vi": Term(vi, weight)}


def _edges(made: _Pass, weight: float) -> dict[str, Term]:
    ir, vi = gradient_loss(made.image, made.source, made.config.grad.operator).view(2, -1).mean(1)
    return {"grad_ir": Term(ir, weight), "grad_vi": Term(vi, weight)}


def _gram(made: _Pass, weight: float) -> dict[str, Term]:
    assert made.gram is not None
    image, source = map(_exact, made.gram)
    return {"gram": Term(gram_loss(image, source, made.config.gram.form).mean(), weight)}


def _semantic(made: _Pass, weight: float) -> dict[str, Term]:
    if made.config.semantic.mode == "off":
        return {}
    return {
        "semantic": Term(semantic_loss(made.image.chunk(2)[1], made.source.chunk(2)[1], made.config.semantic), weight)
    }


def _separation(made: _Pass, weight: float) -> dict[str, Term]:
    return _decomposition(made.config, made.features, made.config.stage1.decomp_terms, weight)


def _variation(made: _Pass, weight: float) -> dict[str, Term]:
    """Of the visible or of both images; both: the sum of two means."""
    both = made.config.stage1.tv_on == "both"
    image, source = (made.image, made.source) if both else (made.image.chunk(2)[1], made.source.chunk(2)[1])
    return {"tv": Term(tv_loss(image, source).view(-1, len(made.source) // 2).mean(1).sum(), weight)}


# The paper's, in the order in which they are added up: another order gives other last digits. A further term is a
# function, and a field of `LossConfig`.
STAGE1: Terms[Callable[[_Pass, float], dict[str, Term]]] = Terms(
    "loss",
    {
        "stage1.w_ssim": _structure,
        "stage1.w_grad": _edges,
        "gram.weight": _gram,
        "semantic.weight": _semantic,
        "stage1.w_decomp": _separation,
        "stage1.w_tv": _variation,
    },
)


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
        Of ssim_ir, ssim_vi, grad_ir, grad_vi, gram, semantic, decomposition, tv and the declared terms what the
        configuration asks for, in float32 or better even under autocast.

    Raises:
        ValueError: shapes differ, `shallow` is missing, or G is named and the network has no graph.
    """
    _check_shapes(ir, vi, features.ir_hat, features.vi_hat)
    gram = _gram_inputs(config.gram, ir, features.ir_hat, shallow)
    with torch.autocast(ir.device.type, enabled=False):
        source, image = _exact(torch.cat([ir, vi])), _exact(torch.cat([features.ir_hat, features.vi_hat]))
        made = _Pass(config, image, source, features, gram)
        terms = {name: term for weight, entry in STAGE1.of(config) for name, term in entry(made, weight).items()}
        return _together(terms, further_terms(config, FIRST, made.given()))


def stage2_terms(config: LossConfig, ir: Tensor, vi: Tensor, features: Fused) -> dict[str, Term]:
    """The terms of stage II (eq. 28): intensity, gradient, decomposition, and those that are declared.

    Arguments and errors as for stage I.
    """
    _check_shapes(ir, vi, features.fused)
    with torch.autocast(ir.device.type, enabled=False):
        made = _FusedPass(config, _exact(features.fused), _exact(ir), _exact(vi), features)
        terms = {name: term for weight, entry in STAGE2.of(config) for name, term in entry(made, weight).items()}
        return _together(terms, further_terms(config, SECOND, made.given()))


@dataclass(frozen=True)
class _FusedPass:
    """What a term of stage II is computed from: the fused images, their sources, and the network's features."""

    config: LossConfig
    fused: Tensor
    ir: Tensor
    vi: Tensor
    features: Fused

    def given(self) -> dict[str, Any]:
        """What a declared term may read, by name."""
        images = {"fused": self.fused, "ir": self.ir, "vi": self.vi}
        return {**images, "features": self.features, "config": self.config}


def _intensity(made: _FusedPass, weight: float) -> dict[str, Term]:
    return {"intensity": Term(intensity_loss(made.fused, made.ir, made.vi).mean(), weight)}


def _fused_edges(made: _FusedPass, weight: float) -> dict[str, Term]:
    value = fused_gradient_loss(made.fused, made.ir, made.vi, made.config.grad.operator).mean()
    return {"gradient": Term(value, weight)}


def _fused_separation(made: _FusedPass, weight: float) -> dict[str, Term]:
    return _decomposition(made.config, made.features, made.config.stage2.decomp_terms, weight)


STAGE2: Terms[Callable[[_FusedPass, float], dict[str, Term]]] = Terms(
    "loss",
    {"stage2.w_intensity": _intensity, "stage2.w_grad": _fused_edges, "stage2.w_decomp": _fused_separation},
)


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


def _together(terms: dict[str, Term], further: dict[str, Term]) -> dict[str, Term]:
    """The paper's terms, then those that are declared."""
    if twice := [name for name in further if name in terms]:
        raise UserError(f"loss.{twice[0]}: the paper has a term of that name; expected another name for the weight")
    return terms | further


def _decomposition(config: LossConfig, features: Features, names: tuple[str, ...], weight: float) -> dict[str, Term]:
    if not names:
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
