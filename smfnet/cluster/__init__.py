"""Ray Tune turns trials into work on machines. The only room that imports ray."""

from smfnet.cluster.run import run
from smfnet.cluster.session import cluster_device

__all__ = ["cluster_device", "run"]
