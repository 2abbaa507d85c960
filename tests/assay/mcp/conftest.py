"""A study whose trainings take no time, and a desk at which it can be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

import assay.cluster
from assay.mcp.desk import Desk
from tests.one_worker import OneByOne

STUDY = """\
title: a line
command: sh train.sh {seed} {bias} {width} {output} {kind}
parameters:
  bias: true
  width: {default: 8, low: 4, high: 64}
  kind: {default: plain, choices: [plain, round]}
results: test.csv
validation: val.csv
sample: sample
metrics:
  error: {better: smaller}
  score: {better: larger}
seeds: 3
rows:
  ours: {title: all parts}
  no_bias: {title: w/o bias, changes: {bias: false}}
"""
# Without its bias the error is larger by 5 and the score smaller; everything else is noise of seed and sample.
SCRIPT = """\
awk -v seed="$1" -v bias="$2" -v width="$3" 'BEGIN {
  srand(seed * 131 + width * 7 + (bias == "true")); worse = (bias == "true") ? 0 : 5; training = rand() / 20
  print "sample,error,score"
  for (n = 0; n < 6; n++) { x = training + rand() / 20; print n "," 10 + n + worse + x "," 5 + n - worse + x }
}' > "$4/test.csv"
cp "$4/test.csv" "$4/val.csv"
"""


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> OneByOne:
    """Trials run in this process."""
    one = OneByOne()
    monkeypatch.setattr(assay.cluster, "execute_trials", one)
    return one


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: OneByOne) -> Desk:
    """In an empty folder, with `line.yaml` beside it."""
    monkeypatch.chdir(tmp_path)
    Path("line.yaml").write_text(STUDY)
    Path("train.sh").write_text(SCRIPT)
    return Desk("line.yaml", Path("runs"), ["storage=store"])
