"""Which conventions a printed row was measured by, called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smfnet.api.given import Place, shown, sources_given

if TYPE_CHECKING:
    from smfnet.conventions.search import Found
    from smfnet.data.folder import Odd

__all__ = ["conventions_of"]


def conventions_of(
    fused: Place, ir: Place, vi: Place, row: str, odd: Odd | None = None, *, progress: bool = True
) -> Found:
    """Try every known convention of the metrics of a printed row on the images that it is of.

    Args:
        fused, ir, vi: folders, as for `evaluate`.
        row: `EN=6.95 SD=35.8`.
        odd: takes images whose names are not UTF-8, which are then passed over and no error.
        progress: show it.

    Returns:
        Of each metric its candidates, closest first, under the reading of the files that explains most.

    Raises:
        UserError: the row cannot be read, an image lacks a source, sizes differ, or an image is too small.
    """
    from smfnet.conventions import CONVENTIONS
    from smfnet.conventions.reading import read
    from smfnet.conventions.row import read_row
    from smfnet.conventions.search import found
    from smfnet.methods.named import Method
    from smfnet.methods.scenes import scenes_of

    printed = read_row(row, dict.fromkeys(each.metric for each in CONVENTIONS))
    sources = sources_given(ir, vi, ("--ir", "--vi"), odd)
    files = scenes_of("", [Method("", Path(fused))], sources, odd=odd).files[""]
    images = shown(files, len(files), progress=progress)
    return found(printed, (read((each.fused, each.ir, each.vi)) for each in images))
