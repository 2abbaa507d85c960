"""What the inputs are made of: image pairs, a store, a run and a search as the commands themselves write them."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

__all__ = ["ABLATION", "PAIRS", "SEARCH", "SUITE", "TINY", "build", "prepare", "write_pairs"]

TINY = (
    *(
        "network.width=4",
        "network.heads=1",
        "base.transformer.groups=1",
        "base.transformer.pairs=1",
        "data.patch=16",
        "data.stride=16",
    ),
    *("data.val_pairs=1", "data.scenes={train_pairs: 2, test_pairs: 2, height: 32, width: 40}"),
    "train={epochs: 3, stage1_epochs: 1, batch: 2, steps_per_epoch: 2, device: cpu, checkpoint_s: 0}",
)
SUITE = """\
title: small
base: ours
baselines: [max]
rows:
  swap_fusion: {title: swapped, changes: {fuse.swap: true}}
  ours: {title: Ours, changes: {}}
"""
# In a folder that holds the suite, the run, the store and the search.
ABLATION = ("ours", "swap_fusion", "--suite", "small.yaml", "--output", "run", "seeds=1", "storage=store", *TINY)
SEARCH = (
    *("alpha3", "--output", "search", "--trials", "3", "--no-prune", "--confirm", "0", "storage=store", *TINY),
    "data.scenes.train_pairs=4",
)
PAIRS = ("a", "b", "c", "d")


def prepare(work: Callable[..., None]) -> None:
    """Make this process quick: one thread, `work` in place of Ray, and figures that are drawn small.

    Args:
        work: has the signature of `assay.cluster.execute_trials`.
    """
    import torch

    import assay.cluster
    from assay.config.errors import UserError

    def nobody(address: str) -> None:
        raise UserError(f"no Ray cluster answers at {address!r}")

    torch.set_num_threads(1)
    assay.cluster.execute_trials = work
    assay.cluster.check_answers = nobody
    import_module("assay.evidence.figures.save")._bytes = _sketch


def build(folder: Path) -> None:
    """Fill a folder with `pairs`, and with `small.yaml`, `store`, `run` and `search`; `prepare` is called for it."""
    from smfnet.cli.ablate import main as ablate
    from smfnet.cli.search import main as search

    write_pairs(folder / "pairs")
    (folder / "small.yaml").write_text(SUITE)
    prepare(_here)
    os.chdir(folder)
    for main, words in ((ablate, ABLATION), (search, SEARCH)):
        _quietly(main, words)
    shutil.rmtree(folder / "search" / "figures")  # every report draws them anew


def _quietly(main: Callable[[list[str]], int], words: Sequence[str]) -> None:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = main(list(words))
    if code:
        raise RuntimeError(f"{' '.join(words)}: exit code {code}\n{told.getvalue()}")


def _here(study: Any, source: Any, storage: str, cluster: Any, **options: Any) -> None:
    """`execute_trials` in this process."""
    from assay.experiment.source import Finished
    from assay.experiment.task import train_and_measure
    from assay.store.store import Store

    task = options.get("task") or train_and_measure
    while (trial := source.next()) is not Finished:
        source.finished(
            trial, task(study, trial, Store(storage), lambda report, of=trial: source.progressed(of, report))
        )


def write_pairs(folder: Path) -> None:
    """Colour beside grey, 40 x 32 pixels, with structure that survives JPEG."""
    for number, kind in enumerate(("ir", "vi", "fused")):
        (folder / kind).mkdir(parents=True)
        chance = np.random.default_rng(number)
        for name in PAIRS:
            coarse = chance.integers(0, 256, (4, 5, 3) if kind == "vi" else (4, 5), dtype=np.uint8)
            Image.fromarray(coarse).resize((40, 32), Image.Resampling.BICUBIC).save(folder / kind / f"{name}.png")


def _sketch(figure: Any, kind: str, metadata: Any) -> bytes:
    """Laid out and drawn as ever, with few pixels; the PDF, which shows the same, is left out."""
    if kind == "pdf":
        return b"%PDF"
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=20)
    return buffer.getvalue()
