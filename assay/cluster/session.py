"""A quiet Ray, on this machine or a cluster."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import ray
from ray._private import ray_constants
from ray._raylet import AuthenticationTokenLoader, Config

from assay.cluster.address import CLIENT, answering
from assay.cluster.quiet import ENVIRONMENT, quiet
from assay.cluster.watch import Pulse, own_ray, watched
from assay.config.errors import UserError, WorkLost
from assay.store.disk.scratch import SCRATCH, scratch_folder

__all__ = ["check_answers", "cluster_device", "session"]

_ROOM_BYTES = 64 * 2**20  # of disk, for logs, sockets and our code
_OBJECT_STORE_BYTES = 100 * 2**20  # trials pass configurations only; weights go through the store
_SILENT: dict[str, Any] = {"log_to_driver": False, "logging_level": "CRITICAL"}


@contextlib.contextmanager
def session(address: str | None, cpus: int | None = None, packages: Sequence[str] = ()) -> Iterator[None]:
    """Start Ray on this machine, or connect to a cluster; leaves no process and no file of ours behind.

    A Ray that this process is connected to already is used as it is, and left running.

    Args:
        address: None for this machine alone, `auto`, or `ray://host:port`.
        cpus: cores to use on this machine; all of them if None.
        packages: of the study, that workers get as they are here, beside the engine.

    Raises:
        UserError: no cluster answers at the address.
        WorkLost: a part of a Ray of our own has died, or did not come up.
    """
    if ray.is_initialized():
        yield
        return
    code = [path for package in ("assay", *packages) for path in import_module(package).__path__]
    with quiet(), _connected(address, code) if address else _started(cpus or _cores(), code):
        yield


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


def check_answers(address: str) -> None:
    """Refuse an address at which no cluster answers; not asked where this process is connected to a Ray already.

    Raises:
        UserError: nobody answers there, or not as a Ray does that we may use.
    """
    if not ray.is_initialized():
        answering(address)


def cluster_device(address: str) -> str:
    """`cuda` if any node of the cluster offers a GPU, else `cpu`."""
    with session(address):
        return "cuda" if ray.cluster_resources().get("GPU") else "cpu"


@contextlib.contextmanager
def _started(cpus: int | None, code: Sequence[str]) -> Iterator[None]:
    """A Ray of our own, that nobody else can reach.

    It listens on loopback, behind a token that only this process knows, and has its files and sockets in a folder that
    nobody else can enter; Ray opens its own folder to all, so that it has to lie within one of ours.
    """
    with scratch_folder() as scratch, _token(), _environment({SCRATCH: scratch.name}), _loopback():
        try:
            ray.init(
                address="local",
                num_cpus=cpus,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE_BYTES,
                _node_ip_address="127.0.0.1",
                _temp_dir=str(scratch / "ray"),
                runtime_env=_code(scratch, code),
                **_SILENT,
            )
        except Exception as error:  # Ray raises that, when one of its processes does not come up
            ray.shutdown()  # of what did come up, before its folder goes
            _check_room(scratch)
            raise WorkLost(f"Ray did not start on this machine ({_line(error)})") from error
        try:
            with watched(own_ray(scratch)), _terminable():
                yield
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _connected(address: str, code: Sequence[str]) -> Iterator[None]:
    """A cluster of the user's."""
    found = answering(address)
    with scratch_folder() as scratch:
        environment = {"env_vars": ENVIRONMENT | {SCRATCH: scratch.name}}
        try:
            ray.init(address=found, runtime_env=_code(scratch, code) | environment, **_SILENT)
        except (ConnectionError, ValueError, RuntimeError, OSError, ImportError) as error:
            raise UserError(f"the Ray cluster at {address} cannot be used: {_line(error)}") from error
        try:
            with _environment({SCRATCH: scratch.name}), _looked_after(found), _terminable():
                yield
        finally:
            ray.shutdown()


def _looked_after(address: str) -> contextlib.AbstractContextManager[None]:
    """A connection by Ray's client breaks by itself."""
    if address.startswith(CLIENT):
        return contextlib.nullcontext()
    pulse = Pulse(address)
    return watched(pulse.look, pulse.feel)


def _check_room(folder: Path) -> None:
    """Say what Ray does not say: that the disk of its files is full."""
    free = shutil.disk_usage(folder).free
    if free < _ROOM_BYTES:
        raise UserError(
            f"{folder.parent} has {free / 2**20:.1f} MiB left and Ray needs about {_ROOM_BYTES / 2**20:.0f}: make room "
            "there, or set TMPDIR (or RAY_TMPDIR) to another folder"
        )


@contextlib.contextmanager
def _token() -> Iterator[None]:
    """A token that nobody else knows, whatever the environment says of clusters."""
    with _environment({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}):
        Config.initialize("")  # Ray has read the environment before
        AuthenticationTokenLoader.instance().reset_cache()
        yield


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _code(scratch: Path, packages: Sequence[str]) -> dict[str, Any]:
    """Workers get the code as it is now, and look for it nowhere else: who edits it later changes no running trial.

    Without a working directory Ray would have them look into the driver's current folder first.
    """
    empty = scratch / "empty"
    empty.mkdir()
    return {"py_modules": [*packages], "working_dir": str(empty)}


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
