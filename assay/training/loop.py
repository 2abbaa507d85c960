"""Run one stage, from its start or from a checkpoint."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from assay.config.errors import UserError
from assay.stage import Progress
from assay.training.fixed_order import fixed_order
from assay.training.precision import autocast, device_of, numeric_mode
from assay.training.recipe import Batch, Recipe
from assay.training.recorded import RecordedPass
from assay.training.state import EpochLog, State, capture, restore_model, restore_optimizer
from assay.training.term import total

__all__ = ["NotFinite", "train_recipe"]

_LOSS = "the loss"  # no name of a term: those are identifiers
Look = Callable[[int, Any], None]


class NotFinite(RuntimeError):
    """A loss or gradient is not finite. The message names the terms, the epoch and the step.

    `state` is the moment before that step: every loss and gradient that led to it was finite. A stage that goes on
    from it fails again at once, with the same message.
    """

    def __init__(self, message: str, state: State) -> None:
        super().__init__(message)
        self.state = state


def train_recipe(
    recipe: Recipe,
    *,
    parent: State | None = None,
    checkpoint: State | None = None,
    save: Callable[[State], None] | None = None,
    report: Callable[[Progress], None] | None = None,
    after_epoch: Look | None = None,
) -> State:
    """Train one stage to its end and return its last state.

    On the same machine the result is the same, bit for bit; on the CPU also where it was continued from a checkpoint.

    Args:
        recipe: what to train, and how.
        parent: the finished stage before it, if there is one.
        checkpoint: an earlier state of this same stage.
        save: called with the state every `checkpoint_s` seconds.
        report: called after every step.
        after_epoch: called with the number of epochs of this stage that are done and the network, in evaluation mode;
            may look at the network, but must leave it and the random number generators as they are.

    Raises:
        NotFinite: first non-finite loss or gradient.
        UserError: no term of the loss has a gradient.
    """
    device = device_of(recipe.settings)
    with numeric_mode(recipe.settings), fixed_order(), _generator_kept(recipe, device):
        return _Loop(recipe, device, parent, checkpoint).to_end(save, report, after_epoch)


@contextmanager
def _generator_kept(recipe: Recipe, device: torch.device) -> Iterator[None]:
    """Whoever draws elsewhere in this process draws as if nobody had trained."""
    if not recipe.draws:
        yield
        return
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        yield


class _Loop:
    """The moving parts of a running stage."""

    def __init__(self, recipe: Recipe, device: torch.device, parent: State | None, checkpoint: State | None) -> None:
        self.recipe, self.stage, self.device = recipe, recipe.stage, device
        self.network = recipe.network().to(device).train()
        if recipe.settings.channels_last:
            self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.recorded: RecordedPass | None = None
        start = checkpoint or parent
        if start:  # what the stage before leaves out begins as the seed makes it
            restore_model(self.network, start, partial=bool(recipe.absent) or checkpoint is None)
        self.parts = recipe.parts(self.network)
        self.optimizer = recipe.optimizer(
            [{"params": list(part.parameters()), "name": name} for name, part in self.parts.items()]
        )
        if start and (checkpoint or recipe.keeps_moments):
            restore_optimizer(self.network, self.optimizer, start)
        self.epoch = checkpoint.epoch if checkpoint else self.stage.first_epoch
        self.step = checkpoint.step if checkpoint else 0
        self.log = checkpoint.log if checkpoint else ()
        self.sums, self.weights = _running(checkpoint, device)

    def to_end(
        self,
        save: Callable[[State], None] | None,
        report: Callable[[Progress], None] | None,
        after_epoch: Look | None,
    ) -> State:
        began = saved = time.monotonic()
        done_before = self._steps_done()
        while self.epoch < self.stage.last_epoch:
            self._set_rates()
            for batch in islice(self.recipe.batches(self.epoch, self.device), self.step, None):
                loss = self._step(batch)
                if report:
                    pace = (time.monotonic() - began) / (self._steps_done() - done_before)
                    report(self._progress(loss, pace))
                if save and time.monotonic() - saved >= self.recipe.settings.checkpoint_s:
                    save(self._state())
                    saved = time.monotonic()
            self._close_epoch()
            if after_epoch:
                after_epoch(self.epoch - self.stage.first_epoch, self.network.eval())
                self.network.train()
        return self._state()

    def _step(self, batch: Batch) -> float:
        """One update of all trained parts; nothing is updated from anything that is not finite.

        On a GPU every look at a number waits for all work before it: the numbers are looked at once, at the end.
        """
        statistics = [buffer.clone() for buffer in self.network.buffers()]
        if self.recipe.draws:
            torch.manual_seed(_drawn_from(self.stage.seed, self.epoch, self.step))
        values = self._pass(batch)
        numbers = torch.stack([each.double() for each in (values[_LOSS], *self._clipped_norms())])
        self.optimizer.found_inf = (~numbers.isfinite().all()).float()  # type: ignore[attr-defined]
        self.optimizer.step()  # does nothing where that is 1: gradient scalers tell an optimiser so
        sums = {name: self.sums.get(name, 0.0) + values[name].double() for name in self.weights}
        loss, *norms = numbers.tolist()
        if not math.isfinite(loss):
            raise self._not_finite(self._reason(values), statistics)
        for name, norm in zip(self.parts, norms, strict=True):
            if not math.isfinite(norm):
                where = f"epoch {self.epoch}, step {self.step}"
                raise self._not_finite(f"the gradient of {name} is not finite at {where}", statistics)
        self.sums = sums
        self.step += 1
        return float(loss)

    def _pass(self, batch: Batch) -> Mapping[str, Tensor]:
        """Values of the loss and of its terms, detached; the gradients are in the network."""
        wanted = self.device.type == "cuda" and self.recipe.settings.cuda_graph
        if not wanted or len(batch[0]) != self.recipe.batch:
            return self._forward_and_backward(*batch)
        if self.recorded is None or not self.recorded.fits(batch):
            self.recorded = RecordedPass(self._forward_and_backward, batch, self.network)
        return self.recorded(*batch)

    def _forward_and_backward(self, *batch: Tensor) -> dict[str, Tensor]:
        with autocast(self.recipe.settings, self.device):
            terms = self.recipe.terms(self.network, batch)
        loss = total(terms)
        if not loss.requires_grad:
            raise UserError(f"nothing to train: no term of the loss of {self.stage.kind} has a gradient")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.weights = {name: term.weight for name, term in terms.items()}
        return {_LOSS: loss.detach()} | {name: term.value.detach() for name, term in terms.items()}

    def _clipped_norms(self) -> list[Tensor]:
        """Norm of the gradient of every part, before it was clipped."""
        largest = math.inf if self.recipe.clip is None else self.recipe.clip
        return [nn.utils.clip_grad_norm_(part.parameters(), largest, foreach=True) for part in self.parts.values()]

    def _not_finite(self, message: str, statistics: list[Tensor]) -> NotFinite:
        """The running statistics of batch norm have seen the step that failed: put them back."""
        for buffer, before in zip(self.network.buffers(), statistics, strict=True):
            buffer.copy_(before)
        return NotFinite(message, self._state())

    def _reason(self, values: Mapping[str, Tensor]) -> str:
        bad = [name for name in self.weights if not torch.isfinite(values[name])]
        listed = ", ".join(f"{name} = {values[name].item()}" for name in bad[:3]) or "the sum overflowed"
        others = f" and {len(bad) - 3} more" if len(bad) > 3 else ""
        return f"loss not finite at epoch {self.epoch}, step {self.step}: {listed}{others}"

    def _close_epoch(self) -> None:
        # In a fixed order: that of a checkpoint's tensors is by chance.
        terms = {name: (self.weights[name], (self.sums[name] / self.step).item()) for name in sorted(self.sums)}
        self.log = (*self.log, EpochLog(self.epoch, terms))
        self.sums = {}
        self.epoch, self.step = self.epoch + 1, 0

    def _set_rates(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate(group["name"], self.epoch)

    def _steps_done(self) -> int:
        return (self.epoch - self.stage.first_epoch) * self.recipe.steps + self.step

    def _progress(self, loss: float, pace: float) -> Progress:
        steps = (self.stage.last_epoch - self.stage.first_epoch) * self.recipe.steps
        done = self._steps_done()
        return Progress(self.stage.kind, done, steps, loss, (steps - done) * pace)

    def _state(self) -> State:
        running = {
            name: torch.stack([value.cpu(), torch.tensor(self.weights[name], dtype=value.dtype)])
            for name, value in self.sums.items()
        }
        absent = self.recipe.absent
        return capture(self.network, self.optimizer, running, self.epoch, self.step, self.log, absent=absent)


def _drawn_from(seed: int, epoch: int, step: int) -> int:
    """A seed of torch's generator."""
    return int.from_bytes(hashlib.sha256(f"step {seed} {epoch} {step}".encode()).digest()[:7], "big")


def _running(checkpoint: State | None, device: torch.device) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Sum and weight of every term in the epoch that the checkpoint was taken in."""
    tensors = checkpoint.tensors if checkpoint else {}
    pairs = {name.removeprefix("sum."): pair for name, pair in tensors.items() if name.startswith("sum.")}
    return {name: pair[0].to(device) for name, pair in pairs.items()}, {n: p[1].item() for n, p in pairs.items()}
