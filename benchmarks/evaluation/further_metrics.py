"""Time of each further metric of one image pair on one core, beside a NumPy and SciPy program, in ms.

    python -m benchmarks.evaluation.further_metrics

Both compute the same values of the same images in turn. The pair is generated, of the mean size of the RoadScene test
images; the fused image is the mean of the two. Processor time is what is compared: others may use the machine.
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

import torch

from assay.config.arguments import called_by_name
from benchmarks.evaluation.metrics import Images, mean_fused, pairs
from benchmarks.result import write_result
from benchmarks.timing import timed
from smfnet.config.metrics import FURTHER
from smfnet.metrics import measure


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    if missing := [name for name in ("scipy", "skimage") if importlib.util.find_spec(name) is None]:
        raise SystemExit(f"nothing to compare with: {', '.join(missing)} not installed (make setup brings them)")
    torch.set_num_threads(1)
    (images,) = (mean_fused(pair) for pair in pairs(None, 1))
    measured = {name: _measured(name, images, options.repeats) for name in FURTHER}
    for name, each in measured.items():
        ours, theirs = (1e3 * each[which]["median_cpu_s"] for which in ("smfnet.metrics", "numpy"))
        print(f"{name:12} {ours:8.1f} ms, NumPy {theirs:8.1f} ms: {each['times_faster_by_cpu']:.1f} times faster")
    result = {"images": "a generated scene", "pixels": images[0].numel(), "metrics": measured}
    print(f"written: {write_result('evaluation.further_metrics', result, options.output)}")


def _parser() -> argparse.ArgumentParser:
    about = __doc__.partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation.further_metrics", description=about)
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="how often, after one warm-up round (5)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/further_metrics.json")
    return parser


def _measured(name: str, images: Images, repeats: int) -> dict[str, Any]:
    from benchmarks.evaluation.further_evaluator import FURTHER as EVALUATOR

    arrays = [image[0, 0].double().numpy() for image in images]
    fused, ir, vi = images
    given = {"fused": fused, "ir": ir, "vi": vi, "sources": torch.cat([ir, vi], dim=1)}
    works = {
        "smfnet.metrics": lambda: called_by_name(FURTHER[name], given, name),
        "numpy": lambda: EVALUATOR[name](*arrays),
    }
    summaries = {which: timing.summary() for which, timing in timed(works, repeats).items()}
    value = measure(*images, [name])[name].item()
    return summaries | {
        "times_faster_by_cpu": summaries["numpy"]["median_cpu_s"] / summaries["smfnet.metrics"]["median_cpu_s"],
        "relative_difference": abs(value / EVALUATOR[name](*arrays) - 1),
    }


if __name__ == "__main__":
    main()
