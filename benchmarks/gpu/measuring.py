"""The metrics of test pairs on a GPU, and the whole test step of a trial."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from assay.training.precision import numeric_mode
from benchmarks.gpu.size import Size
from benchmarks.metrics import mean_fused, pairs
from benchmarks.timing import timed
from smfnet.fusion.test_step import measure_pairs
from smfnet.metrics import measure
from smfnet.model import build

__all__ = ["measuring"]


def measuring(size: Size, root: Path | None, device: str, repeats: int = 2) -> dict[str, Any]:
    """Seconds for all pairs: their metrics alone, and fused, stretched, rounded and measured; files are read before.

    Args:
        size: width of the network, and how many pairs.
        root: a folder with `ir` and `vi`, or None for generated scenes of the mean size of RoadScene's test pairs.
        device: that fuses and measures.
        repeats: without a warm-up: a trial, too, meets every size of image for the first time.
    """
    real = pairs(root, size.pairs)
    images = [mean_fused(pair) for pair in real]
    there, config = torch.device(device), size.config({"train.device": device})
    network = build(config.model, seed=0).to(there).eval()

    def step(tf32: bool) -> Callable[[], object]:
        def work() -> None:
            with numeric_mode(size.config({"train.device": device, "train.tf32": tf32}).train):
                measure_pairs(real, network.fuse, config.infer, there)

        return work

    works: dict[str, Callable[[], object]] = {
        "metrics": lambda: [measure(*(image.to(there) for image in each)) for each in images],
        "test step, float32": step(tf32=False),
        "test step, TF32": step(tf32=True),
    }
    pixels = sum(pair.ir.numel() for pair in real) / len(real)
    timings = {name: timing.summary() for name, timing in timed(works, repeats, warmup=0).items()}
    return {"images": "real pairs" if root else "generated scenes", "pairs": len(real), "mean_pixels": pixels} | timings
