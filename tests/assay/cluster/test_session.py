"""A Ray of our own: out of reach for others, silent, and gone at the end. In a process of its own, as a user has it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import assay
import smfnet
from assay.cluster.session import session

_SCRIPT = """
import json, os, socket, subprocess, sys
from pathlib import Path
from assay.cluster.session import session

def listening(pids):
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                inodes.add(os.readlink(descriptor))
            except OSError:
                pass
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return [row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes]

def call_gcs(mode, token):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
    environment |= {"RAY_AUTH_MODE": mode} | ({"RAY_AUTH_TOKEN": token} if token else {})
    command = [sys.executable, "-c", sys.argv[1], ray._private.worker._global_node.gcs_address]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr

def family(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(child))]

def outside(pids, folder):
    # sockets with a name, and files that are open for writing, that do not lie below the folder
    found, inodes = set(), set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = os.readlink(descriptor)
                flags = int(Path(f"/proc/{pid}/fdinfo/{descriptor.name}").read_text().split("flags:")[1].split()[0], 8)
            except OSError:
                continue
            inodes.add(target)
            if target.startswith("/") and flags & os.O_ACCMODE and not target.startswith(("/dev/null", "/proc/")):
                found.add(target)
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        if len(row := line.split()) > 7 and f"socket:[{row[6]}]" in inodes:
            found.add(row[7])
    return sorted(path for path in found if not path.startswith(folder) and not path.endswith(" (deleted)"))

with session(None, cpus=1, packages=("smfnet",)):
    import ray
    @ray.remote
    def worker():
        os.kill(os.getpid(), 9)
    try:
        ray.get(worker.options(max_retries=0).remote())
    except ray.exceptions.WorkerCrashedError:
        pass
    @ray.remote
    def place():
        import assay, smfnet
        return assay.__version__, [os.path.dirname(package.__file__) for package in (assay, smfnet)]

    import assay
    code = Path(assay.__file__)
    code.write_text(code.read_text().replace(assay.__version__, "edited"))
    version, folders = ray.get(place.remote())
    pids = family(os.getpid())
    node = ray._private.worker._global_node
    folder = Path(node.get_session_dir_path())
    ours = folder.parents[1]
    attack = subprocess.run([sys.executable, "-c", sys.argv[2], ours, folder], capture_output=True, text=True)
    print(json.dumps({
        "attack": attack.stdout + attack.stderr,
        "modes": [oct(each.stat().st_mode & 0o777) for each in (ours, folder)],
        "outside": outside(pids, str(ours)),
        "commands": " ".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in pids),
        "version": version,
        "code": folders,
        "pids": pids,
        "addresses": listening(pids),
        "folder": node.get_session_dir_path(),
        "gcs": node.gcs_address,
        "token": os.environ["RAY_AUTH_TOKEN"],
        "with_token": call_gcs("token", os.environ["RAY_AUTH_TOKEN"]),
        "without": call_gcs("disabled", None),
        "with_another": call_gcs("token", "0" * 64),
    }))
"""
_CALL = """
import sys
from ray._raylet import GcsClient
print(len(GcsClient(address=sys.argv[1]).internal_kv_keys(b"", None)), "keys")
"""
# What another user did: he entered the folder, left code in it for workers to import, and spoke to the raylet.
_ATTACK = """
import os, socket, sys
from pathlib import Path
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    folder = Path(sys.argv[2])
    attempts = {
        "list": lambda: os.listdir(sys.argv[1]),
        "enter": lambda: os.chdir(folder),
        "write": lambda: (folder / "runtime_resources" / "py_modules_files" / "evil.py").write_text("evil"),
        "replace": lambda: os.rename(sys.argv[1], sys.argv[1] + "x"),
        **{
            name: lambda name=name: socket.socket(socket.AF_UNIX).connect(str(folder / "sockets" / name))
            for name in ("raylet", "plasma_store")
        },
    }
    for name, attempt in attempts.items():
        try:
            attempt()
            print(name, "succeeded")
        except PermissionError:
            pass
    print(len(attempts), "attempts")
"""
_LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A process that started a Ray, lost a worker, looked about and ended."""
    home = tmp_path_factory.mktemp("home")
    for package in (*assay.__path__, *smfnet.__path__):
        shutil.copytree(package, home / Path(package).name)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
    return subprocess.run(
        [sys.executable, "-c", _SCRIPT, _CALL, _ATTACK],
        env=environment | {"HOME": str(home), "PYTHONPATH": str(home), "RAY_AUTH_MODE": "disabled"},
        cwd=home,
        capture_output=True,
        text=True,
    )


def test_it_writes_nothing_and_leaves_neither_process_nor_file(seen: subprocess.CompletedProcess[str]) -> None:
    assert (seen.returncode, seen.stderr) == (0, "")
    (line,) = seen.stdout.splitlines()
    told = json.loads(line)
    assert not Path(told["folder"]).parents[1].exists()
    assert [pid for pid in told["pids"] if Path(f"/proc/{pid}").exists()] == []


def test_it_listens_on_loopback_alone(seen: subprocess.CompletedProcess[str]) -> None:
    addresses = json.loads(seen.stdout)["addresses"]
    assert len(addresses) > 3
    assert set(addresses) <= _LOOPBACK


def test_nobody_else_can_enter_the_folder_that_ray_opens_to_all(seen: subprocess.CompletedProcess[str]) -> None:
    told = json.loads(seen.stdout)
    assert told["modes"] == ["0o700", "0o777"]
    assert told["outside"] == []


def test_what_another_user_did_fails(seen: subprocess.CompletedProcess[str], another_user: int) -> None:
    assert json.loads(seen.stdout)["attack"] == "6 attempts\n"


def test_who_does_not_know_the_token_is_turned_away(seen: subprocess.CompletedProcess[str]) -> None:
    """Even where the environment, meant for another cluster, would do without."""
    told = json.loads(seen.stdout)
    assert told["gcs"].startswith("127.0.0.1:")
    assert len(told["token"]) == 64
    assert told["token"] not in told["commands"]
    assert told["with_token"].strip().endswith(" keys")
    for intruder in (told["without"], told["with_another"]):
        assert " keys" not in intruder
        assert "auth" in intruder.lower()


def test_workers_have_the_code_of_the_start_whoever_edits_it_later(seen: subprocess.CompletedProcess[str]) -> None:
    told = json.loads(seen.stdout)
    assert told["version"] == assay.__version__
    assert all(code.startswith(told["folder"]) for code in told["code"])


@pytest.mark.usefixtures("ray_here")
def test_a_ray_that_is_there_already_is_used_and_left_running() -> None:
    import ray

    node = ray.get_runtime_context().get_node_id()
    with session(None):
        assert ray.get_runtime_context().get_node_id() == node
    assert ray.is_initialized()
