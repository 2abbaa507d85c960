"""What a script would do: PyTorch alone, with a look at the loss in every step."""

from __future__ import annotations

from collections.abc import Callable

import torch

from assay.training.precision import device_of, numeric_mode
from assay.training.term import total
from smfnet.data import Patches, batches
from smfnet.training import Stage, stage_network, stage_terms

__all__ = ["plain_loop"]


def plain_loop(
    stage: Stage, patches: Patches, step: Callable[[float], None], *, allow_tf32: bool | None = None
) -> None:
    """One epoch of a stage in float32.

    Args:
        stage: what is trained; of its switches none is heeded.
        patches: in this order.
        step: called with the loss after every step.
        allow_tf32: in convolutions; as the configuration says if None.
    """
    device = device_of(stage.config.train)
    with numeric_mode(stage.config.train):
        torch.backends.cudnn.deterministic = False
        if allow_tf32 is not None:
            torch.backends.cudnn.allow_tf32 = allow_tf32
        network = stage_network(stage).to(device).train()
        parts = [weights for part in network.parts().values() if (weights := list(part.parameters()))]
        adam = torch.optim.Adam(network.parameters(), lr=stage.config.optim.lr)
        for ir, vi in batches(patches.to(device), stage.config.train.batch, seed=0, epoch=0):
            adam.zero_grad()
            loss = total(stage_terms(stage, network, ir, vi))
            loss.backward()
            for weights in parts:
                torch.nn.utils.clip_grad_norm_(weights, stage.config.optim.clip_norm)
            adam.step()
            step(loss.item())
