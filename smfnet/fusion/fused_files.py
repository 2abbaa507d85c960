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
from smfnet.data.images import read_grey
from smfnet.data.sources import look
from smfnet.metrics import SMALLEST, measure

__all__ = ["FusedFiles", "check_sizes"]

Shape = tuple[int, ...]


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
        self._check_sizes(fused.shape, ir.shape, vi.shape)
        values = measure(_levels(fused), _levels(ir), _levels(vi), metrics)
        return {name: value.item() for name, value in values.items()}

    def _check_sizes(self, fused: Shape, ir: Shape, vi: Shape) -> None:
        for source, path in ((ir, self.ir), (vi, self.vi)):
            if source != fused:
                sizes = f"{self.fused} has {_size(fused)}, {path} {_size(source)}"
                raise UserError(f"expected images of one size: {sizes}")
        if min(fused) < SMALLEST:
            raise UserError(f"{self.fused} has {_size(fused)}: expected at least {SMALLEST}x{SMALLEST}")


def check_sizes(files: Iterable[FusedFiles]) -> None:
    """Refuse images that cannot be measured, by their sizes alone; for errors see `FusedFiles.measure`."""
    for each in files:
        sizes = (look(each.fused).size, look(each.ir, each.ir_range).size, look(each.vi, each.vi_range).size)
        each._check_sizes(*sizes)


def _levels(grey: np.ndarray) -> Tensor:
    return torch.from_numpy(np.rint(grey))[None, None]


def _size(shape: Shape) -> str:
    return f"{shape[1]}x{shape[0]} pixels"
