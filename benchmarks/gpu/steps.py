"""Seconds and memory of a training step, with every switch and without any."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import torch

from assay.training.memory import forget_peak, peak_memory
from assay.training.precision import device_of
from assay.training.proof import forward_flops
from benchmarks.gpu.size import Size
from benchmarks.timing import Timing
from benchmarks.training.plain_loop import plain_loop
from smfnet.data import Patches
from smfnet.training import Stage, stage_network
from smfnet.training.recipe import StageRecipe, train_stage

__all__ = ["BF16", "FASTEST", "PLAIN", "SWITCHES", "WARM_UP", "Enough", "failure", "measured_steps"]

WARM_UP = 3  # steps before the timed ones
LEAST = 3  # timed steps

_BF16 = {"train.bf16": True}
_LAST = {"train.channels_last": True}
_GRAPH = {"train.cuda_graph": True}
_TF32 = {"train.tf32": True}
BF16, FASTEST = "bf16", "bf16, channels last, graph"
# What the loop of this project is asked for. Float32 by cuDNN takes ten times as long as any of them.
SWITCHES: Mapping[str, Mapping[str, bool]] = {
    "float32, without cuDNN": {"train.cudnn": False},
    "TF32": _TF32,
    "TF32, channels last, graph": _TF32 | _LAST | _GRAPH,
    BF16: _BF16,
    "bf16, channels last": _BF16 | _LAST,
    "bf16, graph": _BF16 | _GRAPH,
    FASTEST: _BF16 | _LAST | _GRAPH,
    f"{FASTEST}, recompute": _BF16 | _LAST | _GRAPH | {"train.recompute": True},
}
# What a script would do, with a look at the loss in every step: PyTorch's defaults, but without TF32.
PLAIN = "plain eager float32"
# The same with TF32 in convolutions, which is PyTorch's default.
DEFAULTS = "plain eager, TF32 in convolutions"


class Enough(Exception):
    """The time is up."""


def measured_steps(size: Size, kind: str, device: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of a switch, and seconds, memory and arithmetic of a step of that stage with it; plain ones first."""
    patches = size.made_up(WARM_UP + size.steps)
    for name in (PLAIN, DEFAULTS, *SWITCHES):
        stage = size.stage(kind, {"train.device": device, **SWITCHES.get(name, {})})
        clock = _Clock(size)
        _clean(device_of(stage.config.train))
        try:
            with suppress(Enough):
                if name in SWITCHES:
                    _looped(stage, patches, clock)
                else:
                    plain_loop(stage, patches, clock.step, allow_tf32=name == DEFAULTS)
            yield name, _summary(clock.each, stage, size)
        except RuntimeError as error:  # a result too; so torch says that memory is short, or that a library cannot
            yield name, {"failed": failure(error)}


class _Clock:
    """Seconds of every step, until there are enough."""

    def __init__(self, size: Size) -> None:
        self._size, self._last = size, time.perf_counter()
        self.each: list[float] = []

    def step(self, loss: float = 0.0) -> None:
        """One is done with this loss, and the device has come to its end."""
        now = time.perf_counter()
        self.each.append(now - self._last)
        self._last = now
        timed = self.each[WARM_UP:]
        if len(timed) == self._size.steps or (len(timed) >= LEAST and sum(timed) > self._size.seconds):
            raise Enough


def failure(error: Exception) -> str:
    """One line of an error."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def _clean(device: torch.device) -> None:
    """Leave nothing of the switch before in the card's memory."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    forget_peak(device)


def _looped(stage: Stage, patches: Patches, clock: _Clock) -> None:
    """The project's loop; it has waited for the loss of every step that it reports."""
    train_stage(stage, patches, report=lambda progress: clock.step())


def _summary(each: list[float], stage: Stage, size: Size) -> dict[str, Any]:
    timed = tuple(each[WARM_UP:])
    timing = Timing(timed, timed)
    first, third = timing.quartiles
    device = device_of(stage.config.train)
    return {
        "median_s": timing.median,
        "first_quartile_s": first,
        "third_quartile_s": third,
        "fastest_s": min(timed),
        "repeats": len(timed),
        "first_step_s": each[0],
        "peak_bytes": peak_memory(device),
        "peak_bytes_reserved": torch.cuda.max_memory_reserved() if device.type == "cuda" else None,
        "tflops": _flops(stage, size) / timing.median / 1e12,
    }


def _flops(stage: Stage, size: Size) -> float:
    """Arithmetic of a step: three times that of the way forward."""
    network = stage_network(stage).to("meta")
    image = torch.empty(1, 1, size.patch, size.patch, device="meta")
    return 3.0 * size.batch * forward_flops(StageRecipe(stage, Patches(image, image)), network, (image, image))
