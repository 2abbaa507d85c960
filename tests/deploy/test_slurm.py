"""The SLURM script with stand-ins for SLURM, Ray and smfnet: what it calls, in which order, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Each notes its name, the node it runs on, and its arguments; `ray start` stays until it is told to end.
STAND_INS = {
    "scontrol": """
        case "$1 $2" in
          'show hostnames') printf '%s\\n' n1 n2 n3 ;;
          'show node') echo "NodeName=n1 Arch=x86_64 NodeAddr=${ADDRESS:-n1.local} NodeHostName=n1 Port=6818" ;;
        esac
        note scontrol "$@" """,
    "getent": '[ "$2" != nowhere ] && echo "10.0.0.1 STREAM $2"',
    "srun": """
        for word do case "$word" in
          --nodelist=*) export NODE="${word#*=}"; shift ;;
          --*) shift ;;
          *) break ;;
        esac; done
        "$@" & started=$!
        trap 'kill -USR1 "$started"' USR1
        while wait "$started"; code=$?; kill -0 "$started" 2>/dev/null; do :; done
        exit "$code" """,
    "ray": """
        case "$1" in
          status) ls up 2>/dev/null | sed 's/^/ 1 node_/' ;;
          start) note ray "$@"; [ "$NODE" != "$BROKEN" ] || exit 1
                 trap 'note ray ends; kill $!; exit 143' TERM; /bin/sleep 60 & /bin/mkdir -p up; : > "up/$NODE"; wait ;;
        esac""",
    "smfnet": """
        note smfnet "$@"; env | grep '^RAY_A' > environment
        [ -z "$SIGNAL" ] || { kill -"$SIGNAL" "$PPID"; exec sleep 60; }
        exit "${CODE:-0}" """,
    "timeout": 'exit "${HEAD_GONE:-0}"',  # in which the head is asked whether it answers
    "mktemp": 'note mktemp "$@"; echo "/tmp/ray-of-$NODE"',
    "rm": 'note rm "$@"',
    "sleep": '[ "$1" = 1 ] && exec /bin/sleep 0.01; exec /bin/sleep "$@"',
}
NOTE = """#!/bin/sh
note() { echo "$NODE $*" | sed 's/^ //' >> log; }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the stand-ins under bin/."""
    (tmp_path / "bin").mkdir()
    for name, script in STAND_INS.items():
        file = tmp_path / "bin" / name
        file.write_text(NOTE + script + "\n")
        file.chmod(0o755)
    return tmp_path


def _submit(root: Path, folder: Path, *arguments: str, **variables: str) -> tuple[int, list[str], str]:
    """The exit code, the calls in their order, and what was written to stderr."""
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "SLURM_JOB_ID": "4711",
        "SLURM_JOB_NODELIST": "n[1-3]",
        "SLURM_CPUS_PER_TASK": "8",
        "STORAGE": "/shared/store",
    }
    done = subprocess.run(
        ["bash", root / "deploy" / "slurm.sh", *arguments],
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    log = folder / "log"
    return done.returncode, log.read_text().splitlines() if log.exists() else [], done.stderr


def _at(calls: list[str], start: str, option: str = "") -> int:
    """Where the only call that starts so, and has this option, is."""
    (place,) = [place for place, call in enumerate(calls) if call.startswith(start) and option in call]
    return place


@pytest.fixture
def calls(root: Path, folder: Path) -> list[str]:
    """Of a job that goes well."""
    code, calls, error = _submit(root, folder, "preset=standard")
    assert (code, error) == (0, "")
    return calls


def test_the_head_is_first_then_the_other_nodes_then_the_driver_and_ray_stops_on_all(calls: list[str]) -> None:
    head, driver = _at(calls, "n1 ray start ", "--head"), _at(calls, "smfnet")
    workers = [_at(calls, f"{node} ray start ", "--address=10.0.0.1:24711 ") for node in ("n2", "n3")]
    stops = [_at(calls, f"{node} ray ends") for node in ("n1", "n2", "n3")]
    assert head < min(workers) < max(workers) < driver < min(stops)
    assert sum(" ray start " in call for call in calls) == 3


def test_each_node_makes_a_folder_of_its_own_and_removes_it(calls: list[str]) -> None:
    for node in ("n1", "n2", "n3"):
        made, removed = (
            _at(calls, f"{node} mktemp -d /tmp/ray-XXXXXXXX"),
            _at(calls, f"{node} rm -rf /tmp/ray-of-{node}"),
        )
        assert made < _at(calls, f"{node} ray start", f"--temp-dir=/tmp/ray-of-{node}/ray ")
        assert removed > _at(calls, f"{node} ray ends")


def test_a_node_that_can_make_no_folder_starts_no_ray(root: Path, folder: Path) -> None:
    (folder / "bin" / "mktemp").write_text(NOTE + 'note mktemp "$@"; exit 1\n')
    code, calls, error = _submit(root, folder)
    assert (code, [call for call in calls if " ray start " in call]) == (1, [])
    assert error.startswith("error: Ray ended on a node before 1 of 3 had joined")


def test_a_head_whose_address_nobody_knows_ends_the_job_in_one_line(root: Path, folder: Path) -> None:
    code, calls, error = _submit(root, folder, ADDRESS="nowhere")
    assert code == 1
    assert error == "error: expected an address of node n1; nobody knows that of nowhere, which SLURM has\n"
    assert not [call for call in calls if " ray start " in call]


def test_the_head_has_the_port_of_the_job_and_no_dashboard(calls: list[str]) -> None:
    assert "scontrol show node --oneliner n1" in calls
    head = calls[_at(calls, "n1 ray start ", "--head")]
    assert "--node-ip-address=10.0.0.1 --port=24711 --include-dashboard=false" in head
    assert "--num-cpus=8" in head


def test_the_driver_knows_the_address_and_a_token(calls: list[str], folder: Path) -> None:
    environment = dict(line.split("=", 1) for line in (folder / "environment").read_text().splitlines())
    assert environment["RAY_ADDRESS"] == "10.0.0.1:24711"
    assert environment["RAY_AUTH_MODE"] == "token"
    assert len(environment["RAY_AUTH_TOKEN"]) == 64


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (
            ["preset=standard"],
            "ablate --address auto --output runs/slurm-4711 storage=/shared/store --all preset=standard",
        ),
        (["ablate", "ours"], "ablate --address auto --output runs/slurm-4711 storage=/shared/store ours"),
        (["search", "alpha3", "data.root=/a b"], "search --address auto storage=/shared/store alpha3 data.root=/a b"),
    ],
)
def test_the_command_of_the_driver(root: Path, folder: Path, given: list[str], command: str) -> None:
    _, calls, _ = _submit(root, folder, *given)
    assert calls[_at(calls, "smfnet")] == f"smfnet {command}"


def test_the_drivers_exit_code_is_the_jobs_and_ray_stops_all_the_same(root: Path, folder: Path) -> None:
    code, calls, _ = _submit(root, folder, CODE="3")
    assert code == 3
    assert sum(call.endswith(" ray ends") for call in calls) == 3
    assert not [call for call in calls if call.startswith("scontrol requeue")]


def test_at_the_time_limit_the_driver_ends_and_the_job_is_queued_again_last_of_all(root: Path, folder: Path) -> None:
    code, calls, _ = _submit(root, folder, SIGNAL="USR1")
    assert code == 128 + signal.SIGTERM
    assert calls[-1] == "scontrol requeue 4711"
    assert sum(call.endswith(" ray ends") for call in calls) == 3


def test_a_cancelled_job_is_not_queued_again(root: Path, folder: Path) -> None:
    code, calls, _ = _submit(root, folder, SIGNAL="TERM")
    assert code == 128 + signal.SIGTERM
    assert sum(call.endswith(" ray ends") for call in calls) == 3
    assert not [call for call in calls if call.startswith("scontrol requeue")]


@pytest.mark.parametrize(("node", "joined"), [("n1", 1), ("n3", 3)])
def test_a_node_where_ray_does_not_start_ends_the_job_in_one_line(
    root: Path, folder: Path, node: str, joined: int
) -> None:
    code, calls, error = _submit(root, folder, BROKEN=node)
    assert code == 1
    assert error.splitlines()[-1].startswith(f"error: Ray ended on a node before {joined} of 3 had joined")
    assert not [call for call in calls if call.startswith("smfnet")]


@pytest.mark.parametrize(("gone", "again"), [("0", []), ("124", ["n3 scontrol requeue 4711"])])
def test_a_node_whose_ray_ends_queues_the_job_again_if_the_head_is_gone(
    root: Path, folder: Path, gone: str, again: list[str]
) -> None:
    _, calls, _ = _submit(root, folder, BROKEN="n3", HEAD_GONE=gone)
    assert [call for call in calls if "requeue" in call] == again


def test_nodes_that_do_not_join_in_time_end_the_job(root: Path, folder: Path) -> None:
    (folder / "bin" / "ray").write_text(NOTE + STAND_INS["ray"].replace("ls up", "ls nowhere"))
    (folder / "bin" / "sleep").write_text("#!/bin/sh\nexec /bin/sleep 0.3\n")
    code, calls, error = _submit(root, folder, START_LIMIT_S="1")
    assert (code, error) == (1, "error: fewer than 1 of 3 nodes joined within 1 s\n")
    assert [call for call in calls if call.endswith(" ray ends")] == ["n1 ray ends"]  # no other was started


def test_without_a_storage_nothing_starts(root: Path, folder: Path) -> None:
    code, calls, error = _submit(root, folder, STORAGE="")
    assert code != 0
    assert "expected a folder that all nodes see, or s3://bucket/path" in error
    assert calls == []


def test_the_shell_reads_it_and_shellcheck_has_nothing_to_say(root: Path) -> None:
    script = root / "deploy" / "slurm.sh"
    subprocess.run(["bash", "-n", script], check=True)
    done = subprocess.run([Path(sys.executable).with_name("shellcheck"), script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
