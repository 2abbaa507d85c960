"""Tiles beside one pass: how far apart the images are, seconds a megapixel, and the memory of a pair of 4000 x 3000.

    python -m benchmarks.fuse [PART ...] [--root DIR] [--weights FILE] [--large WIDTH HEIGHT] [--memory 4GiB]

`DIR` holds `ir` and `vi` with real pairs, of which three are taken; without it, generated scenes. `FILE` is what
`python -m platform.fuse RUN ROW --save-weights FILE` wrote; without it, the network of preset `quick` as it begins. The
large pair is fused in a process of its own, whose peak is the system's count of what was resident. "Naive" are tiles
that overlap by 32 pixels, each fused by itself and blended by weights that sum to one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assay.training.memory import peak_memory
from benchmarks.evaluation.metrics import pairs
from benchmarks.result import RESULTS, write_result
from smfnet.config.model import ModelConfig, NetworkConfig
from smfnet.fusion.fuse import Fuser, file_fuser, network_fuser
from smfnet.fusion.tiles.bounded import Limits, limits_of
from smfnet.model import build

CPU = torch.device("cpu")
TILE, OVERLAP, PAIRS = 160, 32, 3
WIDTHS = {"quick": (8, 2), "paper": (64, 8)}
TIMED = (384, 512)


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    if options.alone:
        print(json.dumps(_large(_fuser(options.weights), *options.large, options.memory)))
        return
    output = options.output or RESULTS / "fuse.json"
    measured: dict[str, Any] = json.loads(output.read_text())["measured"] if output.is_file() else {}
    for part in options.parts:
        measured[part] = PARTS[part](options)
        print(json.dumps({part: measured[part]}, indent=1))
        print(f"written: {write_result('fuse', measured, output)}", flush=True)


def _all_apart(options: argparse.Namespace) -> dict[str, Any]:
    fuser = _fuser(options.weights)
    return {"network": fuser.title, "pairs": [_apart(fuser, *each) for each in _pairs(options.root)]}


def _all_speeds(options: argparse.Namespace) -> dict[str, Any]:
    return {name: _speed(*width) for name, width in WIDTHS.items()}


def _pairs(root: Path | None) -> list[tuple[str, Tensor, Tensor]]:
    return [(pair.name, pair.ir[None], pair.vi[None]) for pair in pairs(root, PAIRS)]


def _apart(fuser: Fuser, name: str, ir: Tensor, vi: Tensor) -> dict[str, Any]:
    """Differences to one pass, in grey levels of 255 after the stretch."""
    with torch.inference_mode():
        whole = fuser.fuse(ir, vi)
        ways = {
            "tiles": replace(fuser, limits=Limits(tile=TILE)).bounded(ir, vi),
            "naive": _naive(fuser.fuse, ir, vi),
        }
    found = {way: _grey_levels(image, whole) for way, image in ways.items()}
    return {"name": name, "height": ir.shape[2], "width": ir.shape[3], **found}


def _grey_levels(image: Tensor, whole: Tensor) -> dict[str, float]:
    difference = 255 * (_stretched(image) - _stretched(whole)).abs()
    return {"largest": difference.max().item(), "mean": difference.mean().item()}


def _stretched(image: Tensor) -> Tensor:
    low, high = image.min(), image.max()
    return (image - low) / (high - low)


def _naive(fuse: Callable[[Tensor, Tensor], Tensor], ir: Tensor, vi: Tensor) -> Tensor:
    total, weight = torch.zeros_like(ir), torch.zeros_like(ir)
    for top in _starts(ir.shape[2]):
        for left in _starts(ir.shape[3]):
            part = (..., slice(top, top + TILE), slice(left, left + TILE))
            window = _window(ir[part])
            total[part] += window * fuse(ir[part].contiguous(), vi[part].contiguous())
            weight[part] += window
    return total / weight


def _starts(side: int) -> list[int]:
    return [*range(0, max(side - TILE, 0), TILE - OVERLAP), max(side - TILE, 0)]


def _window(tile: Tensor) -> Tensor:
    """Falls off towards the edges, within the overlap."""
    rows, columns = (
        ((torch.minimum(torch.arange(n), torch.arange(n).flip(0)) + 1) / OVERLAP).clamp(max=1) for n in tile.shape[2:]
    )
    return rows[:, None] * columns


def _speed(width: int, heads: int) -> dict[str, float]:
    network = build(ModelConfig(network=NetworkConfig(width=width, heads=heads)), seed=1).eval()
    images = torch.rand(2, 1, 1, *TIMED, generator=torch.Generator().manual_seed(1)).unbind()
    megapixels = TIMED[0] * TIMED[1] / 1e6
    tiled = replace(network_fuser(network, CPU), limits=Limits(tile=256)).bounded
    with torch.inference_mode():
        tiled(*images)  # traces the network, once
        taken = {"whole": _cpu_s(lambda: network.fuse(*images)), "tiles": _cpu_s(lambda: tiled(*images))}
    return {f"{way}_{kind}": s / megapixels for way, times in taken.items() for kind, s in times.items()}


def _cpu_s(work: Callable[[], object]) -> dict[str, float]:
    began, cpu_began = time.perf_counter(), time.process_time()
    work()
    return {"s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu_began}


def _large(fuser: Fuser, width: int, height: int, memory: str) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(1)
    ir, vi = torch.rand(2, 1, 1, height, width, generator=generator).unbind()
    bounded = replace(fuser, limits=limits_of(memory, None)).bounded
    side = bounded.side(height, width)
    with torch.inference_mode():
        times = _cpu_s(lambda: bounded(ir, vi))
    return {"width": width, "height": height, "memory": memory, "tile": side, "peak_bytes": peak_memory(CPU), **times}


def _in_a_process(options: argparse.Namespace) -> dict[str, Any]:
    words = ["--alone", "--memory", options.memory, "--large", *map(str, options.large)]
    words += ["--weights", str(options.weights)] if options.weights else []
    done = subprocess.run([sys.executable, "-m", "benchmarks.fuse", *words], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


PARTS: dict[str, Callable[[argparse.Namespace], Any]] = {
    "grey_levels_apart": _all_apart,
    "large": _in_a_process,
    "seconds_a_megapixel": _all_speeds,
}


def _fuser(weights: Path | None) -> Fuser:
    if weights:
        return file_fuser(weights, CPU)
    width, heads = WIDTHS["quick"]
    return network_fuser(build(ModelConfig(network=NetworkConfig(width=width, heads=heads)), seed=1), CPU)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    text = "what to measure: grey_levels_apart, large, seconds_a_megapixel (default: all); the result keeps the others"
    parser.add_argument("parts", nargs="*", default=[*PARTS], metavar="PART", help=text)
    parser.add_argument("--root", type=Path, metavar="DIR")
    parser.add_argument("--weights", type=Path, metavar="FILE")
    parser.add_argument("--large", type=int, nargs=2, default=[4000, 3000], metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--memory", default="4GiB")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path)
    return parser


if __name__ == "__main__":
    main()
