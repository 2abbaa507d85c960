"""Table 4: the kept results are of that table, and SSIM on black background is what their page says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import smfnet
from assay.evidence.published import published_table
from assay.experiment.suite import load_suite
from smfnet.config.schema import compose
from smfnet.data import test_pairs as pairs_to_test
from smfnet.data.images import chroma, luma, read_grey, read_pixels
from smfnet.folders import ablations_folder, published_folder
from smfnet.fusion.rules import fusion_of
from smfnet.fusion.test_step import fused_image


def test_the_kept_table_has_the_rows_of_the_suite_beside_the_printed_numbers(root: Path) -> None:
    kept = pd.read_csv(root / "results/table4/table.csv").set_index("row")
    suite, printed = load_suite("table4", ablations_folder()), published_table("table4", published_folder())
    known = {variant.name: variant for variant in suite.variants}
    kept = kept.drop(index="noise_floor")
    assert {"ours", "infrared_visible"} < set(kept.index) <= {*known, *suite.baselines}
    assert set(kept["n_images"]) == {42}
    for row in ("ours", "infrared_visible"):
        for metric in compose(["data=harvard_pet"]).metrics.table:
            assert kept.loc[row, f"{metric}_published"] == printed.value(known[row].published, metric)
    assert "not comparable" in (root / "results/table4/table.md").read_text(encoding="utf-8")


def test_kept_results_hold_no_images_and_no_paths_of_a_machine(root: Path) -> None:
    files = [path for path in (root / "results/table4").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".md", ".csv", ".yaml"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert not [place for place in ("/tmp/", "/home/", "/work/", "/root/") if place in text]


@pytest.mark.shared
def test_one_grey_level_on_black_background_halves_ssim(shared: Path) -> None:
    folder = shared / "data/harvard/pet/test"
    pairs = [[read_grey(folder / kind / f"{name}.png") for kind in ("mri", "pet")] for name in range(11, 21)]
    rounded = [[np.rint(image).astype(np.uint8) for image in pair] for pair in pairs]
    largest = [np.maximum(*pair) for pair in rounded]
    raised = [np.maximum(image, 1) for image in largest]
    assert _ssim(largest, rounded) == pytest.approx(1.444, abs=1e-3)
    assert _ssim(raised, rounded) == pytest.approx(0.592, abs=1e-3)
    assert np.mean([image == 0 for image in largest]) == pytest.approx(0.537, abs=1e-3)


def _ssim(fused: list[np.ndarray], pairs: list[list[np.ndarray]]) -> float:
    """Mean over the pairs."""
    measured = [smfnet.evaluate(image, *pair, metrics=["SSIM"]) for image, pair in zip(fused, pairs, strict=True)]
    return float(np.mean([each["SSIM"] for each in measured]))


@pytest.mark.shared
def test_a_fused_image_has_the_colour_of_pet(shared: Path) -> None:
    config = compose(["data=harvard_pet", f"data.root={shared}/data", "data.limit_test=1"])
    (pair,) = pairs_to_test(config.data)
    rule, infer = fusion_of("mean", config.infer)
    fused = fused_image(rule, pair, infer, torch.device("cpu")).astype(np.float32)
    pet = read_pixels(shared / "data/harvard/pet/test/pet/11.png")
    inside = (fused > 0).all(axis=-1) & (fused < 255).all(axis=-1)  # nothing was cut off there
    apart = np.abs(chroma(fused) - chroma(pet))[:, inside]
    assert inside.sum() > 1000
    assert apart.max() < 1.5
    assert np.abs(luma(fused) - luma(pet))[inside].mean() > 5
