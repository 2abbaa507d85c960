"""Speed and memory of training on one GPU, by switch, against plain eager float32; under four minutes on one H100.

    python -m benchmarks.gpu [--root DIR] [--small] [--only PART ...]

Wall seconds of a training step of both stages at full width (batch 6, patches of 128 x 128); steps a second of one,
two, three and six processes together (patches of 48 x 48); the metrics of 50 pairs; what the card's own matrix products
and copies reach; whether a short training with the fastest switches ends where float32 ends, and whether one that is
done again ends in the same bits. `DIR` holds `ir` and
`vi` with real pairs; without it, generated scenes of the mean size of the RoadScene test images. --only has some parts
measured; --small is for trying it where there is no GPU.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu.ceilings import ceilings
from benchmarks.gpu.endings import endings
from benchmarks.gpu.kernels import kernels
from benchmarks.gpu.measuring import measuring
from benchmarks.gpu.packing import packed
from benchmarks.gpu.repeats import repeats
from benchmarks.gpu.size import FULL, SMALL, Size
from benchmarks.gpu.steps import FASTEST, PLAIN, SWITCHES, measured_steps
from benchmarks.result import write_result
from smfnet.training import STAGE1, STAGE2

__all__ = ["main"]

PACKED = {FASTEST: SWITCHES[FASTEST]}
ENDED: Mapping[str, Mapping[str, bool]] = {"float32": {}, FASTEST: SWITCHES[FASTEST]}
PARTS = ("ceilings", STAGE1, STAGE2, "kernels", "processes", "measuring", "endings", "repeats")


def main(argv: list[str] | None = None) -> None:
    """Measure, print and write the result, part by part."""
    options = _parser().parse_args(argv)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not options.small:
        raise SystemExit("no GPU here: at this size a CPU would take hours; --small tries all of it at a small one")
    size = SMALL if options.small else FULL
    measured: dict[str, Any] = {"device": device, "size": vars(size)}
    parts = _parts(size, device, options.root)
    for name in options.only or PARTS:
        began = time.perf_counter()
        measured[name] = parts[name]()
        measured.setdefault("took_s", {})[name] = round(time.perf_counter() - began, 1)
        path = write_result("gpu", measured, options.output)  # what is measured is kept, whatever comes
        print(f"{name}: {measured['took_s'][name]} s", flush=True)
    print(f"written: {path}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder with ir and vi (default: generated scenes)")
    parser.add_argument("--small", action="store_true", help="so small that a CPU goes through it; says nothing")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, metavar="PART", help=f"some of {', '.join(PARTS)}, in this order"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/gpu.json")
    return parser


def _parts(size: Size, device: str, root: Path | None) -> Mapping[str, Callable[[], Any]]:
    return {
        "ceilings": lambda: ceilings(size.product, torch.device(device)),
        STAGE1: lambda: _steps(size, STAGE1, device),
        STAGE2: lambda: _steps(size, STAGE2, device),
        "kernels": lambda: _kernels(size, device),
        "processes": lambda: _packed(size, device),
        "measuring": lambda: _measuring(size, root, device),
        "endings": lambda: _endings(size, device),
        "repeats": lambda: _repeats(size, device),
    }


def _steps(size: Size, kind: str, device: str) -> dict[str, Any]:
    """With how many times faster than the plain loop each is."""
    steps: dict[str, Any] = {}
    for name, step in measured_steps(size, kind, device):
        plain = steps.get(PLAIN, step)
        ours = "median_s" in step and "median_s" in plain
        steps[name] = step | ({"times_faster_than_plain": plain["median_s"] / step["median_s"]} if ours else {})
        print(f"{kind:7} {name:44} {_line(steps[name])}", flush=True)
    return steps


def _line(step: Mapping[str, Any]) -> str:
    if "failed" in step:
        return str(step["failed"])
    return (
        f"{1e3 * step['median_s']:8.1f} ms (first step {step['first_step_s']:.1f} s) "
        f"{step['peak_bytes'] / 2**30:5.1f} GiB {step['tflops']:6.1f} TFLOP/s  x {step['times_faster_than_plain']:.2f}"
    )


def _packed(size: Size, device: str) -> dict[str, Any]:
    result = packed(size, PACKED, size.processes, device)
    for name, by_count in result.items():
        for count, answer in by_count.items():
            print(f"{count} process(es), {name}: {answer}", flush=True)
    return result


def _kernels(size: Size, device: str) -> dict[str, Any]:
    """Of the fastest switches; one by one, since a graph hides them."""
    changes = SWITCHES[FASTEST] | {"train.cuda_graph": False}
    result = {kind: kernels(size, kind, changes, device) for kind in (STAGE1, STAGE2)}
    for kind, step in result.items():
        print(f"{kind}: {step['kernels']} kernels a step, {step['ms']:.1f} ms", flush=True)
        for each in step["operations"][:12]:
            print(f"  {each['ms']:7.2f} ms in {each['times']:4} of {each['name'][:90]}", flush=True)
    return result


def _measuring(size: Size, root: Path | None, device: str) -> dict[str, Any]:
    result = measuring(size, root, device)
    for name, timing in result["per_pair"].items():
        print(f"{name} of {result['images']}: {1e3 * timing['median_s']:.1f} ms a pair", flush=True)
    return result


def _endings(size: Size, device: str) -> dict[str, Any]:
    result = endings(size, ENDED, device)
    for name, ended in result.items():
        print(f"a short training with {name} ends at {ended['mean']:.4f} ± {ended['spread']:.4f}", flush=True)
    return result


def _repeats(size: Size, device: str) -> dict[str, Any]:
    result = {kind: repeats(size, kind, SWITCHES[FASTEST], device) for kind in (STAGE1, STAGE2)}
    for kind, each in result.items():
        for order in ("fixed", "free"):
            again = f"same bits {each[order]['same_bits']}, {1e3 * each[order]['step_s']:.1f} ms a step"
            print(f"{kind} again in a {order} order, {FASTEST}: {again}", flush=True)
    return result


if __name__ == "__main__":
    main()
