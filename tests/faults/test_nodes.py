"""A cluster of three nodes on this machine: code and trials reach it, and it may lose a node."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.conftest import PATIENCE_S, Command, end_all_in, kept, undisplayed, wait_until

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
from smfnet.study import study

class Source:
    left = [Trial("t", "row", 0, Config(), (), None, "f")]
    def next(self): return self.left.pop() if self.left else Finished
    def progressed(self, trial, report): return Stop.NO
    def printed(self, trial, text): pass
    def finished(self, trial, outcome): print(outcome)
    def failed(self, trial, reason, traceback, again): sys.exit(reason)

def task(study, trial, store, report):
    import assay.config.compose, smfnet.folders
    return assay.config.compose.__file__ + " " + str(smfnet.folders.PRESETS / "config.yaml")

execute_trials(study(), Source(), "store", ClusterConfig(), gpu=False, task=task, address=sys.argv[1])
"""
_CLIENT_PORT = 23001


class Nodes:
    """The cluster from outside.

    Attributes:
        address: for `--address`.
        client: the same through Ray's client.
    """

    def __init__(self, folder: Path, client_port: int = _CLIENT_PORT) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CLUSTER, str(client_port)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.address, self._raylets = told["address"], [psutil.Process(pid) for pid in told["raylets"]]
        self.client = f"ray://127.0.0.1:{client_port}"

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

    def kill_gcs(self) -> None:
        """End what keeps the cluster together."""
        family = psutil.Process(self._process.pid).children(recursive=True)
        (gcs,) = (child for child in family if child.cmdline()[:1] and child.cmdline()[0].endswith("/gcs_server"))
        gcs.send_signal(signal.SIGKILL)

    def shut_down(self) -> None:
        """End all nodes."""
        self._process.communicate(timeout=PATIENCE_S)


def _trains(process: psutil.Process) -> bool:
    try:
        name = process.cmdline()[0]
    except (psutil.Error, IndexError):
        return False
    return name.startswith("ray::") and not name.endswith(("IDLE", "Agent"))


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    """Nodes look after each other closely, and know a token."""
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
        yield


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Three nodes."""
    folder = tmp_path_factory.mktemp("nodes")
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


def test_a_wrong_token_is_found_at_once_by_rays_client_as_well(nodes: Nodes, tmp_path: Path) -> None:
    another = {"RAY_AUTH_TOKEN": "0" * 64}
    command = Command(tmp_path, str(tmp_path / "store"), ("--address", nodes.client), environment=another)
    (line,) = command.to_end(code=2).splitlines()
    assert line.startswith(f"error: no Ray cluster answers at {nodes.client}: UNAUTHENTICATED")
    assert "RAY_AUTH_TOKEN" in line


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


def test_a_cluster_that_loses_its_gcs_server_ends_the_run_in_one_line_and_the_store_goes_on(
    tmp_path: Path, undisturbed: Command
) -> None:
    """Ray itself would wait for a minute, here for 20 seconds, and then end the command with words of its own."""
    (tmp_path / "nodes").mkdir()
    nodes = Nodes(tmp_path / "nodes", _CLIENT_PORT + 1000)
    try:
        patience = {"RAY_gcs_rpc_server_reconnect_timeout_s": "20"}
        command = Command(tmp_path, str(tmp_path / "store"), ("--address", nodes.address), environment=patience)
        process = command.start()
        training = Path(command.storage) / "checkpoints"
        assert wait_until(lambda: any(training.glob("*")), process)
        nodes.kill_gcs()
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 1
        (line,) = undisplayed(errors)
        assert line == (
            f"error: the gcs_server of the cluster no longer answers at {nodes.address}: "
            "give the same command again, it goes on from the last checkpoints"
        )
    finally:
        end_all_in(tmp_path / "nodes")
    at_kill = kept(command.storage)
    again = Command(tmp_path, command.storage)
    again.to_end()
    after = kept(command.storage)
    assert {name: after.records[name] for name in at_kill.records} == at_kill.records
    assert again.table == undisturbed.table
