"""Time of all eleven metric values of one image pair on one core, beside the field's way of computing them.

    python -m benchmarks.evaluation.metrics [--root DIR]

Both compute the same values of the same images in turn. `DIR` holds `ir` and `vi` with real pairs; without it,
generated scenes of the mean size of the RoadScene test images. The fused image is the mean of the two.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.result import write_result
from benchmarks.timing import Timing, timed
from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.config.metrics import METRICS
from smfnet.data import Pair, test_pairs
from smfnet.data.folder import pairs_in
from smfnet.metrics import measure

# 0.931 s a pair: the evaluator that the published tables come from, five RoadScene pairs, one quiet core (AMD EPYC).
PUBLISHED_S = 0.931
SIZE = (319, 499)  # 159,300 pixels are the mean of the RoadScene test images

_RATIOS = ("median_s", "median_cpu_s")

Images = tuple[Tensor, Tensor, Tensor]


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    images = [mean_fused(pair) for pair in pairs(options.root, options.pairs)]
    works: dict[str, Callable[[], object]] = {"smfnet.metrics": lambda: [measure(*each) for each in images]}
    evaluate = _evaluator()
    if evaluate:
        works["evaluator"] = lambda: [evaluate(each) for each in images]
    timings = {name: timing.per(len(images)) for name, timing in timed(works, options.repeats).items()}
    measured = _measured(timings, images, options.root)
    if evaluate:
        measured["largest_relative_difference"] = _difference(evaluate, images)
    _print(measured)
    print(f"written: {write_result('evaluation.metrics', measured, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluation.metrics", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder with ir and vi (default: generated scenes)")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="how many pairs (5)")
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="how often, after one warm-up round (7)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/metrics.json")
    return parser


def pairs(root: Path | None, count: int) -> list[Pair]:
    if root:
        return [files.read(training=False) for files in pairs_in(root, "ir", "vi")[:count]]
    scenes = ScenesConfig(test_pairs=count, height=SIZE[0], width=SIZE[1])
    return list(test_pairs(DataConfig(scenes=scenes)))


def mean_fused(pair: Pair) -> Images:
    ir, vi = ((255 * image[None]).round() for image in (pair.ir, pair.vi))
    return ((ir + vi) / 2).round(), ir, vi


def _evaluator() -> Callable[[Images], dict[str, float]] | None:
    """The field's way; None where its packages are missing."""
    missing = [name for name in ("scipy", "skimage") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"the evaluator is left out: {', '.join(missing)} not installed (make setup brings them)")
        return None
    from benchmarks.evaluation.evaluator import evaluate

    return lambda images: evaluate(*(image[0, 0].double().numpy() for image in images))


def _measured(timings: dict[str, Timing], images: Sequence[Images], root: Path | None) -> dict[str, Any]:
    per_pair = {name: timing.summary() for name, timing in timings.items()}
    ours = per_pair["smfnet.metrics"]
    measured: dict[str, Any] = {
        "images": "real pairs" if root else "generated scenes",
        "pairs": len(images),
        "mean_pixels": statistics.fmean(fused.numel() for fused, _, _ in images),
        "per_pair": per_pair,
    }
    published = dict.fromkeys(_RATIOS, PUBLISHED_S)  # of a quiet core: wall and processor time are the same
    for name, theirs in ({"published": published} | per_pair).items():
        if name != "smfnet.metrics":
            measured[f"times_faster_than_{name}"] = {f"by_{key}": theirs[key] / ours[key] for key in _RATIOS}
    return measured


def _difference(evaluate: Callable[[Images], dict[str, float]], images: Sequence[Images]) -> dict[str, float]:
    """Largest relative difference of each metric: both compute the same."""
    worst = dict.fromkeys(METRICS, 0.0)
    for each in images:
        expected = evaluate(each)
        for name, value in measure(*each).items():
            worst[name] = max(worst[name], abs(value.item() / expected[name] - 1))
    return worst


def _print(measured: dict[str, Any]) -> None:
    print(f"{measured['pairs']} {measured['images']}, {measured['mean_pixels']:.0f} pixels each, one thread")
    for name, summary in measured["per_pair"].items():
        median, low, high, cpu = (
            1e3 * summary[key] for key in ("median_s", "first_quartile_s", "third_quartile_s", "median_cpu_s")
        )
        print(f"{name:16} {median:8.1f} ms a pair (quartiles {low:.1f} to {high:.1f}; processor {cpu:.1f})")
    for key, title in (("evaluator", "the evaluator here"), ("published", f"{PUBLISHED_S} s a pair")):
        if ratios := measured.get(f"times_faster_than_{key}"):
            wall, cpu = (ratios[f"by_{name}"] for name in _RATIOS)
            print(f"{wall:.1f} times faster than {title} (by processor time {cpu:.1f})")


if __name__ == "__main__":
    main()
