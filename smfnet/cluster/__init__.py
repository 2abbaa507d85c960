"""Ray Tune turns trials into work on machines. The only room that imports ray."""

from smfnet.cluster.run import Report, Task, run
from smfnet.cluster.session import cluster_device

__all__ = ["Report", "Task", "cluster_device", "run"]
