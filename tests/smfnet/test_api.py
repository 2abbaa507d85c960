"""Fusing and measuring in Python: arrays and folders, and the same numbers for both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import smfnet
from assay.config.errors import UserError
from smfnet.config.metrics import EVERY_METRIC
from tests.smfnet.cli.test_fuse import world

__all__ = ["world"]


def _pair(world: Path, name: str = "b c") -> tuple[np.ndarray, np.ndarray]:
    folder = world / "test"
    return tuple(np.asarray(Image.open(folder / part / f"{name}.png")) for part in ("ir", "vi"))  # type: ignore[return-value]


@pytest.mark.parametrize("row", ["ours", "swap", "mean"])
def test_arrays_are_fused_as_files_are(world: Path, tmp_path: Path, row: str) -> None:
    run, folder = world / "run", world / "test"
    files = smfnet.fuse(run, folder / "ir", folder / "vi", row=row, output=tmp_path / "out", progress=False)
    assert [path.name for path in files] == ["a.png", "b c.png"]
    ir, vi = _pair(world)
    fused = smfnet.fuse(run, ir, vi, row=row)
    assert fused.dtype == np.uint8
    np.testing.assert_array_equal(fused, np.asarray(Image.open(files[1])))


@pytest.mark.parametrize("kind", ["uint16", "float64", "float32"])
def test_an_image_may_have_other_types(world: Path, kind: str) -> None:
    ir, vi = _pair(world)
    other = ir.astype(np.uint16) * 257 if kind == "uint16" else (ir / 255).astype(kind)
    np.testing.assert_array_equal(smfnet.fuse(world / "run", other, vi), smfnet.fuse(world / "run", ir, vi))


def test_counts_are_taken_with_their_range(world: Path) -> None:
    ir, vi = _pair(world)
    counts = 7000 + 4 * ir.astype(np.uint16)
    expected = smfnet.fuse(world / "run", ir, vi)
    np.testing.assert_array_equal(smfnet.fuse(world / "run", counts, vi, ir_range="7000:8020"), expected)


def test_a_network_fuses_as_its_run_does(world: Path) -> None:
    import assay
    from smfnet.study import study

    run = assay.load_run(world / "run", study=study())
    network = run.network("ours")
    ir, vi = _pair(world)
    np.testing.assert_array_equal(smfnet.fuse(network, ir, vi, device="cpu"), smfnet.fuse(run, ir, vi, device="cpu"))


def test_metrics_are_measured_that_are_named(world: Path) -> None:
    ir, vi = _pair(world)
    assert list(smfnet.evaluate(vi, ir, vi, metrics=["Qy", "en", "MS-SSIM", "EN"])) == ["Qy", "EN", "MS_SSIM"]
    every = smfnet.evaluate(vi, ir, vi, metrics="all")
    assert list(every) == list(EVERY_METRIC)
    assert smfnet.evaluate(vi, ir, vi).items() <= every.items()
    table = smfnet.evaluate(world / "test" / "vi", world / "test" / "ir", world / "test" / "vi", metrics="MSE,Qy")
    assert table.loc["b c"].to_dict() == {name: every[name] for name in ("MSE", "Qy")}


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (["EN", "Nafb"], r"unknown metric 'Nafb'. Did you mean Nabf\? Known: EN, .*, Qy, all"),
        ("EN,,SD", "unknown metric ''"),
        ([], "metrics: expected all, or some of EN, .*; got none"),
        ([3], "unknown metric '3'"),
        (3, "metrics: expected names"),
    ],
)
def test_a_metric_that_is_none_is_told(world: Path, metrics: Any, message: str) -> None:
    ir, vi = _pair(world)
    with pytest.raises(UserError, match=message):
        smfnet.evaluate(vi, ir, vi, metrics=metrics)


def test_arrays_are_measured_as_files_are(world: Path) -> None:
    folder = world / "test"
    table = smfnet.evaluate(folder / "vi", folder / "ir", folder / "vi", progress=False)
    assert isinstance(table, pd.DataFrame)
    assert table.index.tolist() == ["a", "b c"]
    ir, vi = _pair(world)
    assert smfnet.evaluate(vi, ir, vi) == table.loc["b c"].to_dict()


def test_methods_are_compared_by_the_means_that_each_is_measured_to_have(world: Path) -> None:
    folder = world / "test"
    methods = {"warm": folder / "ir", "bright": folder / "vi"}
    table = smfnet.compare(methods, folder / "ir", folder / "vi", against="warm", metrics="EN,SD", progress=False)
    found = table.data.set_index(["method", "metric"])
    for name, place in methods.items():
        alone = smfnet.evaluate(place, folder / "ir", folder / "vi", metrics="EN,SD", progress=False)
        for metric in ("EN", "SD"):
            assert found.loc[(name, metric), "mean"] == pytest.approx(alone[metric].mean(), rel=1e-12)
    means = found["mean"]
    assert found.loc[("bright", "EN"), "difference"] == pytest.approx(means["bright", "EN"] - means["warm", "EN"])
    assert any("any false word" in note for note in table.told)


@pytest.mark.parametrize(
    ("methods", "against", "message"),
    [
        ({}, None, r"fused: expected a folder by the name of each method, .*; got \{\}"),
        (["a"], None, r"fused: expected a folder by the name of each method, .*; got \['a'\]"),
        ({"": "ir"}, None, "expected a name before the ="),
        ({"a": "ir", "A": "vi"}, None, "the method A is given twice, as .*a and as .*A"),
        ({"a": "ir", "b": "ir"}, None, "is given twice"),
        ({"a": "ir", "b": "vi"}, "c", "unknown method 'c'"),
    ],
)
def test_methods_that_are_none_are_told(world: Path, methods: Any, against: str | None, message: str) -> None:
    folder = world / "test"
    if isinstance(methods, dict):
        methods = {name: folder / place for name, place in methods.items()}
    with pytest.raises(UserError, match=message):
        smfnet.compare(methods, folder / "ir", folder / "vi", against=against, progress=False)


def test_entropy_is_that_of_a_closed_form() -> None:
    levels = np.repeat(np.arange(32, dtype=np.uint8), 32).reshape(32, 32)
    assert smfnet.evaluate(levels, levels, levels.T.copy())["EN"] == pytest.approx(5.0, abs=1e-12)


GREY = np.zeros((20, 20), np.uint8)


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ((GREY[:10], GREY, GREY), "expected images of one size: fused has 20x10 pixels, ir 20x20 pixels"),
        ((GREY[:9], GREY[:9], GREY[:9]), "fused has 20x9 pixels: expected at least 17x17"),
        ((GREY[None], GREY, GREY), r"fused: expected an array of shape \(H, W\) or \(H, W, 3\); got \(1, 20, 20\)"),
        ((GREY, GREY.astype(np.int64), GREY), "ir: expected uint8, uint16 or floating-point numbers; got int64"),
        (
            (GREY, GREY + 7.0, GREY),
            r"ir: expected floating-point numbers in \[0, 1\]; got 7 to 7: give ir_range=LOW:HIGH",
        ),
        ((GREY, GREY + np.nan, GREY), "ir: expected finite numbers; got nan or inf"),
        ((GREY, "folder", GREY), "expected three arrays or three folders"),
    ],
)
def test_what_cannot_be_measured_is_one_line(images: Any, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        smfnet.evaluate(*images)


def test_what_cannot_be_fused_is_one_line(world: Path) -> None:
    ir, vi = _pair(world)
    run = world / "run"
    for arguments, options, reason in (
        ((ir, "folder"), {}, "expected two arrays or two folders"),
        ((world / "test" / "ir", world / "test" / "vi"), {}, "expected output=FOLDER"),
        ((ir, vi), {"row": "our"}, "unknown row 'our'. Did you mean ours"),
        ((ir, vi), {"seed": 9}, "no finished trial under seed 9"),
        ((ir, vi), {"ir_range": "1%:99%"}, "percentiles are of a set of files"),
        ((ir, vi), {"device": "gpu"}, "unknown device 'gpu'"),
        ((ir[:5], vi), {}, "expected images of one size"),
    ):
        with pytest.raises(UserError, match=reason.replace("(", r"\(")):
            smfnet.fuse(run, *arguments, **options)  # type: ignore[arg-type]


def test_tensors_and_lists_are_arrays_too(world: Path) -> None:
    import torch

    ir, vi = _pair(world)
    expected = smfnet.evaluate(vi, ir, vi)
    assert smfnet.evaluate(torch.from_numpy(vi.copy()), torch.from_numpy(ir.copy()), vi) == expected
    scaled = (ir / 255).tolist()
    assert smfnet.evaluate(vi, scaled, vi) == expected


def test_a_run_of_another_study_is_told_so(world: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(world / "run", tmp_path / "run")
    (tmp_path / "run" / "config.yaml").write_text("optim: {kind: adam}\n")
    with pytest.raises(
        UserError, match="is a run of another study than smfnet, or of another version: unknown configuration path"
    ):
        smfnet.fuse(tmp_path / "run", *_pair(world))
