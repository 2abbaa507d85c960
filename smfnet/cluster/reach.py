"""Whether all machines of a cluster see the same storage."""

from __future__ import annotations

import uuid

import ray
from ray.exceptions import GetTimeoutError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from smfnet.config.errors import UserError
from smfnet.experiment.files import Files

__all__ = ["check_reach"]

PATIENCE_S = 120.0  # a node may have to unpack our code first


def check_reach(storage: str) -> None:
    """Write a file here, and look for it on every node that can run a trial.

    Raises:
        UserError: a node does not see it, or cannot look.
    """
    files, name = Files(storage), f"probes/{uuid.uuid4().hex}"
    files.check()
    files.write(name, b"is this the same storage?")
    try:
        blind = _blind_nodes(storage, name)
    finally:
        files.delete(name)
    if blind:
        raise UserError(
            f"storage={storage} is not the same on {', '.join(blind)}: "
            "expected a folder that all nodes share, or an object store (s3://bucket/path)"
        )


def _blind_nodes(storage: str, name: str) -> list[str]:
    nodes = {node["NodeID"]: node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")}
    looks = {
        node_id: _sees.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node_id, soft=False)).remote(
            storage, name
        )
        for node_id in nodes
    }
    try:
        seen = ray.get(list(looks.values()), timeout=PATIENCE_S)
    except GetTimeoutError as error:
        raise UserError(f"the cluster's nodes did not answer within {PATIENCE_S:.0f} s: see `ray status`") from error
    except RayError as error:
        raise UserError(
            f"a node of the cluster cannot run our code ({str(error).strip().splitlines()[-1]}): "
            "expected the same Python and packages as here on every node"
        ) from error
    return [str(nodes[node_id]["NodeName"]) for node_id, found in zip(looks, seen, strict=True) if not found]


@ray.remote(num_cpus=0)
def _sees(storage: str, name: str) -> bool:
    return Files(storage).exists(name)
