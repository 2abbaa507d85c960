"""A cluster of three nodes on this machine: code and trials reach it, and it may lose a node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.conftest import PATIENCE_S, Command, end_all_in, kept, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

# Starts three nodes with a core each, tells where they are, and kills the nodes whose numbers it is told.
_CLUSTER = """
import json, sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "ray_client_server_port": int(sys.argv[1])})
nodes = [cluster.head_node, *(cluster.add_node(num_cpus=1) for _ in range(2))]
cluster.wait_for_nodes()
raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
print(json.dumps({"address": cluster.address, "raylets": raylets}), flush=True)
for line in sys.stdin:
    cluster.remove_node(nodes[int(line)], allow_graceful=False)
cluster.shutdown()
"""
_TASK = """
import sys
from assay.cluster import execute_trials
from assay.config.cluster import ClusterConfig
from smfnet.config.root import Config
from assay.experiment.source import Finished, Stop
from assay.experiment.trial import Trial

class Source:
    left = [Trial("t", "row", 0, Config(), (), None, "f")]
    def next(self): return self.left.pop() if self.left else Finished
    def progressed(self, trial, report): return Stop.NO
    def finished(self, trial, outcome): print(outcome)
    def failed(self, trial, reason, traceback, again): sys.exit(reason)

def task(trial, store, report):
    import assay.config.compose, smfnet.folders
    return assay.config.compose.__file__ + " " + str(smfnet.folders.PRESETS / "config.yaml")

execute_trials(Source(), "store", ClusterConfig(), gpu=False, task=task, address=sys.argv[1])
"""
_CLIENT_PORT = 23001


class Nodes:
    """The cluster from outside.

    Attributes:
        address: for `--address`.
        client: the same through Ray's client.
    """

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CLUSTER, str(_CLIENT_PORT)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.address, self._raylets = told["address"], [psutil.Process(pid) for pid in told["raylets"]]
        self.client = f"ray://127.0.0.1:{_CLIENT_PORT}"

    def busy(self) -> int | None:
        """Number of a node that trains just now, not the head; None if none does."""
        for number, raylet in enumerate(self._raylets):
            if number and raylet.is_running() and any(_trains(child) for child in raylet.children()):
                return number
        return None

    def kill(self, number: int) -> None:
        """End a node with all its processes, without a word to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        self._raylets[number].wait(timeout=PATIENCE_S)

    def shut_down(self) -> None:
        """End all nodes."""
        self._process.communicate(timeout=PATIENCE_S)


def _trains(process: psutil.Process) -> bool:
    try:
        name = process.cmdline()[0]
    except (psutil.Error, IndexError):
        return False
    return name.startswith("ray::") and not name.endswith(("IDLE", "Agent"))


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Three nodes that look after each other closely, and know a token."""
    folder = tmp_path_factory.mktemp("nodes")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": "0123456789abcdef" * 4,
            "RAY_memory_monitor_refresh_ms": "0",
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_health_check_period_ms": "500",
            "RAY_health_check_timeout_ms": "2000",
            "RAY_health_check_failure_threshold": "3",
        }.items():
            patch.setenv(name, value)
        started = Nodes(folder)
        yield started
        started.shut_down()
    end_all_in(folder)


def test_code_reaches_the_workers_with_the_run(nodes: Nodes, tmp_path: Path) -> None:
    """The nodes have smfnet installed, as it happens; what they run is the driver's all the same."""
    done = subprocess.run(
        [sys.executable, "-c", _TASK, nodes.address], cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ)
    )
    assert (done.returncode, done.stderr) == (0, "")
    for path in map(Path, done.stdout.split()):
        assert "runtime_resources/py_modules_files" in str(path)
        assert path.is_file()


def test_an_ablation_through_rays_client(nodes: Nodes, tmp_path: Path, undisturbed: Command) -> None:
    command = Command(tmp_path, str(tmp_path / "store"), ("--address", nodes.client))
    command.to_end()
    assert command.results.equals(undisturbed.results)
    assert command.table == undisturbed.table


def test_a_storage_that_is_not_shared_is_refused_before_anything_is_trained(nodes: Nodes, tmp_path: Path) -> None:
    command = Command(tmp_path, "memory://store", ("--address", nodes.address))
    assert "error: storage=memory://store is not the same on " in command.to_end(code=2)


def test_a_node_that_dies_while_it_trains_costs_no_row(nodes: Nodes, tmp_path: Path, undisturbed: Command) -> None:
    command = Command(tmp_path, str(tmp_path / "store"), ("--address", nodes.address))
    process = command.start()
    training = Path(command.storage) / "checkpoints"
    assert wait_until(lambda: nodes.busy() is not None and any(training.glob("*")), process)
    at_kill = kept(command.storage)
    number = nodes.busy()
    assert number is not None
    nodes.kill(number)
    _, errors = process.communicate(timeout=2 * PATIENCE_S)
    assert process.returncode == 0, errors
    after = kept(command.storage)
    assert {name: after.records[name] for name in at_kill.records} == at_kill.records
    assert command.results.equals(undisturbed.results)
    assert command.table == undisturbed.table
