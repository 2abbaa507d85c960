"""What `train.recompute` saves and costs: MiB that a stage keeps for the way back, a sample, and seconds of a step.

    python -m benchmarks.training.recompute [--patch N]

Forwards and backwards through both stages at full width, one pair of patches, on the CPU, one thread; with and without
in turn. What is kept grows with the pixels: a sample of 128 x 128 keeps four times as much as one of 64 x 64.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from assay.config.changes import apply
from assay.training.recipe import Batch
from assay.training.term import total
from benchmarks.result import write_result
from benchmarks.timing import timed
from smfnet.config.root import Config
from smfnet.data import Patches
from smfnet.training import STAGE1, STAGE2, Stage
from smfnet.training.recipe import StageRecipe

SIDES = {"kept": False, "recomputed": True}


def main() -> None:
    """Measure, print and write the result."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    measured: dict[str, Any] = {"patch": options.patch, "batch": 1}
    for kind in (STAGE1, STAGE2):
        measured[kind] = _measured(kind, options.patch, options.repeats)
        for name, side in measured[kind].items():
            print(f"{kind} {name}: {side['saved_mib']:.0f} MiB, {side['median_cpu_s']:.2f} s of a core", flush=True)
    print(f"written: {write_result('training.recompute', measured, options.output)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training.recompute", description=str(__doc__).partition("\n")[0]
    )
    parser.add_argument("--patch", type=int, default=128, metavar="N", help="side of the patches, pixels (128)")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="how often, after a warm-up (5)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: benchmarks/results/recompute.json")
    return parser


def _measured(kind: str, patch: int, repeats: int) -> dict[str, Any]:
    recipes = {name: _recipe(kind, patch, recompute=recompute) for name, recompute in SIDES.items()}
    networks = {name: recipe.network() for name, recipe in recipes.items()}
    batches = {name: next(iter(recipe.batches(0, torch.device("cpu")))) for name, recipe in recipes.items()}
    works = {name: partial(_step, recipes[name], networks[name], batches[name]) for name in SIDES}
    timings = timed(works, repeats)
    return {
        name: timings[name].summary() | {"saved_mib": _saved(recipes[name], networks[name], batches[name])}
        for name in SIDES
    }


def _recipe(kind: str, patch: int, *, recompute: bool) -> StageRecipe:
    changes = {"train.device": "cpu", "train.batch": 1, "train.recompute": recompute}
    images = torch.rand(2, 1, 1, patch, patch, generator=torch.Generator().manual_seed(0))
    return StageRecipe(Stage(kind, apply(Config(), changes), seed=0), Patches(images[0], images[1]))


def _step(recipe: StageRecipe, network: nn.Module, batch: Batch) -> None:
    network.zero_grad(set_to_none=True)
    total(recipe.terms(network, batch)).backward()


def _saved(recipe: StageRecipe, network: nn.Module, batch: Batch) -> float:
    """MiB of all memory that is kept from forwards to backwards, the weights left out."""
    weights = {each.untyped_storage().data_ptr() for each in network.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = total(recipe.terms(network, batch))
    loss.backward()
    return sum(kept.values()) / 2**20


if __name__ == "__main__":
    main()
