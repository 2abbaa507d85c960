"""A quiet Ray, on this machine or a cluster."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray
from ray._private import ray_constants

import assay
import smfnet
from assay.cluster.quiet import ENVIRONMENT, quiet
from assay.cluster.scratch import scratch_folder
from assay.config.errors import UserError

__all__ = ["check_alive", "cluster_device", "session"]

_PACKAGES = [*assay.__path__, *smfnet.__path__]
_OBJECT_STORE_BYTES = 100 * 2**20  # trials pass configurations only; weights go through the store
_GRACE_S = 15.0
_KNOCK_S = 10.0
_CLIENT_PORT = 10001  # of ray://, where none is given
_VITAL = (ray_constants.PROCESS_TYPE_RAYLET, ray_constants.PROCESS_TYPE_GCS_SERVER)
_SILENT: dict[str, Any] = {"log_to_driver": False, "logging_level": "CRITICAL"}


@contextlib.contextmanager
def session(address: str | None, cpus: int | None = None) -> Iterator[None]:
    """Start Ray on this machine, or connect to a cluster; leaves no process and no file of ours behind.

    A Ray that this process is connected to already is used as it is, and left running.

    Args:
        address: None for this machine alone, `auto`, or `ray://host:port`.
        cpus: cores to use on this machine; all of them if None.

    Raises:
        UserError: no cluster answers at the address.
    """
    if ray.is_initialized():
        yield
        return
    with quiet(), _connected(address) if address else _started(cpus or _cores()):
        yield


class RayDied(BaseException):
    """A process of our own Ray has died. No `Exception`: Tune must not tidy up with a Ray that is not there."""


def check_alive() -> None:
    """Notice the death of a Ray of our own at once; Ray itself waits a minute, and then just exits.

    Raises:
        RayDied: raylet or gcs_server is gone; `session` makes a UserError of it.
    """
    if death := _death():
        raise RayDied(death)


def _death() -> str | None:
    node = ray._private.worker._global_node
    dead: list[tuple[str, Any]] = node.dead_processes() if node else []
    for kind, process in dead:
        if kind in _VITAL:
            what = f"Ray's {kind} has died (exit code {process.returncode})"
            return f"{what}: give the same command again, it goes on from the last checkpoints"
    return None


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    """End this process if a part of Ray has died and `check_alive` cannot say so.

    A call that waits for a dead gcs_server cannot be broken off, and after a minute Ray ends the process anyway,
    with nothing but its own words.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            if (death := _death()) and not over.wait(_GRACE_S):
                sys.stderr.write(f"error: {death}\n")
                sys.stderr.flush()
                os._exit(2)

    threading.Thread(target=watch, name="assay-watch", daemon=True).start()
    try:
        yield
    finally:
        over.set()


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM, which SLURM and Kubernetes send, is like Ctrl-C; by Ray's handler it ends in a stack trace."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def cluster_device(address: str) -> str:
    """`cuda` if any node of the cluster offers a GPU, else `cpu`."""
    with session(address):
        return "cuda" if ray.cluster_resources().get("GPU") else "cpu"


@contextlib.contextmanager
def _started(cpus: int | None) -> Iterator[None]:
    """A Ray of our own, that nobody else can reach: on loopback, and behind a token that only this process knows."""
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    with scratch_folder() as scratch, _loopback():
        try:
            ray.init(
                address="local",
                num_cpus=cpus,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE_BYTES,
                _node_ip_address="127.0.0.1",
                _temp_dir=str(scratch),
                runtime_env=_code(scratch),
                **_SILENT,
            )
        except Exception as error:  # Ray raises that, when one of its processes does not come up
            raise UserError(
                f"Ray did not start on this machine ({_line(error)}): give the same command again"
            ) from error
        try:
            with _watched(), _terminable():
                yield
        except (Exception, RayDied) as error:
            if death := _death():
                raise UserError(death) from error
            raise
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _connected(address: str) -> Iterator[None]:
    """A cluster of the user's."""
    _knock(address)
    with scratch_folder() as scratch:
        try:
            ray.init(address=address, runtime_env=_code(scratch) | {"env_vars": dict(ENVIRONMENT)}, **_SILENT)
        except (ConnectionError, ValueError, RuntimeError, OSError, ImportError) as error:
            raise UserError(
                f"no Ray cluster answers at {address}: {_line(error)}; see `ray status` there, and whether it wants "
                "a token (RAY_AUTH_MODE=token, RAY_AUTH_TOKEN)"
            ) from error
        try:
            with _terminable():
                yield
        finally:
            ray.shutdown()


def _code(scratch: Path) -> dict[str, Any]:
    """Workers get the code as it is now, and look for it nowhere else: who edits it later changes no running trial.

    Without a working directory Ray would have them look into the driver's current folder first.
    """
    empty = scratch / "empty"
    empty.mkdir()
    return {"py_modules": _PACKAGES, "working_dir": str(empty)}


def _knock(address: str) -> None:
    """Ray tries for many minutes to reach an address where nobody is; a person who mistyped it should know at once."""
    scheme, _, place = address.rpartition("://")
    host, _, port = (place if ":" in place or not scheme else f"{place}:{_CLIENT_PORT}").rpartition(":")
    if not host:  # auto: Ray looks the address up
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_S).close()
    except (OSError, ValueError) as error:
        raise UserError(f"no Ray cluster answers at {address}: {_line(error)}; see `ray status` there") from error


@contextlib.contextmanager
def _loopback() -> Iterator[None]:
    """Ray takes 127.0.0.1 for the outward address of this machine, and listens there, unless clusters are ruled out."""
    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


def _cores() -> int | None:
    """Cores that this process may use, where the system says so and it is fewer than all; else Ray counts."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return allowed if allowed != os.cpu_count() else None


def _line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
