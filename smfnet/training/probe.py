"""What a step of a stage costs on this machine, tried on made-up patches."""

from __future__ import annotations

import torch

from assay.stage import Cost
from assay.training.probe import STEPS
from assay.training.probe import probe as probe_recipe
from smfnet.data.patches import Patches
from smfnet.training.recipe import StageRecipe
from smfnet.training.stage import Stage

__all__ = ["probe"]


def probe(stage: Stage, size: int) -> Cost:
    """Train a stage for a few steps on made-up patches, and forget it.

    Args:
        stage: what to train.
        size: of the patches, pixels.
    """
    batch = stage.config.train.batch
    images = torch.rand(2, STEPS * batch, 1, size, size, generator=torch.Generator().manual_seed(0))
    return probe_recipe(StageRecipe(stage, Patches(images[0], images[1])))
