"""A trial is stage I and II, or the joint stage alone; epochs are counted over the whole run."""

from __future__ import annotations

from assay.config.changes import apply
from smfnet.config.root import Config
from smfnet.training import stages_of


def test_the_papers_trial_has_two_stages_that_meet_at_epoch_40() -> None:
    stages = stages_of(Config(), 7)
    assert [(s.kind, s.first_epoch, s.last_epoch, s.seed) for s in stages] == [
        ("stage1", 0, 40, 7),
        ("stage2", 40, 120, 7),
    ]


def test_without_stage_one_all_epochs_are_joint() -> None:
    (stage,) = stages_of(apply(Config(), {"train.stage1_epochs": 0}), 7)
    assert (stage.kind, stage.first_epoch, stage.last_epoch) == ("joint", 0, 120)
