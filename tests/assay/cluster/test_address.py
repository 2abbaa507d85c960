"""An address is tried before Ray tries it, and what is wrong with it is one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.cluster import address
from assay.cluster.address import answering
from assay.config.errors import UserError

# In a process that has no Ray yet, and reads its own token.
_ASK = """
import sys
from assay.cluster.session import session
from assay.config.errors import UserError
for address in sys.argv[1:]:
    try:
        with session(address):
            print("connected")
    except UserError as error:
        print(error)
"""


def _ask(*addresses: str, **environment: str) -> list[str]:
    """What a user is told; nothing else may be written."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_AUTH", "RAY_ADDRESS"))}
    command = [sys.executable, "-c", _ASK, *addresses]
    done = subprocess.run(command, capture_output=True, text=True, env=clean | environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.fixture(params=["closes", "is silent"])
def stranger(request: pytest.FixtureRequest) -> Iterator[str]:
    """The place of something that listens, and is no Ray."""
    kept = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            kept.append(connection)
            if request.param == "closes":
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield "127.0.0.1:{1}".format(*listener.getsockname())
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


def test_an_address_where_nobody_is_is_found_at_once() -> None:
    addresses = ["ray://127.0.0.1:1", "127.0.0.1:1", "ray://127.0.0.2"]
    for line, where in zip(_ask(*addresses), addresses, strict=True):
        assert line.startswith(f"no Ray cluster answers at {where}: ")


def test_what_the_environment_says_is_tried_as_well() -> None:
    (line,) = _ask("auto", RAY_ADDRESS="127.0.0.1:1")
    assert line.startswith("no Ray cluster answers at auto: ")


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_who_answers_but_is_no_ray_is_told_from_one(
    stranger: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "PATIENCE_S", 0.3)
    with pytest.raises(UserError, match=f"no Ray cluster answers at {scheme}{stranger}: ") as raised:
        answering(f"{scheme}{stranger}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("wrong", ["local", "head", "mock://head:1", "http://head:8265/", "head:port", ":6379"])
def test_what_is_no_address_says_what_one_is(wrong: str) -> None:
    """`local` would start a Ray that is nobody's."""
    with pytest.raises(UserError, match=r"expected auto, HOST:PORT or ray://HOST:PORT"):
        answering(wrong)


@pytest.mark.usefixtures("ray_here")
def test_a_cluster_with_another_token_is_one_line(tmp_path: Path) -> None:
    import ray

    gcs = ray._private.worker._global_node.gcs_address
    other = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}
    for environment in (other, {"HOME": str(tmp_path)}):
        (line,) = _ask(gcs, **environment)
        assert line.startswith(f"no Ray cluster answers at {gcs}: ")
        assert "token" in line
