"""A worker that does one trial after the other takes no more memory for the tenth than for the second."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from assay.cluster.pool import execute_trials
from assay.config.cluster import ClusterConfig
from assay.experiment.suite import Variant
from assay.experiment.trial import Trial, trials_of
from assay.launch.request.configuration import configuration
from assay.store.store import Store
from assay.study import Study
from smfnet.study import study

_WORDS = (
    *(
        "network.width=4",
        "network.heads=1",
        "base.transformer.groups=1",
        "base.transformer.pairs=1",
        "train.device=cpu",
        "train.batch=2",
    ),
    *("data.patch=16", "data.stride=16", "data.val_pairs=0", "data.scenes.train_pairs=2", "data.scenes.test_pairs=2"),
    *("data.scenes.height=32", "data.scenes.width=40", "train.epochs=2", "train.stage1_epochs=1"),
)


@pytest.mark.slow
@pytest.mark.usefixtures("ray_here")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not say it so")
def test_ten_trials_in_one_worker_leave_its_memory_flat(noting: Callable[..., Any], tmp_path: Path) -> None:
    """Each trial has a thread of its own, and each thread had an arena of its own, which nobody gave back."""

    def task(study: Study, trial: Trial, store: Store, report: Callable[[Mapping[str, Any]], None]) -> tuple[int, int]:
        from assay.experiment.task import train_and_measure

        train_and_measure(study, trial, store, report)
        return os.getpid(), int(Path("/proc/self/statm").read_text().split()[1])

    config, _ = configuration(study(), _WORDS)
    source = noting(trials_of(study(), config, [Variant("ours", "Ours", {})], 10))
    one_at_a_time = ClusterConfig(max_concurrent=1)
    execute_trials(study(), source, str(tmp_path), one_at_a_time, gpu=False, task=task)
    assert source.failures == {}
    pids, pages = zip(*source.outcomes.values(), strict=True)
    assert (len(pages), len(set(pids))) == (10, 1)
    assert max(pages[2:]) < 1.05 * pages[1]
