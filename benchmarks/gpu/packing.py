"""Several training processes on one GPU at the same time: how many steps do they make together?"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from assay.stage import Progress
from benchmarks.gpu.size import Size
from benchmarks.gpu.steps import WARM_UP, Enough, failure
from smfnet.training.recipe import train_stage

__all__ = ["packed"]

EPOCH = 50  # steps
PATIENCE_S = 120.0  # a process has to import torch, and to record its step


def packed(
    size: Size, switches: Mapping[str, Mapping[str, bool]], counts: Sequence[int], device: str
) -> dict[str, dict[str, Any]]:
    """Steps a second of stage II, all processes together.

    Args:
        size: of a step, and the seconds for which steps are counted.
        switches: name -> changes of the configuration.
        counts: numbers of processes.
        device: where they train.

    Returns:
        Switch -> number of processes -> `steps_per_s` (all together) or `failed`.
    """
    context = multiprocessing.get_context("spawn")
    barriers = {count: context.Barrier(count) for count in counts}
    pipes, processes = [], []
    for _ in range(max(counts)):
        here, there = context.Pipe()
        processes.append(context.Process(target=_serve, args=(there, size, device, barriers), daemon=True))
        pipes.append(here)
    try:
        for process in processes:
            process.start()
        return {
            name: {str(count): _together(pipes[:count], changes, barriers[count]) for count in counts}
            for name, changes in switches.items()
        }
    finally:
        for pipe in pipes:
            pipe.send(None)
        for process in processes:
            process.join(timeout=10)
            process.terminate()


def _together(pipes: Sequence[Connection], changes: Mapping[str, bool], barrier: Any) -> dict[str, Any]:
    barrier.reset()  # one that failed has left it broken
    for pipe in pipes:
        pipe.send((len(pipes), dict(changes)))
    answers = [pipe.recv() if pipe.poll(PATIENCE_S) else "no answer" for pipe in pipes]
    if failed := [answer for answer in answers if isinstance(answer, str)]:
        return {"failed": failed[0]}
    return {"steps_per_s": sum(answers)}


def _serve(pipe: Connection, size: Size, device: str, barriers: Mapping[int, Any]) -> None:
    """A process: trains when it is told to, together with others."""
    while (order := pipe.recv()) is not None:
        count, changes = order
        try:
            pipe.send(_pace(size, device, changes, barriers[count]))
        except Exception as error:  # the others wait no longer, and all is told
            barriers[count].abort()
            pipe.send(failure(error))


def _pace(size: Size, device: str, changes: Mapping[str, bool], barrier: Any) -> float:
    """Steps a second from the moment in which all are warm."""
    began, steps = 0.0, 0

    def note(progress: Progress) -> None:
        nonlocal began, steps
        if progress.step < WARM_UP:
            return
        if not began:
            barrier.wait(PATIENCE_S)
            began = time.perf_counter()
            return
        steps += 1
        if time.perf_counter() - began >= size.seconds:
            raise Enough

    small = replace(size, patch=size.packed)
    stage = small.stage("stage2", {"train.device": device, "train.epochs": 100_000, **changes})
    with suppress(Enough):
        train_stage(stage, small.made_up(EPOCH), report=note)
    return steps / (time.perf_counter() - began)
