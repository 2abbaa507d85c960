"""Configuration of the network: what all of it shares, its slots, and the decoder."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.config.errors import UserError
from assay.config.section import Section, at_least
from smfnet.config.slots import BaseConfig, DetailConfig, FuseConfig, GraphConfig

__all__ = ["DecoderConfig", "ModelConfig", "NetworkConfig"]


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
class DecoderConfig(Section):
    """Decoder.

    Attributes:
        image_skip: add the input image to the decoder's output before the sigmoid; off in the release.
        least: channels that its last layers have at least; the paper's have a half and a quarter of `network.width`. Of
            two channels both begin with negative weights to the image in one training of four or five, which then finds
            no way above the middle grey in a few hundred steps.
    """

    image_skip: bool = False
    least: int = at_least(1, 1, most=1024, as_before=1)


@dataclass(frozen=True)
class ModelConfig(Section, at=""):
    """Everything that the model factory reads."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    base: BaseConfig = field(default_factory=BaseConfig)
    detail: DetailConfig = field(default_factory=DetailConfig)
    graph: GraphConfig = field(default_factory=GraphConfig)
    fuse: FuseConfig = field(default_factory=FuseConfig)
    decoder: DecoderConfig = field(default_factory=DecoderConfig)
