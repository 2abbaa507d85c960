"""A SLURM of this machine alone: a controller and two nodes of one core each, of whoever runs it, within one folder."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

__all__ = ["NODES", "PROGRAMS", "Installation", "found", "until"]

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol")  # of Debian's packages munge and slurm-wlm
NODES = ("n1", "n2")  # each with an address of its own on loopback
PATIENCE_S = 600.0
_CONFIGURATION_FILE = "SLURM_CONF"
_NODE_NAME = "SLURMD_NODENAME"  # SLURM gives it to what a node runs

_CONFIGURATION = """\
ClusterName=assay
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n.spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SlurmdTimeout=15
KillWait=5
ReturnToService=2
{nodes}
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""
_NODE = "NodeName={name} NodeHostname={host} NodeAddr={address} Port={port} CPUs=1 RealMemory=1000"


class Installation:
    """Daemons that run until `stop`.

    cred_expire: a job that is queued again waits for its old credentials to expire, two minutes if SLURM is left to it.

    Args:
        folder: of configuration, sockets, logs; its path has to be short enough for a socket.

    Attributes:
        environment: with it SLURM's commands find this SLURM.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemons: list[subprocess.Popen[bytes]] = []
        self.environment = os.environ | {_CONFIGURATION_FILE: str(folder / "slurm.conf")}

    def start(self) -> None:
        """Start the daemons, and wait for the nodes."""
        self._write()
        files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        places = [f"--{option}={self._folder}/munge.{suffix}" for option, suffix in files.items()]
        self._daemon(self._folder, "munged", "--foreground", "--force", *places)
        until(lambda: (self._folder / "munge.socket").exists(), "munged answers")
        self._daemon(self._folder, "slurmctld", "-D")
        for name in NODES:
            self.power_on(name)
        until(lambda: all(self.node(name) == "IDLE" for name in NODES), "both nodes are idle")

    def power_on(self, name: str) -> None:
        """Start the daemon of a node."""
        self._daemon(self._home(name), "slurmd", "-D", "-N", name)

    def _home(self, name: str) -> Path:
        """Current folder of a node's daemon and of those that it starts for jobs; a job's own processes leave it."""
        home = self._folder / f"{name}.spool"
        home.mkdir(exist_ok=True)
        return home

    def _write(self) -> None:
        key = self._folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o600)
        (self._folder / "state").mkdir()
        host = socket.gethostname().partition(".")[0]
        controller, *ports = _free_ports(1 + len(NODES))
        nodes = [
            _NODE.format(name=name, host=host, address=f"127.0.0.{number}", port=port)
            for number, (name, port) in enumerate(zip(NODES, ports, strict=True), 2)
        ]
        user = pwd.getpwuid(os.getuid()).pw_name
        text = _CONFIGURATION.format(host=host, port=controller, user=user, folder=self._folder, nodes="\n".join(nodes))
        (self._folder / "slurm.conf").write_text(text)

    def _daemon(self, home: Path, program: str, *arguments: str) -> None:
        with (self._folder / f"{program}.out").open("ab") as out:
            command = [found(program) or program, *arguments]
            self._daemons.append(subprocess.Popen(command, env=self.environment, stdout=out, stderr=out, cwd=home))

    def say(self, *command: str) -> str:
        """What one of SLURM's commands answers."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def node(self, name: str) -> str:
        """State of a node: IDLE, ALLOCATED, DOWN, ...; empty while nobody answers."""
        return self._field("node", name, "State")

    def job(self, number: str, field: str = "JobState") -> str:
        """What the controller says of a job."""
        return self._field("job", number, field)

    def _field(self, kind: str, name: str, field: str) -> str:
        done = subprocess.run(
            ["scontrol", "show", "--oneliner", kind, name], env=self.environment, capture_output=True, text=True
        )
        values = dict(word.partition("=")[::2] for word in done.stdout.split())
        return values.get(field, "")

    def of_node(self, name: str) -> list[psutil.Process]:
        """Its daemon, and whatever that started there."""
        found = {process for process in psutil.process_iter() if self._is_of(process, name)}
        return [*found.union(*(_children(process) for process in found))]

    def _is_of(self, process: psutil.Process, name: str) -> bool:
        """By where it is, or by its environment; Ray's workers write over theirs, but have a parent."""
        try:
            if process.cwd() == str(self._home(name)):
                return True
            environment = process.environ()
        except psutil.Error:
            return False
        wanted = (name, self.environment[_CONFIGURATION_FILE])
        return (environment.get(_NODE_NAME), environment.get(_CONFIGURATION_FILE)) == wanted

    def kill(self, name: str) -> int:
        """End a node as a loss of power does: none of its processes sees another one die. How many there were."""
        ended = 0
        while processes := self.of_node(name):
            for end in (psutil.Process.suspend, psutil.Process.kill):
                for process in processes:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        end(process)
            ended += len(processes)
            psutil.wait_procs(processes, timeout=5)
        return ended

    def stop(self) -> None:
        """End everything."""
        for name in NODES:
            self.kill(name)
        for daemon in self._daemons:
            daemon.kill()
            daemon.wait()


def found(program: str) -> str | None:
    """Where a program of SLURM is; daemons are not on everybody's path."""
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def until(seen: Callable[[], object], what: str) -> None:
    """Wait for something.

    Raises:
        TimeoutError: it did not come.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not seen():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE_S:.0f} s: {what}")
        time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
