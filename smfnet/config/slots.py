"""The slots of the network, a table each: an entry is a kind, named with what builds it and with its configuration.

A builder is called with the network's `NetworkConfig` and the kind's own section. Features are (B, C, H, W), of any
range, C = `network.width`, H and W at least 2; no kind may change the shape, or show one image to another.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.section import Section, value
from assay.config.tables import Plain, SlotConfig, made_by
from smfnet.config.kinds import (
    BaseInvertibleConfig,
    CAIConfig,
    InvertibleConfig,
    ReasoningConfig,
    SingleAttentionConfig,
    TransformerConfig,
)
from smfnet.config.stages import STAGE1

__all__ = [
    "BaseConfig",
    "BaseFusionConfig",
    "CombineConfig",
    "DetailConfig",
    "DetailFusionConfig",
    "FuseConfig",
    "GraphConfig",
]

_OFF = {"enabled": False}


@dataclass(frozen=True)
class BaseConfig(SlotConfig, at="base"):
    """Base branch of the encoder, one set of weights for both sources.

    Takes the shallow features of a batch of images, (B, C, H, W), and gives their base features, (B, C, H, W).
    """

    kind: str = "transformer"
    transformer: TransformerConfig = made_by("smfnet.model.branches.base:TransformerBranch", TransformerConfig)
    single_attention: SingleAttentionConfig = made_by(
        "smfnet.model.branches.base:single_attention", SingleAttentionConfig
    )


@dataclass(frozen=True)
class DetailConfig(SlotConfig, at="detail"):
    """Detail branch of the encoder, one set of weights for both sources.

    Takes the shallow features of a batch of images, (B, C, H, W), and gives their detail features, (B, C, H, W).
    """

    kind: str = "cai"
    cai: CAIConfig = made_by("smfnet.model.branches.detail:CAIBranch", CAIConfig)


@dataclass(frozen=True)
class GraphConfig(SlotConfig, at="graph"):
    """Graph branch between the sources, a `GraphBranch`.

    Takes the shallow features of infrared and of visible images, (B, C, H, W) each, and gives the graph's features of
    both, the same shapes; the fused ones, (B, C, H, W), come from the head that every `GraphBranch` has.

    Attributes:
        enabled: off is the row "w/o GNN": the decoder gets base and detail features alone.
    """

    kind: str = value("reasoning", idle_when=_OFF)
    enabled: bool = True
    reasoning: ReasoningConfig = made_by("smfnet.model.branches.graph:GraphReasoning", ReasoningConfig, idle_when=_OFF)
    conv: Plain = made_by("smfnet.model.branches.conv:ConvBranch", idle_when=_OFF)


@dataclass(frozen=True)
class BaseFusionConfig(SlotConfig, at="fuse.base"):
    """Fusion layer of the base features.

    Takes the sum of both sources' base features, (B, C, H, W), and gives fused ones, (B, C, H, W).
    """

    kind: str = "transformer"
    transformer: Plain = made_by("smfnet.model.fusion_layers:transformer")
    invertible: BaseInvertibleConfig = made_by("smfnet.model.fusion_layers:InvertibleFusion", BaseInvertibleConfig)


@dataclass(frozen=True)
class DetailFusionConfig(SlotConfig, at="fuse.detail"):
    """Fusion layer of the detail features.

    Takes the sum of both sources' detail features, (B, C, H, W), and gives fused ones, (B, C, H, W).
    """

    kind: str = "invertible"
    invertible: InvertibleConfig = made_by("smfnet.model.fusion_layers:InvertibleFusion", InvertibleConfig)
    transformer: Plain = made_by("smfnet.model.fusion_layers:transformer")


@dataclass(frozen=True)
class CombineConfig(SlotConfig, at="fuse.combine"):
    """How the branches' features are joined before the decoder.

    Takes a list of detail, base and (with a graph) graph features, (B, C, H, W) each, and gives (B, C, H, W). A builder
    is told the number of these, `inputs`.
    """

    kind: str = "sum"
    sum: Plain = made_by("smfnet.model.combine:Sum")
    concat: Plain = made_by("smfnet.model.combine:Concatenation")


@dataclass(frozen=True)
class FuseConfig(Section):
    """Fusion layers, which stage I does not have, and the join before the decoder.

    Attributes:
        swap: exchange the two fusion layers, each with its values (row "INN<->transformer").
        base, detail: what works on the base and on the detail features, unless they are exchanged.
        combine: see `CombineConfig`.
    """

    swap: bool = value(False, ignored_by=(STAGE1,))
    base: BaseFusionConfig = field(default_factory=BaseFusionConfig, metadata={"ignored_by": (STAGE1,)})
    detail: DetailFusionConfig = field(default_factory=DetailFusionConfig, metadata={"ignored_by": (STAGE1,)})
    combine: CombineConfig = field(default_factory=CombineConfig)
