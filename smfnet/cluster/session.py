"""A quiet Ray, on this machine or a cluster."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import ray

from smfnet.config.errors import UserError

__all__ = ["cluster_device", "session"]

_PACKAGE = Path(__file__).parents[1]
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is the driver's to handle
    "TUNE_WARN_THRESHOLD_S": "3600",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_DEDUP_LOGS": "0",
}
_OBJECT_STORE_BYTES = 100 * 2**20  # trials pass configurations only; weights go through the store


@contextlib.contextmanager
def session(address: str | None, cpus: int | None = None) -> Iterator[None]:
    """Start Ray on this machine, or connect to a cluster; leaves no process of ours behind.

    Args:
        address: None for this machine alone, `auto`, or `ray://host:port`.
        cpus: cores to use on this machine; all of them if None.

    Raises:
        UserError: no cluster answers at the address.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in _QUIET.items()})
    for name in ("ray", "ray.tune", "ray.train"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"ray\..*")
    with tempfile.TemporaryDirectory(prefix="smfnet-ray-") as scratch:
        _start(address, cpus, scratch)
        try:
            yield
        finally:
            ray.shutdown()


def cluster_device(address: str) -> str:
    """`cuda` if any node of the cluster offers a GPU, else `cpu`."""
    with session(address):
        return "cuda" if ray.cluster_resources().get("GPU") else "cpu"


def _start(address: str | None, cpus: int | None, scratch: str) -> None:
    quiet = {"log_to_driver": False, "logging_level": "CRITICAL", "ignore_reinit_error": True}
    try:
        if address is None:
            os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # private to this process, on loopback
            ray.init(
                address="local",
                num_cpus=cpus,
                include_dashboard=False,
                _node_ip_address="127.0.0.1",
                object_store_memory=_OBJECT_STORE_BYTES,
                **quiet,
            )
        else:
            ray.init(address=address, runtime_env={"py_modules": [str(_PACKAGE)]}, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"Ray did not start at address {address or 'local'}: {line}") from error
