"""Configuration of the losses (paper, section 2.3). Defaults are the profile `paper`."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.section import Section, at_least, choice, some_of, value
from smfnet.config.stages import STAGE1, STAGE2
from smfnet.config.term import term

__all__ = [
    "CorrelationConfig",
    "GradientConfig",
    "GramConfig",
    "JointConfig",
    "LossConfig",
    "MseConfig",
    "SemanticConfig",
    "SsimConfig",
    "Stage1Config",
    "Stage2Config",
]


@dataclass(frozen=True)
class CorrelationConfig(Section, at="loss.cc"):
    """CC(.) of eqs. 26 and 27.

    Attributes:
        mode: `per_channel`: per sample and channel, then the mean; `global`: one number over the batch tensor.
        detach: no gradient, as in the release.
    """

    mode: str = choice("per_channel", "global")
    detach: bool = False


@dataclass(frozen=True)
class SsimConfig(Section, at="loss.ssim"):
    """L_SSIM of eqs. 18 and 19.

    Attributes:
        form: `one_minus`: 1 - SSIM (paper); `half`: (1 - SSIM) / 2; `kornia020`: clamp(1 - SSIM, 0, 1) / 2 (release).
    """

    form: str = choice("one_minus", "half", "kornia020", ignored_by=(STAGE2,))


@dataclass(frozen=True)
class GradientConfig(Section, at="loss.grad"):
    """Gradient of L_grad (eqs. 18, 19, 30): `abs_sum`: |Sx| + |Sy| (release); `magnitude`: sqrt(Sx^2 + Sy^2)."""

    operator: str = choice("abs_sum", "magnitude")


@dataclass(frozen=True)
class GramConfig(Section, at="loss.gram"):
    """L_Intensity of stage I (eq. 20).

    Attributes:
        form: `l2` as printed, `mse` as released.
        input: Gram matrix of the `image`, or of the shallow `features`.
    """

    weight: float = at_least(0, 1.0, ignored_by=(STAGE2,))
    form: str = choice("l2", "mse", ignored_by=(STAGE2,), idle_when={"weight": 0})
    input: str = choice("image", "features", ignored_by=(STAGE2,), idle_when={"weight": 0})


@dataclass(frozen=True)
class SemanticConfig(Section, at="loss.semantic"):
    """L_Semantic of stage I, Lovasz-Softmax (eqs. 21 to 25).

    Attributes:
        mode: `binary`: foreground / background of the image; `soft_classes`: intensity classes;
            `released`: the release's constant without gradient; `off`.
        threshold: of `binary`: the image's `mean`, `0.5`, or `otsu`.
        per_image: Lovasz loss of each image, then the mean.
        classes, tau: number of intensity classes of `soft_classes`, and the softness of the assignment.
    """

    weight: float = at_least(0, 1.0, ignored_by=(STAGE2,))
    mode: str = choice("binary", "soft_classes", "released", "off", ignored_by=(STAGE2,), idle_when={"weight": 0})
    threshold: str = choice("mean", "0.5", "otsu", ignored_by=(STAGE2,), idle_when={"weight": 0})
    per_image: bool = value(True, ignored_by=(STAGE2,), idle_when={"weight": 0})
    classes: int = at_least(2, 8, most=256, ignored_by=(STAGE2,), idle_when={"weight": 0})
    tau: float = at_least(0, 0.005, above=True, ignored_by=(STAGE2,), idle_when={"weight": 0})


@dataclass(frozen=True)
class MseConfig(Section, at="loss.mse"):
    """Plain mean square error of both reconstructions in stage I; a reading of row 3 of Table 5, off by default."""

    weight: float = term("smfnet.losses.mse:square_error", STAGE1)


@dataclass(frozen=True)
class Stage1Config(Section, at="loss.stage1"):
    """Weights of eqs. 17 to 19.

    Attributes:
        w_decomp, w_tv, w_ssim, w_grad: alpha1, alpha2, alpha3 and beta1.
        decomp_terms: features in the numerator of the decomposition loss: D (detail), G (graph).
        tv_on: images of the spatial gradient loss of eq. 17.
    """

    w_decomp: float = at_least(0, 2.0, ignored_by=(STAGE2,))
    w_tv: float = at_least(0, 5.0, ignored_by=(STAGE2,))
    w_ssim: float = at_least(0, 8.0, ignored_by=(STAGE2,))
    w_grad: float = at_least(0, 10.0, ignored_by=(STAGE2,))
    decomp_terms: tuple[str, ...] = some_of(("D",), ("D", "G"), ignored_by=(STAGE2,))
    tv_on: str = choice("vis", "both", ignored_by=(STAGE2,))


@dataclass(frozen=True)
class Stage2Config(Section, at="loss.stage2"):
    """Weights of eq. 28.

    Attributes:
        w_intensity: 1 in the paper.
        w_decomp, w_grad: alpha4 and alpha5, as printed. The release (and its parent method) has 2 and 10, so the
            paper's pair is most likely swapped; the suite has a row for that reading.
        decomp_terms: features in the numerator: D, G (eq. 27); the release has D twice.
    """

    w_intensity: float = at_least(0, 1.0, ignored_by=(STAGE1,))
    w_decomp: float = at_least(0, 10.0, ignored_by=(STAGE1,))
    w_grad: float = at_least(0, 2.0, ignored_by=(STAGE1,))
    decomp_terms: tuple[str, ...] = some_of(("D", "G"), ("D", "G"), ignored_by=(STAGE1,))


@dataclass(frozen=True)
class JointConfig(Section, at="loss.joint"):
    """What a run without stage I minimises: the loss of `stage2`, or the `sum` of both."""

    form: str = choice("stage2", "sum", ignored_by=(STAGE1, STAGE2))


@dataclass(frozen=True)
class LossConfig(Section):
    """All loss terms, their readings and weights; `delta` is that of eqs. 26 and 27.

    The paper's terms are added up as `smfnet.losses.total_loss` has them. A further one is a function and a field here,
    `name: float = term(...)`; it comes after the paper's, in the order of the fields.
    """

    delta: float = at_least(1, 1.01, above=True)
    cc: CorrelationConfig = field(default_factory=CorrelationConfig)
    ssim: SsimConfig = field(default_factory=SsimConfig)
    grad: GradientConfig = field(default_factory=GradientConfig)
    gram: GramConfig = field(default_factory=GramConfig)
    semantic: SemanticConfig = field(default_factory=SemanticConfig)
    mse: MseConfig = field(default_factory=MseConfig)
    stage1: Stage1Config = field(default_factory=Stage1Config)
    stage2: Stage2Config = field(default_factory=Stage2Config)
    joint: JointConfig = field(default_factory=JointConfig)
