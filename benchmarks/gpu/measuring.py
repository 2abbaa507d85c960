"""The metrics of test pairs on a GPU, and the whole test step of a trial."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from assay.training.precision import numeric_mode, of_any_size
from benchmarks.evaluation.metrics import mean_fused, pairs
from benchmarks.gpu.size import Size
from benchmarks.timing import timed
from smfnet.data import Pair
from smfnet.fusion.test_step import measure_pairs
from smfnet.metrics import measure
from smfnet.model import build

__all__ = ["measuring"]


def measuring(size: Size, root: Path | None, device: str, repeats: int = 2) -> dict[str, Any]:
    """Seconds for one pair: its metrics alone, and fused, stretched, rounded and measured; files are read before.

    Args:
        size: width of the network, and how many pairs.
        root: a folder with `ir` and `vi`, or None for generated scenes of the mean size of RoadScene's test pairs.
        device: that fuses and measures.
        repeats: without a warm-up: a trial, too, meets every size of image for the first time.
    """
    chosen = pairs(root, size.pairs)
    some, images = chosen[: size.pairs // 5], [mean_fused(pair) for pair in chosen]
    works: dict[str, tuple[int, Callable[[], object]]] = {
        "metrics": (len(chosen), lambda: [measure(*(image.to(device) for image in each)) for each in images]),
        "test step, float32": (len(some), _test_step(size, some, device, tf32=False)),
        "test step, TF32": (len(some), _test_step(size, some, device, tf32=True)),
        "test step, TF32, by cuDNN": (len(some), _test_step(size, some, device, tf32=True, cudnn=True)),
    }
    timings = timed({name: work for name, (_, work) in works.items()}, repeats, warmup=0)
    return {
        "images": "real pairs" if root else "generated scenes",
        "pairs": len(chosen),
        "pairs_of_the_test_step": len(some),
        "mean_pixels": sum(pair.ir.numel() for pair in chosen) / len(chosen),
        "per_pair": {name: timings[name].per(count).summary() for name, (count, _) in works.items()},
    }


def _test_step(size: Size, some: list[Pair], device: str, *, tf32: bool, cudnn: bool = False) -> Callable[[], object]:
    config = size.config({"train.device": device, "train.tf32": tf32})
    network = build(config.model, seed=0).to(device).eval()

    def work() -> None:
        with (numeric_mode if cudnn else of_any_size)(config.train):
            measure_pairs(some, network.fuse, config.infer, torch.device(device))

    return work
