"""The recipe of a study that says what its network, batches and terms are, and leaves the rest to the engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn
from torch.optim import Optimizer

from assay.config.training import TorchConfig
from assay.training.given import batches_given, network_given, tensors_given, terms_given
from assay.training.recipe import Batch, Recipe
from assay.training.term import Term

__all__ = ["NetworkStudy", "TorchStage", "UserRecipe", "built"]

_OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


@dataclass(frozen=True)
class TorchStage:
    """A stage of a `TorchStudy`; see `assay.stage.Stage`."""

    kind: str
    config: Any
    seed: int
    first_epoch: int
    last_epoch: int


class NetworkStudy(Protocol):
    """The part of a `TorchStudy` that training asks."""

    def phase_build(self, phase: str, config: Any) -> nn.Module: ...
    def phase_batches(self, phase: str, config: Any, seed: int, epoch: int) -> Any: ...
    def phase_terms(self, phase: str, network: nn.Module, batch: Any, config: Any) -> Mapping[str, Any]: ...
    def phase_modules(self, phase: str, network: nn.Module, config: Any) -> Mapping[str, nn.Module]: ...


class UserRecipe(Recipe):
    """How a stage of a `TorchStudy` is trained.

    Args:
        study: says what the network, the batches and the terms are.
        stage: what to train.
        config: of the whole trial: where the data are.
    """

    draws = True

    def __init__(self, study: NetworkStudy, stage: TorchStage, config: TorchConfig) -> None:
        self.stage, self.settings = stage, stage.config.train
        self._study, self._whole, self._optim = study, config, stage.config.optim
        first = batches_given(study.phase_batches(stage.kind, config, stage.seed, stage.first_epoch))
        self.steps = len(first)
        self.batch = len(tensors_given(next(iter(first)))[0])
        self.samples = self.steps * self.batch
        self.clip = self._optim.clip_norm

    def network(self) -> nn.Module:
        """As `build` makes it under the stage's seed."""
        return built(self._study, self.stage.kind, self.stage.config, self.stage.seed)

    def parts(self, network: nn.Module) -> Mapping[str, nn.Module]:
        """All of it, unless the study says otherwise."""
        return self._study.phase_modules(self.stage.kind, network, self.stage.config)

    def optimizer(self, groups: list[dict[str, Any]]) -> Optimizer:
        """`optim.kind`."""
        optim = self._optim
        more = {"momentum": optim.momentum} if optim.kind == "sgd" else {}
        return _OPTIMIZERS[optim.kind](groups, lr=optim.lr, weight_decay=optim.weight_decay, fused=True, **more)

    def rate(self, part: str, epoch: int) -> float:
        """`optim.schedule`, over the epochs of this stage."""
        if self._optim.schedule == "constant":
            return float(self._optim.lr)
        done = (epoch - self.stage.first_epoch) / (self.stage.last_epoch - self.stage.first_epoch)
        return float(self._optim.lr * (1 + math.cos(math.pi * done)) / 2)

    def batches(self, epoch: int, device: torch.device) -> Iterable[Batch]:
        """What `batches` gives, on the device."""
        for batch in self._study.phase_batches(self.stage.kind, self._whole, self.stage.seed, epoch):
            yield tuple(tensor.to(device) for tensor in tensors_given(batch))

    def terms(self, network: nn.Module, batch: Batch) -> Mapping[str, Term]:
        """Those whose weight is not 0."""
        terms = terms_given(self._study.phase_terms(self.stage.kind, network, batch, self.stage.config))
        return {name: term for name, term in terms.items() if term.weight}


def built(study: NetworkStudy, phase: str, config: Any, seed: int) -> nn.Module:
    """The network, on the CPU; whoever draws elsewhere in this process draws as if nothing had been built."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return network_given(study.phase_build(phase, config))
