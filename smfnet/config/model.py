"""Configuration of the network, one class per component (paper, sections 2.1 and 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.errors import UserError
from assay.config.section import Section, at_least, choice, value
from smfnet.config.stages import STAGE1

__all__ = [
    "AffineConfig",
    "BaseConfig",
    "CrossConfig",
    "DecoderConfig",
    "DetailConfig",
    "FuseConfig",
    "GraphConfig",
    "ModelConfig",
    "NetworkConfig",
]


@dataclass(frozen=True)
class NetworkConfig(Section):
    """What all components share.

    Attributes:
        width: channels of every feature map; the paper's is 64. A multiple of 2 * heads and of 4.
        heads: attention heads of every transformer block and of the cross attention; 8 in the paper.
        swap_branches: let the base module make the detail features and the detail module the base features.
    """

    width: int = at_least(4, 64, most=1024)
    heads: int = at_least(1, 8, most=512)
    swap_branches: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % (2 * self.heads) or self.width % 4:
            raise UserError(
                f"network.width: expected a multiple of 4 and of 2 * network.heads = {2 * self.heads}; got {self.width}"
            )


@dataclass(frozen=True)
class BaseConfig(Section):
    """Base branch: transformer layers in residual groups.

    Attributes:
        kind: slot of the branch. `transformer`: groups of paired blocks; `single_attention`: one attention block.
        groups, pairs: number of groups, and of block pairs in each.
        blocks: `paired` alternates MDTA+LeFF with MSA+FFN; `leff` uses MDTA+LeFF only (same number of layers).
        msa_dense3x3: the second convolution of the MSA is dense (the release) or depthwise.
        residual: each group adds its input.
        tail: the group's closing convolutions (`conv`), or `none`.
    """

    kind: str = choice("transformer", "single_attention")
    groups: int = at_least(1, 2, most=32, idle_when={"kind": "single_attention"})
    pairs: int = at_least(1, 2, most=32, idle_when={"kind": "single_attention"})
    blocks: str = choice("paired", "leff", idle_when={"kind": "single_attention"})
    msa_dense3x3: bool = True
    residual: bool = value(True, idle_when={"kind": "single_attention"})
    tail: str = choice("conv", "none", idle_when={"kind": "single_attention"})


@dataclass(frozen=True)
class CrossConfig(Section, at="detail.cross"):
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
class AffineConfig(Section, at="detail.inn"):
    """Affine coupling nodes of the detail branch (eqs. 5 and 6).

    Attributes:
        blocks: number of nodes.
        clamp: bound the exponent as in the fusion layer; off in the release.
    """

    blocks: int = at_least(0, 1, most=32)
    clamp: bool = False


@dataclass(frozen=True)
class DetailConfig(Section):
    """Detail branch, CAI.

    Attributes:
        kind: slot of the branch. `cai`: gradient residual dense block, cross attention, affine nodes.
        grdb: keep the gradient residual dense block.
        sobel_trainable: Sobel filters, here and in the invertible fusion layer, are parameters (the release) or fixed.
    """

    kind: str = choice("cai")
    grdb: bool = True
    sobel_trainable: bool = True
    cross: CrossConfig = field(default_factory=CrossConfig)
    inn: AffineConfig = field(default_factory=AffineConfig)


_NO_REASONING = {"enabled": False, "kind": "conv"}


@dataclass(frozen=True)
class GraphConfig(Section):
    """Graph reasoning (eqs. 11 to 16).

    Attributes:
        enabled: off is the row "w/o GNN": the decoder gets base + detail.
        kind: slot of the branch. `reasoning`, or `conv`: plain convolutions with about as many parameters.
        dilations: one node per dilation.
        cross_steps: exchanges between the modalities.
        iters: message passing steps within a modality.
        gate_layout: `per_neighbour` (eq. 15) or `interleaved` over the channels (the release).
        gamma_init: first value of the factor of the update.
    """

    enabled: bool = True
    kind: str = choice("reasoning", "conv", idle_when={"enabled": False})
    dilations: tuple[int, ...] = at_least(1, (4, 8, 16), most=1024, idle_when=_NO_REASONING)
    cross_steps: int = at_least(0, 2, most=32, idle_when=_NO_REASONING)
    iters: int = at_least(0, 2, most=32, idle_when=_NO_REASONING)
    gate_layout: str = choice("per_neighbour", "interleaved", idle_when=_NO_REASONING)
    gamma_init: float = value(0.0, idle_when=_NO_REASONING)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.dilations) != 3:
            raise UserError(f"graph.dilations: expected three numbers, one per node; got {list(self.dilations)}")


@dataclass(frozen=True)
class FuseConfig(Section):
    """Fusion layers and the join before the decoder.

    Attributes:
        swap: exchange the two fusion layers (row "INN<->transformer").
        blocks: invertible blocks of the invertible layer.
        grdb: keep the gradient residual dense block of the invertible layer.
        combine: features reach the decoder as a `sum`, or as `concat` with a 1x1 convolution.
    """

    swap: bool = value(False, ignored_by=(STAGE1,))
    blocks: int = at_least(1, 2, most=32, ignored_by=(STAGE1,))
    grdb: bool = value(True, ignored_by=(STAGE1,))
    combine: str = choice("sum", "concat")


@dataclass(frozen=True)
class DecoderConfig(Section):
    """Decoder.

    Attributes:
        image_skip: add the input image to the decoder's output before the sigmoid; off in the release.
    """

    image_skip: bool = False


@dataclass(frozen=True)
class ModelConfig(Section, at=""):
    """Everything that the model factory reads."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    base: BaseConfig = field(default_factory=BaseConfig)
    detail: DetailConfig = field(default_factory=DetailConfig)
    graph: GraphConfig = field(default_factory=GraphConfig)
    fuse: FuseConfig = field(default_factory=FuseConfig)
    decoder: DecoderConfig = field(default_factory=DecoderConfig)
