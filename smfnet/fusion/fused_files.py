"""Fused images of any method, measured beside their sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from assay.config.errors import UserError
from smfnet.config.metrics import METRICS
from smfnet.config.value_range import ValueRange
from smfnet.data.folder import images_in
from smfnet.data.images import read_grey
from smfnet.metrics import SMALLEST, measure

__all__ = ["FusedFiles", "fused_files"]


@dataclass(frozen=True)
class FusedFiles:
    """A fused image and its sources.

    Attributes:
        name: the files' stem.
        fused, ir, vi: the files.
        ir_range, vi_range: which values of the sources are black and white; see `read_grey`.
    """

    name: str
    fused: Path
    ir: Path
    vi: Path
    ir_range: ValueRange | None = None
    vi_range: ValueRange | None = None

    def measure(self, metrics: Iterable[str] = METRICS) -> dict[str, float]:
        """These metrics, of grey levels read as the field's evaluators do: luma, rounded.

        Raises:
            UserError: a file is damaged, the sizes differ, or the image is too small.
        """
        fused, ir = read_grey(self.fused), read_grey(self.ir, self.ir_range)
        vi = read_grey(self.vi, self.vi_range)
        for source, path in ((ir, self.ir), (vi, self.vi)):
            if source.shape != fused.shape:
                raise UserError(f"expected images of one size: {self.fused} has {_size(fused)}, {path} {_size(source)}")
        if min(fused.shape) < SMALLEST:
            raise UserError(f"{self.fused} has {_size(fused)}: expected at least {SMALLEST}x{SMALLEST}")
        values = measure(_levels(fused), _levels(ir), _levels(vi), metrics)
        return {name: value.item() for name, value in values.items()}


def fused_files(fused: Path, ir: Path, vi: Path) -> tuple[list[FusedFiles], int]:
    """Pair three folders by the stems of their files.

    Returns:
        The fused images, by name, and how many pairs of sources have no fused image.

    Raises:
        UserError: a folder is missing or empty, two images have one stem, or a fused image lacks a source.
    """
    images, infrared, visible = images_in(fused), images_in(ir), images_in(vi)
    for sources, folder in ((infrared, ir), (visible, vi)):
        alone = [path for stem, path in images.items() if stem not in sources]
        if alone:
            more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
            raise UserError(f"{alone[0]} lacks a source{more}: expected {folder / alone[0].stem}.*")
    unused = (infrared.keys() & visible.keys()) - images.keys()
    return [FusedFiles(stem, path, infrared[stem], visible[stem]) for stem, path in images.items()], len(unused)


def _levels(grey: np.ndarray) -> Tensor:
    return torch.from_numpy(np.rint(grey))[None, None]


def _size(image: np.ndarray) -> str:
    return f"{image.shape[1]}x{image.shape[0]} pixels"
