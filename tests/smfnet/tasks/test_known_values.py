"""The table of detection that is kept, and a row of it measured again on real images."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smfnet.fusion.titles import TITLES
from smfnet.tasks.detection.classes import MEAN
from smfnet.tasks.detection.detect import compared
from smfnet.tasks.detection.fastestdet import FastestDet
from smfnet.tasks.detection.truth import truth_of
from smfnet.tasks.given import images_given, known_scenes

pytest.importorskip("faster_coco_eval")


@pytest.fixture(scope="module")
def kept(root: Path) -> pd.DataFrame:
    """AP by method and class."""
    table = pd.read_csv(root / "results" / "table2" / "msrs.csv")
    return table.pivot(index="method", columns="metric", values="AP")


@pytest.mark.shared
def test_kept_values_are_measured_again(kept: pd.DataFrame, shared: Path) -> None:
    known, scenes = known_scenes("msrs", shared / "data", "test")
    visible, infrared = images_given(known, (), None, (), "test", "rgb")[:2]
    detector = FastestDet(shared / "data" / "weights" / "fastestdet_coco.onnx")
    done = compared("MSRS", [visible, infrared], scenes, truth_of(known, scenes, "test", None), detector)
    means = done.values.pivot_table(index="method", columns="metric", values="value")
    for method in (visible.title, infrared.title):
        for metric in means.columns:
            assert means.loc[method, metric] == pytest.approx(kept.loc[method, metric], abs=0.005), (method, metric)


def test_the_kept_table_has_the_rows_without_training(kept: pd.DataFrame) -> None:
    assert set(TITLES.values()) <= set(kept.index)
    assert kept[MEAN].between(0.1, 0.35).all()
