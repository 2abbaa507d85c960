"""A folder is gone on with, and never turned into another run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.config.compose import to_yaml
from assay.config.errors import UserError
from assay.experiment.planning.continuation import check_continues
from assay.metric import Metric
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from smfnet.config.root import Config

MakeConfig = Callable[..., Config]
ROWS = (RowRecord("ours", "Ours"), RowRecord("swap", "Swapped", changes={"fuse.swap": True}))


def _record(rows: tuple[RowRecord, ...] = ROWS, seeds: int = 2, suite: str = "table5") -> RunRecord:
    trials = tuple(TrialRecord(f"{row.name}-{seed}", row.name, seed) for row in rows for seed in range(seeds))
    return RunRecord("ablation", suite, (), rows, trials, ("EN",))


@pytest.fixture
def run(tmp_path: Path, tiny: MakeConfig) -> RunFolder:
    """A run of two rows and two seeds."""
    made = RunFolder(tmp_path / "run")
    made.write_record(_record())
    made.write_config(to_yaml(tiny()))
    return made


def test_the_same_further_rows_and_further_seeds_go_on(run: RunFolder, tiny: MakeConfig) -> None:
    further = (*ROWS, RowRecord("more", "More"))
    for record in (_record(), _record(further), _record(seeds=5), _record(further, seeds=3)):
        check_continues(run, record, tiny())


def test_a_new_folder_and_a_damaged_run_are_begun(run: RunFolder, tiny: MakeConfig, tmp_path: Path) -> None:
    check_continues(RunFolder(tmp_path / "new"), _record(), tiny())
    (run.folder / "run.json").write_text("{")
    check_continues(run, _record(ROWS[:1]), tiny({"optim.lr": 0.5}))


EARLIER = """\
base: {groups: 1, pairs: 1}
graph: {dilations: [1, 2, 3]}
"""


def test_a_run_of_an_earlier_layout_is_compared_value_by_value(run: RunFolder, tiny: MakeConfig) -> None:
    run.write_config(EARLIER)
    rows = (ROWS[0], RowRecord("plain", "Plain", changes={"base.tail": "none"}))
    now = (ROWS[0], RowRecord("plain", "Plain", changes={"base.transformer.tail": "none"}))
    run.write_record(_record(rows))
    check_continues(run, _record(now), tiny({"graph.reasoning.dilations": [1, 2, 3]}))
    with pytest.raises(UserError, match=r"another configuration \(graph\.reasoning\.dilations: \[1, 2, 3\] there"):
        check_continues(run, _record(now), tiny())
    with pytest.raises(UserError, match="whose row plain had other changes"):
        check_continues(run, _record((ROWS[0], replace(now[1], changes={"base.transformer.tail": "conv"}))), tiny())


def test_margins_are_those_that_the_run_was_begun_with(run: RunFolder, tiny: MakeConfig) -> None:
    narrow, wide, none = (replace(_record(), metrics=(Metric("EN", margin=m), Metric("SD"))) for m in (0.1, 0.5, None))
    run.write_record(narrow)
    check_continues(run, narrow, tiny())
    for other in (wide, none):
        with pytest.raises(UserError, match=r"margin 0\.1 of EN, which is \S+ now: give the same, or give another"):
            check_continues(run, other, tiny())
    run.write_record(none)  # as of a version without margins
    check_continues(run, narrow, tiny())


@pytest.mark.parametrize(
    "changes",
    [
        {"storage": "elsewhere", "seeds": 5, "note": "x"},
        {"cluster.cpus": 2, "train.checkpoint_s": 5},
        {"metrics.table": ["EN"]},
    ],
)
def test_what_changes_no_number_may_change(run: RunFolder, tiny: MakeConfig, changes: dict[str, Any]) -> None:
    check_continues(run, _record(), tiny(changes))


@pytest.mark.parametrize(
    ("record", "changes", "message"),
    [
        (_record(ROWS[1:]), {}, r"has rows which are not named now \(ours\): name them too"),
        (_record(suite="losses"), {}, "of the suite table5, not losses"),
        (_record(seeds=1), {}, r"of 2 seed\(s\), 0 to 1, of which some are not asked for"),
        (
            _record((ROWS[0], replace(ROWS[1], changes={"base.kind": "single_attention"}))),
            {},
            "whose row swap had other changes",
        ),
        (_record(), {"optim.lr": 0.5}, r"another configuration \(optim\.lr: 0\.001 there, 0\.5 here\): give the same"),
        (_record(), {"graph.reasoning.dilations": [1, 2, 3]}, r"graph\.reasoning\.dilations: \[4, 8, 16\] there"),
        (_record(), {"infer.rescale": "clip"}, r"infer\.rescale: minmax there, clip here"),
        (_record(), {"data.limit_test": 1}, r"data\.limit_test: None there, 1 here"),
    ],
)
def test_another_run_is_refused(
    run: RunFolder, tiny: MakeConfig, record: RunRecord, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message) as raised:
        check_continues(run, record, tiny(changes))
    assert str(raised.value).endswith("or give another output; nothing was changed")
    assert "\n" not in str(raised.value)
