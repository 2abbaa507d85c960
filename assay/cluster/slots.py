"""How many trials fit on the machines at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from assay.config.cluster import ClusterConfig
from assay.config.errors import UserError

__all__ = ["slots_of"]


def slots_of(nodes: Iterable[Mapping[str, float]], cluster: ClusterConfig, gpu: bool) -> int:
    """Trials that fit at once; one trial never spreads over two nodes.

    Args:
        nodes: of each machine, how much it offers of `CPU` and `GPU`.
        cluster: share of a trial.
        gpu: whether a trial takes `cluster.gpus` too.

    Raises:
        UserError: it does not fit on any machine.
    """
    if gpu and cluster.gpus_each > 1 and cluster.gpus_each != int(cluster.gpus_each):
        raise UserError(f"cluster.gpus: expected a whole number or a fraction below 1; got {cluster.gpus_each:g}")
    offers = [(node.get("CPU", 0.0), node.get("GPU", 0.0)) for node in nodes]
    slots = sum(_on_node(cpus, gpus, cluster, gpu) for cpus, gpus in offers)
    if slots:
        return slots
    asked = f"{cluster.cpus} CPU cores" + (f" and {cluster.gpus_each:g} GPUs" if gpu else "")
    best = max(offers, default=(0.0, 0.0), key=lambda offer: offer[::-1] if gpu else offer)
    raise UserError(
        f"a trial asks for {asked}, but no machine has that (at most {best[0]:g} cores and {best[1]:g} GPUs): "
        "give a smaller cluster.cpus or cluster.gpus"
    )


def _on_node(cpus: float, gpus: float, cluster: ClusterConfig, gpu: bool) -> int:
    by_cpu = int(cpus // cluster.cpus)
    if not gpu:
        return by_cpu
    share = cluster.gpus_each
    by_gpu = int(gpus) * math.floor(1 / share + 1e-9) if share <= 1 else int(gpus // share)
    return min(by_cpu, by_gpu)
