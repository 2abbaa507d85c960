"""Seconds and memory of a training step, with every switch and without any."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import torch

from assay.experiment.proof import forward_flops
from assay.training.loop import Progress, train_stage
from assay.training.precision import device_of, numeric_mode
from assay.training.probe import forget_peak, peak_memory
from benchmarks.gpu.size import Size
from benchmarks.timing import Timing
from smfnet.data import Patches, batches
from smfnet.losses import total
from smfnet.training import Stage, stage_network, stage_terms

__all__ = ["FASTEST", "PLAIN", "SWITCHES", "failure", "measured_steps"]

WARM_UP = 4  # steps before the timed ones

_BF16 = {"train.bf16": True}
_LAST = {"train.channels_last": True}
_GRAPH = {"train.cuda_graph": True}
_TUNED = {"train.autotune": True}
_TF32 = {"train.tf32": True}
# What the loop of this project is asked for.
SWITCHES: Mapping[str, Mapping[str, bool]] = {
    "float32": {},
    "float32, channels last": _LAST,
    "float32, autotune": _TUNED,
    "float32, graph": _GRAPH,
    "TF32": _TF32,
    "TF32, channels last, graph": _TF32 | _LAST | _GRAPH,
    "bf16": _BF16,
    "bf16, channels last": _BF16 | _LAST,
    "bf16, graph": _BF16 | _GRAPH,
    "bf16, channels last, autotune": _BF16 | _LAST | _TUNED,
    "bf16, channels last, graph": _BF16 | _LAST | _GRAPH,
    "bf16, TF32, channels last, graph": _BF16 | _TF32 | _LAST | _GRAPH,
    "bf16, TF32, channels last, graph, autotune": _BF16 | _TF32 | _LAST | _GRAPH | _TUNED,
}
FASTEST = "bf16, TF32, channels last, graph, autotune"
# What a script would do: PyTorch's defaults without TF32, and a look at the loss in every step.
PLAIN = "plain eager float32"
# The same, which also looks whether the loss and the gradient of every part are finite before it goes on.
WAITING = "plain eager float32, looks as it goes"


def measured_steps(size: Size, kind: str, device: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of a switch, and seconds, memory and arithmetic of a step of that stage with it; plain ones first."""
    patches = size.made_up(WARM_UP + size.steps)
    for name in (PLAIN, WAITING, *SWITCHES):
        stage = size.stage(kind, {"train.device": device, **SWITCHES.get(name, {})})
        _clean(device_of(stage.config.train))
        try:
            times = _looped(stage, patches) if name in SWITCHES else _plain(stage, patches, looks=name == WAITING)
            yield name, _summary(times, stage, size)
        except RuntimeError as error:  # a result too; so torch says that memory is short, or that a library cannot
            yield name, {"failed": failure(error)}


def failure(error: Exception) -> str:
    """One line of an error."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def _clean(device: torch.device) -> None:
    """Leave nothing of the switch before in the card's memory."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    forget_peak(device)


def _looped(stage: Stage, patches: Patches) -> list[float]:
    """Moments after every step of the project's loop; it has waited for the step's loss."""
    times = [time.perf_counter()]

    def note(progress: Progress) -> None:
        times.append(time.perf_counter())

    train_stage(stage, patches, report=note)
    return times


def _plain(stage: Stage, patches: Patches, *, looks: bool) -> list[float]:
    device = device_of(stage.config.train)
    with numeric_mode(stage.config.train):
        torch.backends.cudnn.deterministic = False
        network = stage_network(stage).to(device).train()
        adam = torch.optim.Adam(network.parameters(), lr=stage.config.optim.lr)
        times, there = [time.perf_counter()], patches.to(device)
        for ir, vi in batches(there, stage.config.train.batch, seed=0, epoch=0):
            adam.zero_grad()
            loss = total(stage_terms(stage, network, ir, vi))
            if looks and not loss.isfinite():
                raise RuntimeError("the loss is not finite")
            loss.backward()
            for part in network.parts().values():
                torch.nn.utils.clip_grad_norm_(
                    part.parameters(), stage.config.optim.clip_norm, error_if_nonfinite=looks
                )
            adam.step()
            loss.item()
            times.append(time.perf_counter())
    return times


def _summary(times: list[float], stage: Stage, size: Size) -> dict[str, Any]:
    each = [after - before for before, after in pairwise(times)]
    timed = each[WARM_UP:]
    median = statistics.median(timed)
    device = device_of(stage.config.train)
    first, third = Timing(tuple(timed), tuple(timed)).quartiles
    held = torch.cuda.max_memory_reserved() if device.type == "cuda" else None
    return {
        "median_s": median,
        "first_quartile_s": first,
        "third_quartile_s": third,
        "fastest_s": min(timed),
        "repeats": len(timed),
        "first_step_s": each[0],
        "peak_bytes": peak_memory(device),
        "peak_bytes_reserved": held,
        "tflops": _flops(stage, size) / median / 1e12,
    }


def _flops(stage: Stage, size: Size) -> float:
    """Arithmetic of a step: three times that of the way forward."""
    network = stage_network(stage).to("meta")
    image = torch.empty(1, 1, size.patch, size.patch, device="meta")
    return 3.0 * size.batch * forward_flops(stage, network, image, image)
