"""Whether all machines of a cluster see the same storage."""

from __future__ import annotations

import uuid
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from assay.config.errors import UserError
from assay.store.files import Files

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
            f"storage={files.root} is not the same on {', '.join(blind)}: "
            "expected a folder that all nodes share, or an object store (s3://bucket/path)"
        )


def _blind_nodes(storage: str, name: str) -> list[str]:
    @ray.remote(num_cpus=0)
    def sees(storage: str, name: str) -> bool:  # sent whole, as `relay` says
        from assay.store.files import Files

        return Files(storage).exists(name)

    looks = {
        node_id: sees.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node_id, soft=False)).remote(
            storage, name
        )
        for node_id in _nodes()
    }
    _, late = ray.wait(list(looks.values()), num_returns=len(looks), timeout=PATIENCE_S)
    if late:
        raise UserError(f"the cluster's nodes did not answer within {PATIENCE_S:.0f} s: see `ray status`")
    seen = {node_id: _answer(look, node_id) for node_id, look in looks.items()}
    return [name for node_id, name in _nodes().items() if not seen.get(node_id, True)]


def _answer(look: Any, node_id: str) -> bool:
    """Whether the node sees the file; one that has died in the meantime is no hindrance."""
    try:
        return bool(ray.get(look))
    except RayError as error:
        if node_id not in _nodes():
            return True
        raise UserError(
            f"a node of the cluster cannot run our code ({str(error).strip().splitlines()[-1]}): "
            "expected the same Python and packages as here on every node"
        ) from error


def _nodes() -> dict[str, str]:
    """Living nodes that can run a trial: id -> name."""
    return {node["NodeID"]: node["NodeName"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")}
