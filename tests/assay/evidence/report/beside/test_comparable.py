"""What may not be compared between runs is said, each with its reason; what may is not spoken of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assay.evidence.report.beside.comparable import uncompared
from assay.metric import Metric
from assay.store.run.folder import RowRecord, RunRecord, TrialRecord

RECORD = RunRecord(
    "ablation", "mine", ("assay",), (RowRecord("ours", "Ours"), RowRecord("no_a", "w/o A", changes={"a": False})),
    (TrialRecord("ours-seed0", "ours", 0),), ("VIF", "PSNR"), metrics=(Metric("VIF"), Metric("PSNR", unit="dB")),
    provenance={"data": {"train": "t", "test": "one"}},
)  # fmt: skip


def _other_rows(record: RunRecord) -> RunRecord:
    return replace(record, rows=(record.rows[0], RowRecord("no_a", "w/o A", changes={"a": 0.5})))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (lambda r: replace(r, provenance={"data": {"test": "two"}}), "B was not tested on the images of A"),
        (lambda r: replace(r, base_row="no_a"), "of A are to Ours, those of B to w/o A"),
        (lambda r: replace(r, columns=("VIF",)), "PSNR: measured by A alone, not by B."),
        (lambda r: replace(r, columns=("VIF", "PSNR", "X", "Y")), "X and Y: measured by B alone, not by A."),
        (lambda r: replace(r, metrics=(Metric("VIF", "smaller"),)), "VIF is not the same in B as in A: better smaller"),
        (lambda r: replace(r, metrics=(r.metrics[0], Metric("PSNR", unit="%"))), "unit % instead of dB"),
        (_other_rows, "The row no_a is not the same change: a=False in A, a=0.5 in B."),
        (lambda r: replace(r, rows=(RowRecord("full", "Full"),), base_row="full"), "A and B have no row in common."),
        (lambda r: replace(r, trials=(*r.trials, TrialRecord("x", "ours", 1))), "under 1 seed, B under 2 seeds"),
    ],
)  # fmt: skip
def test_each_thing_that_differs_is_told(changed: Callable[[RunRecord], RunRecord], told: str) -> None:
    assert any(told in sentence for sentence in uncompared({"A": RECORD, "B": changed(RECORD)}))


def test_what_decides_nothing_is_not_told() -> None:
    about = {"data": {"train": "another", "test": "one"}, "started": "later", "storage": "elsewhere"}
    other = replace(RECORD, suite="theirs", command=("x",), provenance=about, note="a note")
    assert uncompared({"A": RECORD, "B": other, "C": RECORD}) == []


def test_every_further_run_is_held_against_the_first() -> None:
    other = replace(RECORD, columns=("VIF",))
    told = uncompared({"A": RECORD, "B": other, "C": other})
    assert [sentence.split()[-1] for sentence in told] == ["B.", "C."]
