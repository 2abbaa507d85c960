"""The whole network and its two ways through (paper, section 2.1)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from assay.config.errors import UserError
from smfnet.model.branches.graph import GraphBranch, GraphFeatures
from smfnet.model.decoder import Decoder
from smfnet.model.encoder import Encoder

__all__ = ["Fusion", "Reconstruction", "SMFNet"]


class Reconstruction(NamedTuple):
    """What stage I computes: images (B, 1, H, W) in (0, 1), features (B, width, H, W); no graph_* without graph."""

    ir_hat: Tensor
    vi_hat: Tensor
    base_ir: Tensor
    base_vi: Tensor
    detail_ir: Tensor
    detail_vi: Tensor
    graph_ir: Tensor | None
    graph_vi: Tensor | None


class Fusion(NamedTuple):
    """What stage II computes: an image (B, 1, H, W) in (0, 1), features (B, width, H, W); no graph_* without graph."""

    fused: Tensor
    base_ir: Tensor
    base_vi: Tensor
    detail_ir: Tensor
    detail_vi: Tensor
    graph_ir: Tensor | None
    graph_vi: Tensor | None


class SMFNet(nn.Module):
    """Encoder, graph reasoning, fusion layers and decoder.

    Images are (B, 1, H, W) in [0, 1], H and W at least 2 and otherwise free; output images are in (0, 1), before any
    stretch. Everything has the dtype and device of the weights.

    Raises:
        UserError: images of unequal or unfit shapes.
    """

    def __init__(
        self, enc: Encoder, dec: Decoder, graph: GraphBranch | None, base_fuse: nn.Module, detail_fuse: nn.Module
    ) -> None:
        super().__init__()
        self.enc = enc
        self.dec = dec
        self.graph = graph
        self.base_fuse = base_fuse
        self.detail_fuse = detail_fuse

    def parts(self) -> dict[str, nn.Module]:
        """The modules that are optimised separately: enc, dec, graph (if there is one), base_fuse, detail_fuse."""
        return dict(self.named_children())

    def forward(self, ir: Tensor, vi: Tensor) -> Tensor:
        """The fused image."""
        return self.fuse(ir, vi)

    def fuse(self, ir: Tensor, vi: Tensor) -> Tensor:
        """The fused image."""
        return self.stage2(ir, vi).fused

    def reconstruct(self, ir: Tensor, vi: Tensor) -> tuple[Tensor, Tensor]:
        """Both images again, each from its own features."""
        result = self.stage1(ir, vi)
        return result.ir_hat, result.vi_hat

    def stage1(self, ir: Tensor, vi: Tensor) -> Reconstruction:
        """Reconstruct both images; the fusion layers and the graph's fused head do not run."""
        images, (shallow, base, detail) = self._encoded(ir, vi)
        graph = self._graph(shallow, fuse=False)
        features = [detail, base] if graph is None else [detail, base, torch.cat([graph.ir, graph.vi])]
        (base_ir, base_vi), (detail_ir, detail_vi) = base.chunk(2), detail.chunk(2)
        ir_hat, vi_hat = self.dec(features, images).chunk(2)
        return Reconstruction(ir_hat, vi_hat, base_ir, base_vi, detail_ir, detail_vi, *_of_both(graph))

    def stage2(self, ir: Tensor, vi: Tensor) -> Fusion:
        """Fuse both images."""
        _, (shallow, base, detail) = self._encoded(ir, vi)
        graph = self._graph(shallow, fuse=True)
        (base_ir, base_vi), (detail_ir, detail_vi) = base.chunk(2), detail.chunk(2)
        features = [self.detail_fuse(detail_ir + detail_vi), self.base_fuse(base_ir + base_vi)]
        if graph is not None and graph.fused is not None:
            features.append(graph.fused)
        return Fusion(self.dec(features, vi), base_ir, base_vi, detail_ir, detail_vi, *_of_both(graph))

    def _encoded(self, ir: Tensor, vi: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        """Both modalities as one batch, infrared first: one call of the encoder costs less than two."""
        if ir.shape != vi.shape or ir.dim() != 4 or ir.shape[1] != 1 or min(ir.shape[2:]) < 2:
            raise UserError(
                "expected two batches of grey images of the same shape (B, 1, H, W), H and W at least 2; "
                f"got ir {tuple(ir.shape)} and vi {tuple(vi.shape)}"
            )
        images = torch.cat([ir, vi])
        return images, self.enc(images)

    def _graph(self, shallow: Tensor, *, fuse: bool) -> GraphFeatures | None:
        return None if self.graph is None else self.graph(*shallow.chunk(2), fuse=fuse)


def _of_both(graph: GraphFeatures | None) -> tuple[Tensor | None, Tensor | None]:
    return (None, None) if graph is None else (graph.ir, graph.vi)
