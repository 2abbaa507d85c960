"""Measuring fused images, called: of one method or of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.config.errors import UserError
from smfnet.api.given import KEYS, Place, array_or_place, shown, silent, sources_given
from smfnet.config.metrics.chosen import chosen_metrics

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from assay.evidence.tables.methods import MethodsTable
    from smfnet.methods.compare import Compared
    from smfnet.methods.named import Method

__all__ = ["compare", "evaluate"]


def evaluate(
    fused: NDArray[Any] | Place,
    ir: NDArray[Any] | Place,
    vi: NDArray[Any] | Place,
    *,
    metrics: str | Sequence[str] | None = None,
    ir_range: str | None = None,
    vi_range: str | None = None,
    progress: bool = True,
) -> dict[str, float] | pd.DataFrame:
    """Measure a fused image beside its sources, or folders of them.

    Args:
        fused: (H, W) or RGB (H, W, 3), or a folder, for all or some of the sources. Arrays as for `fuse`.
        ir, vi: the sources, likewise.
        metrics: names of some, or `all`, further ones of the field among them; those of the paper's tables if None.
        ir_range, vi_range: as for `fuse`; 0..255, or 0..65535 of 16 bits, if None.
        progress: show it, of folders.

    Returns:
        Metric -> value, or a line per image by its name. Colour is measured as its luma, in whole grey levels.

    Raises:
        UserError: an image lacks a source, sizes differ, an image is too small, there is no such metric, or an array
            has other values.
    """
    ranges, names = (ir_range, vi_range), chosen_metrics(metrics)
    given = (array_or_place(fused), array_or_place(ir), array_or_place(vi))
    if all(isinstance(each, np.ndarray) for each in given):
        from smfnet.fusion.arrays import measured_array

        return measured_array(*given, ranges, names)
    if any(isinstance(each, np.ndarray) for each in given):
        raise UserError("expected three arrays or three folders; got some of each")
    import pandas as pd

    from smfnet.methods.named import Method

    found = _measured([Method("", Path(given[0]))], *given[1:], ranges, names, progress=progress)
    lines, _ = found.lines()
    return pd.DataFrame([values for _, values in lines], pd.Index([name for (name,), _ in lines], name="name"), names)


def compare(
    fused: Mapping[str, Place],
    ir: Place,
    vi: Place,
    *,
    against: str | None = None,
    metrics: str | Sequence[str] | None = None,
    ir_range: str | None = None,
    vi_range: str | None = None,
    progress: bool = True,
) -> MethodsTable:
    """Hold the fused images of several methods against each other, as `evaluate --fused A=DIR B=DIR` does.

    Args:
        fused: name of a method -> folder of its images; images that one of them lacks are left out for all.
        ir, vi: folders of the sources.
        against: a method that the others are judged against, paired over the images.
        metrics, ir_range, vi_range, progress: as for `evaluate`.

    Returns:
        The table: `data` has a line per method and metric with its mean, spread and mark, and with `against` the
        difference, its interval and the word; `told` says what was left out and what marks and words mean.

    Raises:
        UserError: as for `evaluate`; no methods, a name or a folder twice, or no method called as `against` says.
    """
    from smfnet.methods.named import named_methods

    methods = named_methods(fused)
    found = _measured(methods, ir, vi, (ir_range, vi_range), chosen_metrics(metrics), progress=progress)
    return found.table(against)


def _measured(
    methods: Sequence[Method],
    ir: Place,
    vi: Place,
    ranges: tuple[str | None, str | None],
    metrics: Sequence[str],
    *,
    progress: bool,
) -> Compared:
    from smfnet.methods.compare import checked, compared
    from smfnet.methods.scenes import scenes_of

    scenes = checked(scenes_of("", methods, sources_given(ir, vi)), ranges, KEYS, silent)
    return compared([scenes], metrics, partial(shown, progress=progress))
