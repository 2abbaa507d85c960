"""Whether a Ray cluster answers at an address: at once, in one line, and before Ray tries for minutes."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import grpc
from ray._private import services
from ray._private.grpc_utils import init_grpc_channel
from ray._raylet import Config
from ray.core.generated.gcs_service_pb2 import CheckAliveRequest
from ray.core.generated.gcs_service_pb2_grpc import NodeInfoGcsServiceStub
from ray.core.generated.ray_client_pb2 import ClusterInfoRequest, ClusterInfoType
from ray.core.generated.ray_client_pb2_grpc import RayletDriverStub
from ray.exceptions import AuthenticationError

from assay.config.errors import UserError

__all__ = ["CLIENT", "answering", "ask_alive"]

PATIENCE_S = 10.0
CLIENT = "ray://"
_CLIENT_PORT = 10001  # where none is given


def answering(address: str) -> str:
    """The address of a cluster that answers, as Ray takes it.

    Args:
        address: `auto`, `host:port` or `ray://host[:port]`.

    Raises:
        UserError: nobody answers there, or not as a Ray does that we may use.
    """
    try:
        found = services.get_ray_address_from_environment(address, None)
        _knock(found)
    except (OSError, ValueError) as error:
        raise _unanswered(address, str(error)) from error
    except grpc.RpcError as error:
        raise _unanswered(address, f"{error.code().name}, {error.details()}") from error
    except AuthenticationError as error:
        raise _unanswered(address, "it wants a token, and there is none here") from error
    return found


def _unanswered(address: str, reason: str) -> UserError:
    first, *_ = reason.splitlines() or ["no reason is known"]
    return UserError(
        f"no Ray cluster answers at {address}: {first}; see `ray status` there, and whether it wants a token "
        "(RAY_AUTH_MODE=token, RAY_AUTH_TOKEN)"
    )


def _knock(address: str) -> None:
    place = address.removeprefix(CLIENT)
    client = place != address
    if client and ":" not in place:
        place = f"{place}:{_CLIENT_PORT}"
    host, _, port = place.rpartition(":")
    if not host or not port.isdecimal() or "/" in place:
        raise UserError(f"--address {address}: expected auto, HOST:PORT or ray://HOST:PORT")
    socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE_S).close()
    _with_a_token(_ping_client if client else ask_alive, place)


def _with_a_token(ask: Callable[[str], None], place: str) -> None:
    """Ask, with a token where one is wanted and the environment does not rule it out."""
    try:
        ask(place)
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.UNAUTHENTICATED or "RAY_AUTH_MODE" in os.environ:
            raise
        os.environ["RAY_AUTH_MODE"] = "token"  # as Ray does, where it finds one
        Config.initialize("")
        ask(place)


def ask_alive(place: str) -> None:
    """Ask the GCS at `host:port` whether it is alive.

    Raises:
        grpc.RpcError: it does not say so.
    """
    with init_grpc_channel(place) as channel:
        NodeInfoGcsServiceStub(channel).CheckAlive(CheckAliveRequest(), timeout=PATIENCE_S)


def _ping_client(place: str) -> None:
    with init_grpc_channel(place) as channel:
        RayletDriverStub(channel).ClusterInfo(ClusterInfoRequest(type=ClusterInfoType.PING), timeout=PATIENCE_S)
