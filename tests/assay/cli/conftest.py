"""A very small configuration as words of a command, and a store that has its trials already."""

from __future__ import annotations

from pathlib import Path

import pytest

from smfnet.folders import ablations_folder
from smfnet.study import study

TINY = [
    "network.width=4",
    "network.heads=1",
    "base.transformer.groups=1",
    "base.transformer.pairs=1",
    "data.patch=16",
    "data.stride=16",
    "data.val_pairs=0",
    "data.scenes={train_pairs: 2, test_pairs: 3, height: 32, width: 40}",
    "train={epochs: 3, stage1_epochs: 1, batch: 2, steps_per_epoch: 2, device: cpu, checkpoint_s: 0}",
]


@pytest.fixture(scope="session")
def tiny_words() -> list[str]:
    """`key=value` words for trials that take a second."""
    return list(TINY)


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with `ours` and `swap_fusion` under two seeds and the training-free rows; tests only read it."""
    import torch

    from assay.experiment.execution import execute_trial
    from assay.experiment.suite import load_suite
    from assay.experiment.trial import baseline_trial, trials_of
    from assay.store.store import Store
    from smfnet.config.schema import compose

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("stored")
    suite, config = load_suite("table5", ablations_folder()), compose(TINY)
    for trial in trials_of(study(), config, suite.pick(["swap_fusion", "ours"]), 2):
        execute_trial(study(), trial, Store(str(folder)))
    for rule in suite.baselines:
        execute_trial(study(), baseline_trial(study(), rule, config), Store(str(folder)))
    return folder
