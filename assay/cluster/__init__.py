"""Ray Tune turns trials into work on machines. The only room that imports ray."""

from assay.cluster.pool import execute_trials
from assay.cluster.session import cluster_device

__all__ = ["cluster_device", "execute_trials"]
