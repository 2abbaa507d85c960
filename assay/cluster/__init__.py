"""Ray Tune turns trials into work on machines. The only room that imports ray."""

import logging
import warnings

logging.getLogger("ray.widgets.util").setLevel(logging.WARNING)  # in a notebook it advises widgets; none are used
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="IProgress not found")  # and so does tqdm
    from assay.cluster.pool import execute_trials
    from assay.cluster.session import check_answers, cluster_device

__all__ = ["check_answers", "cluster_device", "execute_trials"]
