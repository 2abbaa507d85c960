"""How a stage of SMFNet is trained (paper, section 3.1): one Adam, in groups that are clipped and scheduled apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from assay.stage import Progress
from assay.training.loop import train_recipe
from assay.training.recipe import Batch, Recipe
from assay.training.state import State
from assay.training.steps import steps_per_epoch
from assay.training.term import Term
from smfnet.data.patches import Patches, batches
from smfnet.model import SMFNet
from smfnet.training.forward import stage_forward, stage_network, stage_terms
from smfnet.training.recompute import recomputed
from smfnet.training.schedule import FUSION_LAYERS, learning_rate
from smfnet.training.stage import STAGE1, STAGE2, Stage

__all__ = ["StageRecipe", "train_stage"]


class StageRecipe(Recipe):
    """Of stage I, stage II or the joint stage.

    Args:
        stage: what to train.
        patches: pairs of training patches, each (N, 1, P, P) in [0, 1].
    """

    stage: Stage

    def __init__(self, stage: Stage, patches: Patches) -> None:
        train = stage.config.train
        self.stage, self.settings, self.batch = stage, train, train.batch
        self._patches = patches
        self.samples = len(patches)
        self.steps = steps_per_epoch(len(patches), train.batch, train.steps_per_epoch)
        self.clip = stage.config.optim.clip_norm
        # What stage I leaves has no fusion layers, so that variants of these can share it.
        self.absent = FUSION_LAYERS if stage.kind == STAGE1 else ()

    @property
    def keeps_moments(self) -> bool:  # type: ignore[override]
        """Stage II goes on with the moments of stage I."""
        return self.stage.kind != STAGE2 or not self.stage.config.optim.reset_at_stage2

    def network(self) -> SMFNet:
        """The network as the stage's seed makes it."""
        network = stage_network(self.stage)
        if self.stage.config.train.recompute:
            recomputed(network)
        return network

    def parts(self, network: nn.Module) -> Mapping[str, nn.Module]:
        """Without the fusion layers in stage I, without a frozen encoder in stage II."""
        parts = dict(network.named_children())
        if self.stage.kind == STAGE1:
            return {name: part for name, part in parts.items() if name not in FUSION_LAYERS}
        if self.stage.kind == STAGE2 and self.stage.config.train.freeze_encoder_stage2:
            return {name: part for name, part in parts.items() if name != "enc"}
        return parts

    def optimizer(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(groups, lr=self.stage.config.optim.lr, fused=True)

    def rate(self, part: str, epoch: int) -> float:
        """StepLR, see `learning_rate`."""
        config = self.stage.config
        return learning_rate(config.optim, config.sched, part, epoch, self.stage.first_epoch)

    def batches(self, epoch: int, device: torch.device) -> Iterable[tuple[Tensor, Tensor]]:
        """Infrared and visible patches in an order that seed and epoch decide."""
        train = self.stage.config.train
        return batches(self._placed(device), train.batch, self.stage.seed, epoch, steps=train.steps_per_epoch)

    def terms(self, network: nn.Module, batch: Batch) -> dict[str, Term]:
        """See `stage_terms`."""
        ir, vi = batch
        assert isinstance(network, SMFNet)
        return stage_terms(self.stage, network, ir, vi)

    def forward(self, network: nn.Module, batch: Batch) -> None:
        """See `stage_forward`."""
        ir, vi = batch
        assert isinstance(network, SMFNet)
        stage_forward(self.stage, network, ir, vi)

    def _placed(self, device: torch.device) -> Patches:
        """All patches go to the device once."""
        if self._patches.ir.device.type != device.type:
            self._patches = self._patches.to(device)
        return self._patches


def train_stage(
    stage: Stage,
    patches: Patches,
    *,
    parent: State | None = None,
    checkpoint: State | None = None,
    save: Callable[[State], None] | None = None,
    report: Callable[[Progress], None] | None = None,
    after_epoch: Callable[[int, SMFNet], None] | None = None,
) -> State:
    """Train one stage; see `assay.training.loop.train_recipe`.

    Args:
        stage: what to train.
        patches: pairs of training patches, each (N, 1, P, P) in [0, 1].
        parent: the finished stage I, for stage II.
        checkpoint: an earlier state of this same stage.
        save: called with the state every `train.checkpoint_s` seconds.
        report: called after every step.
        after_epoch: called with the number of epochs of this stage that are done and the network, in evaluation mode.

    Raises:
        NotFinite: first non-finite loss or gradient.
        UserError: no term of the loss has a gradient.
    """
    return train_recipe(
        StageRecipe(stage, patches),
        parent=parent,
        checkpoint=checkpoint,
        save=save,
        report=report,
        after_epoch=after_epoch,
    )
