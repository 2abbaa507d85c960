"""What it costs a trial to have its images: decoded by each trial, or once for all workers of a machine.

    python -m benchmarks.training.decoding [--root DIR]

Unit: wall seconds until training patches and test pairs are there and every value was looked at once, and MiB of memory
for the patches that a worker has for itself. `DIR` holds msrs and roadscene as `preset=paper` wants them; without it,
generated scenes of 640x480 pixels are written to files first. The three ways take turns, on one thread; files are in
the system's cache, so nothing waits for a disk. All give the same bits, or the benchmark ends with an error.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import torch
from torch import Tensor

from assay.store.disk import once_a_node
from benchmarks.result import write_result
from benchmarks.timing import timed
from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.config.schema import compose
from smfnet.data import test_pairs, training_patches
from smfnet.data.images import write_png
from smfnet.data.scenes import scene_pairs

SIZE = (480, 640)


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        config = _real(options.root) if options.root else _generated(Path(folder), options.pairs)
        measured = _measured(config, options.repeats) | {"images": "real" if options.root else "generated scenes"}
    for name, numbers in measured["ways"].items():
        print(
            f"{name:28} median {numbers['median_s']:.3f} s (quartiles {numbers['first_quartile_s']:.3f} to "
            f"{numbers['third_quartile_s']:.3f})"
        )
    for name, mib in measured["own_mib_of_patches"].items():
        print(f"{name:28} {mib:.0f} MiB of its own for the patches")
    print(f"written: {write_result('training.decoding', measured, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training.decoding", description=str(__doc__).partition("\n")[0]
    )
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder with msrs and roadscene (default: scenes)")
    parser.add_argument("--pairs", type=int, default=80, metavar="N", help="training scenes (80)")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="how often, after one warm-up round (5)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/decoding.json")
    return parser


def _real(root: Path) -> DataConfig:
    return compose(["preset=paper", f"data.root={root}"]).data


def _generated(folder: Path, pairs: int) -> DataConfig:
    """Scenes in files, infrared grey and visible in colour."""
    scenes = ScenesConfig(train_pairs=pairs, test_pairs=20, height=SIZE[0], width=SIZE[1])
    for part in ("train", "test"):
        for pair in scene_pairs(scenes, part, 0):
            for kind, image in zip(("ir", "vi"), pair.images(), strict=True):
                write_png(folder / part / kind / f"{pair.name}.png", image)
    return DataConfig(source="folder", root=str(folder), val_pairs=0)


def _measured(config: DataConfig, repeats: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as shared:
        ways: dict[str, Callable[[], list[Tensor]]] = {
            "each trial for itself": lambda: _images(config, None),
            "the first of the machine": lambda: _first(config),
            "every other one": lambda: _images(config, Path(shared)),
        }
        bits = [_bits(way()) for way in ways.values()]
        if len(set(bits)) > 1:
            raise SystemExit("error: the ways give different bits")
        timings = timed({name: lambda way=way: _look(way()) for name, way in ways.items()}, repeats)
        own = {"each trial for itself": _own_mib(config, None), "every other one": _own_mib(config, Path(shared))}
        kept = sum(file.stat().st_size for file in Path(shared).rglob("*") if file.is_file())
    return {
        "training_patches": len(training_patches(config)),
        "test_pairs": len(test_pairs(config)),
        "shared_mib": kept / 2**20,
        "own_mib_of_patches": own,
        "ways": {name: timing.summary() for name, timing in timings.items()},
    }


def _images(config: DataConfig, node: Path | None) -> list[Tensor]:
    """What a trial needs, in a worker whose folder on the machine is `node`."""
    with mock.patch.object(once_a_node, "node_folder", return_value=node):
        patches = training_patches(config)
        pairs = [(pair.ir, pair.vi, *([] if pair.chroma is None else [pair.chroma])) for pair in test_pairs(config)]
    return [patches.ir, patches.vi, *(image for pair in pairs for image in pair)]


def _first(config: DataConfig) -> list[Tensor]:
    with tempfile.TemporaryDirectory() as node:
        return _images(config, Path(node))


def _look(images: list[Tensor]) -> float:
    return sum(image.sum().item() for image in images)


def _bits(images: list[Tensor]) -> str:
    digest = hashlib.blake2b()
    for image in images:
        digest.update(image.numpy().tobytes())
    return digest.hexdigest()


def _own_mib(config: DataConfig, node: Path | None) -> float:
    """Memory of the patches that no file stands behind, which workers cannot share."""
    before = _anonymous()
    with mock.patch.object(once_a_node, "node_folder", return_value=node):
        patches = training_patches(config)
    _look([patches.ir, patches.vi])
    return (_anonymous() - before) / 2**20


def _anonymous() -> int:
    memory = psutil.Process().memory_info()
    return int(memory.rss - memory.shared)


if __name__ == "__main__":
    main()
