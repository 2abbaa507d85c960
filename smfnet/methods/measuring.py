"""Fused images measured on all cores, a process each."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import torch

from assay.config.errors import UserError
from smfnet.fusion.fused_files import FusedFiles

__all__ = ["cores", "measured_files"]

_WORTH_S = 15.0  # of work for one core: a pool takes three seconds to start, and more where others work too
_CHUNK = 4


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def measured_files(
    files: Sequence[FusedFiles], metrics: Sequence[str], workers: int | None = None
) -> Iterator[dict[str, float]]:
    """Metrics of each, in order; each measured by one thread, so that their number does not show in the values.

    Args:
        files: what is measured.
        metrics: names.
        workers: processes; None takes all cores, once the first images have told that it is worth while.

    Raises:
        UserError: see `FusedFiles.measure`; or a process was killed.
    """
    done, began = 0, time.monotonic()
    most = cores() if workers is None else workers
    with _one_thread():
        for each in files:
            took = time.monotonic() - began
            if most > 1 and done and (workers or took / done * (len(files) - done) > _WORTH_S):
                break
            yield each.measure(metrics)
            done += 1
    if done < len(files):
        yield from _in_pool(files[done:], metrics, min(most, len(files) - done))


def _in_pool(files: Sequence[FusedFiles], metrics: Sequence[str], workers: int) -> Iterator[dict[str, float]]:
    pool = ProcessPoolExecutor(workers, _context(), _begin)
    try:
        yield from pool.map(partial(_measure, metrics=tuple(metrics)), files, chunksize=_CHUNK)
    except BrokenProcessPool as error:
        raise UserError(
            "a process that measures was killed, for want of memory perhaps: --workers 1 needs the least"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _context() -> multiprocessing.context.BaseContext:
    """Processes that import torch once together, where the system has such."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _begin() -> None:
    """Of a process: Ctrl-C is its parent's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def _measure(files: FusedFiles, metrics: Sequence[str]) -> dict[str, float]:
    return files.measure(metrics)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Torch uses one thread within, as in a process of the pool."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
