"""Time of a whole `evaluate` command over 50 pairs: start, reading, all eleven metric values, table.

    python -m benchmarks.evaluation.evaluate [--pairs 50] [--methods 1]

Generated scenes of the mean size of the RoadScene test images, as PNG files; the fused images are blends of the two.
With one process and with two, in turn, each a command of its own with one thread a process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.evaluation.metrics import SIZE
from benchmarks.result import write_result
from benchmarks.timing import Timing, timed
from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.data import test_pairs
from smfnet.data.images import write_png

WORKERS = (1, 2)


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="evaluate-") as place:
        folder = Path(place)
        _write(folder, options.pairs, options.methods)
        words = {count: _words(folder, options.methods, count) for count in WORKERS}
        works: dict[str, Callable[[], object]] = {f"{n} processes": lambda n=n: _run(words[n]) for n in WORKERS}
        timings = timed(works, options.repeats)
        same = len({(folder / f"{count}.csv").read_bytes() for count in WORKERS}) == 1
    measured: dict[str, Any] = {
        "pairs": options.pairs,
        "methods": options.methods,
        "pixels": SIZE[0] * SIZE[1],
        "command": {name: _wall(timing) for name, timing in timings.items()},
        "same_values": same,
    }
    for name, timing in timings.items():
        print(f"{name}: {timing.median:.1f} s (quartiles {timing.quartiles[0]:.1f} to {timing.quartiles[1]:.1f})")
    print(f"written: {write_result('evaluation.evaluate', measured, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluation.evaluate", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--pairs", type=int, default=50, metavar="N", help="how many pairs (50)")
    parser.add_argument("--methods", type=int, default=1, metavar="N", help="how many methods (1)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="how often, after one warm-up round (3)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/evaluate.json")
    return parser


def _wall(timing: Timing) -> dict[str, float | int]:
    """Without processor time, which is not known of other processes."""
    return {name: value for name, value in timing.summary().items() if name != "median_cpu_s"}


def _write(folder: Path, pairs: int, methods: int) -> None:
    scenes = ScenesConfig(test_pairs=pairs, height=SIZE[0], width=SIZE[1])
    for pair in test_pairs(DataConfig(scenes=scenes)):
        ir, vi = (255 * image[0].numpy() for image in (pair.ir, pair.vi))
        images = {"ir": ir, "vi": vi}
        for number in range(methods):
            share = (number + 1) / (methods + 1)
            images[f"method{number}"] = share * ir + (1 - share) * vi
        for name, image in images.items():
            (folder / name).mkdir(exist_ok=True)
            write_png(folder / name / f"{pair.name}.png", image)


def _words(folder: Path, methods: int, workers: int) -> list[str]:
    fused = [f"m{number}={folder / f'method{number}'}" for number in range(methods)]
    sources = ("--ir", str(folder / "ir"), "--vi", str(folder / "vi"))
    command = (sys.executable, "-m", "platform.evaluate")
    return [*command, *sources, "--fused", *fused, f"--workers={workers}", f"--csv={folder / f'{workers}.csv'}"]


def _run(words: list[str]) -> None:
    subprocess.run(words, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
