"""What each kind of a slot can vary (paper, sections 2.1 and 2.2); the slots are in `smfnet.config.slots`."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.errors import UserError
from assay.config.section import Section, at_least, choice, value

__all__ = [
    "AffineConfig",
    "BaseInvertibleConfig",
    "CAIConfig",
    "CrossConfig",
    "InvertibleConfig",
    "ReasoningConfig",
    "SingleAttentionConfig",
    "TransformerConfig",
]


@dataclass(frozen=True)
class TransformerConfig(Section, at="base.transformer"):
    """Base branch of transformer layers in residual groups.

    Attributes:
        groups, pairs: number of groups, and of block pairs in each.
        blocks: `paired` alternates MDTA+LeFF with MSA+FFN; `leff` uses MDTA+LeFF only (same number of layers).
        msa_dense3x3: the second convolution of the MSA is dense (the release) or depthwise.
        residual: each group adds its input.
        tail: the group's closing convolutions (`conv`), or `none`.
    """

    groups: int = at_least(1, 2, most=32)
    pairs: int = at_least(1, 2, most=32)
    blocks: str = choice("paired", "leff")
    msa_dense3x3: bool = value(True, idle_when={"blocks": "leff"})
    residual: bool = True
    tail: str = choice("conv", "none")


@dataclass(frozen=True)
class SingleAttentionConfig(Section, at="base.single_attention"):
    """Base branch of one attention block.

    Attributes:
        msa_dense3x3: the second convolution of the MSA is dense (the release) or depthwise.
    """

    msa_dense3x3: bool = True


@dataclass(frozen=True)
class CrossConfig(Section, at="detail.cai.cross"):
    """Cross attention of the detail branch (eqs. 1 to 4).

    Attributes:
        enabled: off is the row "CAI->INN block".
        layernorm: layer norm before the projections, as drawn in the paper's figure.
        shared: one set of weights for both directions (the release), or two (as drawn).
    """

    enabled: bool = True
    layernorm: bool = value(False, idle_when={"enabled": False})
    shared: bool = value(True, idle_when={"enabled": False})


@dataclass(frozen=True)
class AffineConfig(Section, at="detail.cai.inn"):
    """Affine coupling nodes of the detail branch (eqs. 5 and 6).

    Attributes:
        blocks: number of nodes.
        clamp: bound the exponent as in the fusion layer; off in the release.
    """

    blocks: int = at_least(0, 1, most=32)
    clamp: bool = False


@dataclass(frozen=True)
class CAIConfig(Section, at="detail.cai"):
    """Detail branch of a gradient residual dense block, cross attention and affine nodes.

    Attributes:
        grdb: keep the gradient residual dense block.
        sobel_trainable: its Sobel filters are parameters (the release) or fixed.
    """

    grdb: bool = True
    sobel_trainable: bool = value(True, idle_when={"grdb": False})
    cross: CrossConfig = field(default_factory=CrossConfig)
    inn: AffineConfig = field(default_factory=AffineConfig)


@dataclass(frozen=True)
class ReasoningConfig(Section, at="graph.reasoning"):
    """Graph reasoning (eqs. 11 to 16).

    Attributes:
        dilations: one node per dilation.
        cross_steps: exchanges between the modalities.
        iters: message passing steps within a modality.
        gate_layout: `per_neighbour` (eq. 15) or `interleaved` over the channels (the release).
        gamma_init: first value of the factor of the update.
    """

    dilations: tuple[int, ...] = at_least(1, (4, 8, 16), most=1024)
    cross_steps: int = at_least(0, 2, most=32)
    iters: int = at_least(0, 2, most=32)
    gate_layout: str = choice("per_neighbour", "interleaved")
    gamma_init: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.dilations) != 3:
            raise UserError(
                f"{self.prefix}.dilations: expected three numbers, one per node; got {list(self.dilations)}"
            )


@dataclass(frozen=True)
class InvertibleConfig(Section, at="fuse.detail.invertible"):
    """Fusion layer of a gradient residual dense block and invertible blocks (eqs. 7 and 8).

    Attributes:
        blocks: number of invertible blocks.
        grdb: keep the gradient residual dense block.
        sobel_trainable: its Sobel filters are parameters (the release) or fixed.
    """

    blocks: int = at_least(1, 2, most=32)
    grdb: bool = True
    sobel_trainable: bool = value(True, idle_when={"grdb": False})


@dataclass(frozen=True)
class BaseInvertibleConfig(InvertibleConfig, at="fuse.base.invertible"):
    """The same layer for the base features."""
