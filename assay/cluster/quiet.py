"""How Ray is asked to behave, and what it would print and is asked not to."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import warnings
from collections.abc import Iterator

from ray._private import ray_logging

__all__ = ["ENVIRONMENT", "quiet"]

ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",  # relative paths mean the same in a worker
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "inf",  # a file of all trials, each time whole; the store is the memory
    "TUNE_FUNCTION_THREAD_TIMEOUT_S": "3600",  # a worker whose trial was stopped is free when its step has ended
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is the driver's to handle
    "TUNE_WARN_THRESHOLD_S": "3600",
    "MALLOC_ARENA_MAX": "1",  # each trial has a thread of its own, and glibc would give each an arena that it keeps
}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Within, Ray writes nothing to the terminal; variables that the user has set stay as they are."""
    os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
    for name in ("ray", "ray.tune", "ray.train"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), _no_worker_news():
        warnings.filterwarnings("ignore", module=r"ray\..*")
        yield


@contextlib.contextmanager
def _no_worker_news() -> Iterator[None]:
    """Ray prints each death of a worker, whatever `log_to_driver` says; its filter of printed lines is the way out."""
    filters = [getattr(ray_logging, name, None) for name in ("stdout_deduplicator", "stderr_deduplicator")]
    before = [(each, each.skip_re) for each in filters if each is not None]
    for each, _ in before:
        each.skip_re = re.compile("")
    try:
        yield
    finally:
        for each, pattern in before:
            each.skip_re = pattern
