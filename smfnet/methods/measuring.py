"""Fused images measured on all cores, a process each."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker

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
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, _context(), _begin)
    try:
        chunks = (files[first : first + _CHUNK] for first in range(0, len(files), _CHUNK))
        with _no_interrupt():
            begun = [pool.submit(_measure, chunk, tuple(metrics)) for chunk in chunks]
        for chunk in begun:
            yield from chunk.result()
    except BrokenProcessPool as error:
        raise UserError(
            "a process that measures was killed, for want of memory perhaps: --workers 1 needs the least"
        ) from error
    except BaseException:  # a stop; what is being measured would go on to its end, and the program wait for it
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown()


def _context() -> multiprocessing.context.BaseContext:
    """Processes that import torch once together, where the system has such."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Processes that are begun within never hear of Ctrl-C, and this one does afterwards, when it knows all of them."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would let Ctrl-C through again
    pressed: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # of this thread, whose processes inherit it
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if pressed:
            signal.raise_signal(signal.SIGINT)


def _begin() -> None:
    """Of a process: Ctrl-C is its parent's to hear, whose end is also its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _measure(files: Sequence[FusedFiles], metrics: Sequence[str]) -> list[dict[str, float]]:
    return [each.measure(metrics) for each in files]


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Torch uses one thread within, as in a process of the pool."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
