"""How one stage of a network is trained: all that the loop itself does not know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.stage import Stage
from assay.training.precision import NumericSettings
from assay.training.term import Term

__all__ = ["Batch", "Recipe"]

Batch = Sequence[Tensor]


class Recipe(ABC):
    """What a study says of a stage's training.

    Attributes:
        stage: kind, seed, first and last epoch.
        settings: device, threads, precision, seconds between two checkpoints.
        steps: of an epoch.
        batch: samples of a whole batch; a pass is recorded (`cuda_graph`) for whole batches only.
        samples: that an epoch draws from.
        clip: largest L2 norm of the gradient of each part; None leaves gradients as they are.
        absent: children of the network whose weights the state leaves out, so that a later stage begins with those
            that its seed makes.
        keeps_moments: whether a stage begins with the optimiser's moments of the one before it.
        draws: whether a step draws random numbers (dropout, augmentation): torch's generator is then seeded anew by
            seed, epoch and step, so that no state of it has to be kept.
    """

    stage: Stage
    settings: NumericSettings
    steps: int
    batch: int
    samples: int = 0
    clip: float | None = None
    absent: tuple[str, ...] = ()
    keeps_moments: bool = True
    draws: bool = False

    @abstractmethod
    def network(self) -> nn.Module:
        """The network as the stage's seed makes it, on the CPU."""

    def parts(self, network: nn.Module) -> Mapping[str, nn.Module]:
        """The modules that are trained; each has a learning rate and a clipped gradient of its own."""
        return {"network": network}

    @abstractmethod
    def optimizer(self, groups: list[dict[str, Any]]) -> Optimizer:
        """An optimiser of these groups of parameters; it must be a fused one of torch's.

        Those heed `found_inf`: a step that is not finite updates nothing.
        """

    @abstractmethod
    def rate(self, part: str, epoch: int) -> float:
        """Learning rate of a part in an epoch."""

    @abstractmethod
    def batches(self, epoch: int, device: torch.device) -> Iterable[Batch]:
        """The batches of an epoch, the same each time, on the device or not."""

    @abstractmethod
    def terms(self, network: nn.Module, batch: Batch) -> Mapping[str, Term]:
        """Run the network forward, and name the terms of the loss."""

    def forward(self, network: nn.Module, batch: Batch) -> None:
        """The stage's way through the network, without its losses: what FLOPs are counted of."""
        self.terms(network, batch)
