"""What the loss on the way says of the value at the end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.curves import explained, main
from assay.store.run.folder import RunFolder
from tests.synthetic_runs import make_run, whole_run

__all__ = ["make_run", "whole_run"]

ROWS, SEEDS = ("a", "b"), range(200)


def _run(noise: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values that are the loss of epoch 1 and noise; the loss of epoch 0 and of the stage before tell nothing."""
    draw = np.random.default_rng(3)
    curves, values = [], []
    for place, row in enumerate(ROWS):
        for seed in SEEDS:
            first, loss = draw.normal(size=2)
            curves += [(row, seed, "stage1", 0, "t", 1.0, 2 * draw.normal())]
            curves += [(row, seed, "stage2", 0, "t", 2.0, first), (row, seed, "stage2", 1, "t", 1.0, loss - place)]
            curves += [(row, seed, "stage2", 1, "u", 0.5, 2.0 * place)]
            values += [(row, seed, name, "m", 10 * place - loss + noise * draw.normal()) for name in "xy"]
    columns = ["row", "seed", "stage", "epoch", "term", "weight", "value"]
    return pd.DataFrame(curves, columns=columns), pd.DataFrame(
        values, columns=["row", "seed", "image", "metric", "value"]
    )


def test_what_a_loss_tells_is_the_squared_correlation_within_rows() -> None:
    found = explained(*_run(noise=0.0))
    assert list(found.index) == [0, 1]
    assert found.loc[1, "m"] == pytest.approx(1.0, abs=1e-12)
    assert found.loc[0, "m"] < 0.02
    with_noise = explained(*_run(noise=2.0)).loc[1, "m"]  # two samples halve the noise's variance: 1 / (1 + 4 / 2)
    assert with_noise == pytest.approx(1 / 3, abs=0.08)


def test_a_run_gives_a_line_per_epoch(whole_run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(whole_run.folder)]) == 0
    head, columns, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("part of the variance")
    assert set(columns.split()) >= {"EN", "SSIM"}
    assert lines


def test_anything_but_one_run_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["/nowhere"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
