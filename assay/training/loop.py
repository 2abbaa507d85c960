"""Run one stage, from its start or from a checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from assay.config.errors import UserError
from assay.training.precision import autocast, device_of, numeric_mode
from assay.training.recorded import RecordedPass
from assay.training.state import EpochLog, State, capture, restore_model, restore_optimizer
from assay.training.steps import steps_per_epoch
from smfnet.data import Patches, batches
from smfnet.losses import total
from smfnet.model import SMFNet
from smfnet.training.forward import stage_network, stage_terms
from smfnet.training.schedule import FUSION_LAYERS, learning_rate
from smfnet.training.stage import STAGE1, STAGE2, Stage

__all__ = ["Diverged", "Progress", "train_stage"]

_LOSS = "the loss"  # no name of a term: those are identifiers


@dataclass(frozen=True)
class Progress:
    """Where a stage is: steps done and to do, the last loss, and the seconds left at the present pace."""

    stage: str
    step: int
    steps: int
    loss: float
    eta_s: float


class Diverged(RuntimeError):
    """A loss or gradient is not finite. The message names the terms, the epoch and the step.

    `state` is the moment before that step: every loss and gradient that led to it was finite. A stage that goes on
    from it fails again at once, with the same message.
    """

    def __init__(self, message: str, state: State) -> None:
        super().__init__(message)
        self.state = state


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
    """Train one stage to its end and return its last state.

    On the CPU the result is the same, bit for bit, whether the stage ran through or was continued from a checkpoint.

    Args:
        stage: what to train.
        patches: pairs of training patches, each (N, 1, P, P) in [0, 1].
        parent: the finished stage I, for stage II.
        checkpoint: an earlier state of this same stage.
        save: called with the state every `train.checkpoint_s` seconds.
        report: called after every step.
        after_epoch: called with the number of epochs of this stage that are done and the network, in evaluation mode;
            may look at the network, but must leave it and the random number generators as they are.

    Raises:
        Diverged: first non-finite loss or gradient.
        UserError: no term of the loss has a gradient.
    """
    device = device_of(stage.config.train)
    with numeric_mode(stage.config.train):
        return _Loop(stage, patches.to(device), device, parent, checkpoint).to_end(save, report, after_epoch)


class _Loop:
    """The moving parts of a running stage."""

    def __init__(
        self, stage: Stage, patches: Patches, device: torch.device, parent: State | None, checkpoint: State | None
    ) -> None:
        self.stage, self.patches, self.device = stage, patches, device
        self.config = stage.config
        self.network = stage_network(stage).to(device).train()
        if self.config.train.channels_last:
            self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.recorded: RecordedPass | None = None
        start = checkpoint or parent
        if start:  # what stage I leaves has no fusion layers: they begin as the seed makes them
            restore_model(self.network, start, partial=stage.kind == STAGE1 or checkpoint is None)
        self.parts = _trained_parts(stage, self.network)
        self.optimizer = torch.optim.Adam(
            [{"params": list(part.parameters()), "name": name} for name, part in self.parts.items()],
            lr=self.config.optim.lr,
            fused=True,
        )
        if start and (checkpoint or not self.config.optim.reset_at_stage2):
            restore_optimizer(self.network, self.optimizer, start)
        self.epoch = checkpoint.epoch if checkpoint else stage.first_epoch
        self.step = checkpoint.step if checkpoint else 0
        self.log = checkpoint.log if checkpoint else ()
        self.sums, self.weights = _running(checkpoint, device)
        train = self.config.train
        self.steps_per_epoch = steps_per_epoch(len(patches), train.batch, train.steps_per_epoch)

    def to_end(
        self,
        save: Callable[[State], None] | None,
        report: Callable[[Progress], None] | None,
        after_epoch: Callable[[int, SMFNet], None] | None,
    ) -> State:
        began = saved = time.monotonic()
        done_before = self._steps_done()
        while self.epoch < self.stage.last_epoch:
            self._set_rates()
            for ir, vi in self._rest_of_epoch():
                loss = self._step(ir, vi)
                if report:
                    pace = (time.monotonic() - began) / (self._steps_done() - done_before)
                    report(self._progress(loss, pace))
                if save and time.monotonic() - saved >= self.config.train.checkpoint_s:
                    save(self._state())
                    saved = time.monotonic()
            self._close_epoch()
            if after_epoch:
                after_epoch(self.epoch - self.stage.first_epoch, self.network.eval())
                self.network.train()
        return self._state()

    def _step(self, ir: Tensor, vi: Tensor) -> float:
        """One update of all trained parts; nothing is updated from anything that is not finite.

        On a GPU every look at a number waits for all work before it: the numbers are looked at once, at the end.
        """
        statistics = [buffer.clone() for buffer in self.network.buffers()]
        values = self._pass(ir, vi)
        numbers = torch.stack([each.double() for each in (values[_LOSS], *self._clipped_norms())])
        self.optimizer.found_inf = (~numbers.isfinite().all()).float()  # type: ignore[attr-defined]
        self.optimizer.step()  # does nothing where that is 1: gradient scalers tell an optimiser so
        sums = {name: self.sums.get(name, 0.0) + values[name].double() for name in self.weights}
        loss, *norms = numbers.tolist()
        if not math.isfinite(loss):
            raise self._diverged(self._reason(values), statistics)
        for name, norm in zip(self.parts, norms, strict=True):
            if not math.isfinite(norm):
                where = f"epoch {self.epoch}, step {self.step}"
                raise self._diverged(f"the gradient of {name} is not finite at {where}", statistics)
        self.sums = sums
        self.step += 1
        return float(loss)

    def _pass(self, ir: Tensor, vi: Tensor) -> Mapping[str, Tensor]:
        """Values of the loss and of its terms, detached; the gradients are in the network."""
        if self.device.type != "cuda" or not self.config.train.cuda_graph or len(ir) != self.config.train.batch:
            return self._forward_and_backward(ir, vi)
        if self.recorded is None or not self.recorded.fits((ir, vi)):
            self.recorded = RecordedPass(self._forward_and_backward, (ir, vi), self.network)
        return self.recorded(ir, vi)

    def _forward_and_backward(self, ir: Tensor, vi: Tensor) -> dict[str, Tensor]:
        with autocast(self.config.train, self.device):
            terms = stage_terms(self.stage, self.network, ir, vi)
        loss = total(terms)
        if not loss.requires_grad:
            raise UserError(f"nothing to train: no term of the loss of {self.stage.kind} has a gradient")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.weights = {name: term.weight for name, term in terms.items()}
        return {_LOSS: loss.detach()} | {name: term.value.detach() for name, term in terms.items()}

    def _clipped_norms(self) -> list[Tensor]:
        """Norm of the gradient of every part, before it was clipped."""
        largest = self.config.optim.clip_norm
        return [torch.nn.utils.clip_grad_norm_(p.parameters(), largest, foreach=True) for p in self.parts.values()]

    def _diverged(self, message: str, statistics: list[Tensor]) -> Diverged:
        """The running statistics of batch norm have seen the step that failed: put them back."""
        for buffer, before in zip(self.network.buffers(), statistics, strict=True):
            buffer.copy_(before)
        return Diverged(message, self._state())

    def _reason(self, values: Mapping[str, Tensor]) -> str:
        bad = [name for name in self.weights if not torch.isfinite(values[name])]
        listed = ", ".join(f"{name} = {values[name].item()}" for name in bad[:3]) or "the sum overflowed"
        others = f" and {len(bad) - 3} more" if len(bad) > 3 else ""
        return f"loss not finite at epoch {self.epoch}, step {self.step}: {listed}{others}"

    def _rest_of_epoch(self) -> islice[tuple[Tensor, Tensor]]:
        train = self.config.train
        order = batches(self.patches, train.batch, self.stage.seed, self.epoch, steps=train.steps_per_epoch)
        return islice(order, self.step, None)

    def _close_epoch(self) -> None:
        # In a fixed order: that of a checkpoint's tensors is by chance.
        terms = {name: (self.weights[name], (self.sums[name] / self.step).item()) for name in sorted(self.sums)}
        self.log = (*self.log, EpochLog(self.epoch, terms))
        self.sums = {}
        self.epoch, self.step = self.epoch + 1, 0

    def _set_rates(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(
                self.config.optim, self.config.sched, group["name"], self.epoch, self.stage.first_epoch
            )

    def _steps_done(self) -> int:
        return (self.epoch - self.stage.first_epoch) * self.steps_per_epoch + self.step

    def _progress(self, loss: float, pace: float) -> Progress:
        steps = (self.stage.last_epoch - self.stage.first_epoch) * self.steps_per_epoch
        done = self._steps_done()
        return Progress(self.stage.kind, done, steps, loss, (steps - done) * pace)

    def _state(self) -> State:
        running = {
            name: torch.stack([value.cpu(), torch.tensor(self.weights[name], dtype=value.dtype)])
            for name, value in self.sums.items()
        }
        absent = FUSION_LAYERS if self.stage.kind == STAGE1 else ()
        return capture(self.network, self.optimizer, running, self.epoch, self.step, self.log, absent=absent)


def _trained_parts(stage: Stage, network: SMFNet) -> dict[str, torch.nn.Module]:
    """The separately optimised modules: without the fusion layers in stage I, without a frozen encoder in stage II."""
    parts = network.parts()
    if stage.kind == STAGE1:
        return {name: part for name, part in parts.items() if name not in FUSION_LAYERS}
    if stage.kind == STAGE2 and stage.config.train.freeze_encoder_stage2:
        network.enc.requires_grad_(False)
        return {name: part for name, part in parts.items() if name != "enc"}
    return dict(parts)


def _running(checkpoint: State | None, device: torch.device) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Sum and weight of every term in the epoch that the checkpoint was taken in."""
    tensors = checkpoint.tensors if checkpoint else {}
    pairs = {name.removeprefix("sum."): pair for name, pair in tensors.items() if name.startswith("sum.")}
    return {name: pair[0].to(device) for name, pair in pairs.items()}, {n: p[1].item() for n, p in pairs.items()}
