"""What was told to trackers, read back with their own readers."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_BLOCK, _HEAD = 32768, struct.Struct("<IHB")  # of LevelDB's log: checksum, length and kind of a part
_FULL, _FIRST, _LAST = 1, 2, 4


def tensorboard_values(folder: Path) -> dict[str, list[tuple[int, Any]]]:
    """Tag -> step and value, of all numbers and texts in a folder; without those of the hyperparameters' page."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(folder)).Reload()
    tags = events.Tags()
    numbers = {tag: [(each.step, each.value) for each in events.Scalars(tag)] for tag in tags["scalars"]}
    texts = [tag for tag in tags["tensors"] if not tag.startswith("_hparams_")]
    return numbers | {
        tag: [(each.step, make_ndarray(each.tensor_proto).item()) for each in events.Tensors(tag)] for tag in texts
    }


def single(value: float) -> float:
    """In the precision that TensorBoard has."""
    return float(np.float32(value))


def mlflow_runs(client: MlflowClient) -> dict[str, Run]:
    """Name -> run, of all experiments."""
    experiments = [each.experiment_id for each in client.search_experiments()]
    return {run.info.run_name: run for run in client.search_runs(experiments)}


@contextmanager
def mlflow_server(backend: str, artifacts: Path, folder: Path) -> Iterator[str]:
    """The address of an MLflow server on loopback; its log comes into the folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("--backend-store-uri", backend, "--artifacts-destination", str(artifacts), "--workers", "1")
    command = [sys.executable, "-P", "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), *words]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/health", process)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        with suppress(subprocess.TimeoutExpired):
            raise RuntimeError(f"the server has ended with {process.wait(0.2)}")
    raise RuntimeError("the server does not come up")


def wandb_runs(folder: Path) -> dict[str, dict[str, Any]]:
    """Name -> config, history, summary and files of a run, as they stand in the file that W&B would upload."""
    from wandb.proto import wandb_internal_pb2

    found = {}
    for path in sorted(folder.glob("wandb/offline-run-*/run-*.wandb")):
        run: dict[str, Any] = {"config": {}, "history": [], "summary": {}, "files": []}
        for data in _records(path.read_bytes()):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            _take(record, run)
        found[run["name"]] = run
    return found


def _records(data: bytes) -> Iterator[bytes]:
    """The records of a log as LevelDB writes it, checksums checked, behind seven bytes of W&B's own.

    W&B's package reads them in Go alone.
    """
    assert data[:4] == b":W&B"
    place, whole = _HEAD.size, b""
    while place < len(data):
        if (left := _BLOCK - place % _BLOCK) < _HEAD.size:
            place += left
            continue
        checksum, length, kind = _HEAD.unpack_from(data, place)
        part = data[place + _HEAD.size : place + _HEAD.size + length]
        assert checksum == zlib.crc32(part, zlib.crc32(bytes([kind])))
        whole = part if kind in (_FULL, _FIRST) else whole + part
        if kind in (_FULL, _LAST):
            yield whole
        place += _HEAD.size + length


def _take(record: Any, run: dict[str, Any]) -> None:
    kind = record.WhichOneof("record_type")
    if kind == "run":
        run |= {"name": record.run.display_name, "group": record.run.run_group, "id": record.run.run_id}
        run["config"] |= _items(record.run.config.update)
    elif kind == "history":
        run["history"].append({name: at for name, at in _items(record.history.item).items() if name[0] != "_"})
    elif kind == "summary":
        run["summary"] |= _items(record.summary.update)
    elif kind == "files":
        run["files"] += [each.path for each in record.files.files]
    elif kind == "exit":
        run["exit"] = record.exit.exit_code


def _items(items: Any) -> dict[str, Any]:
    return {each.key or ".".join(each.nested_key): json.loads(each.value_json) for each in items}
