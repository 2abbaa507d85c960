"""Fusing, called: arrays, folders and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.config.errors import UserError, unknown
from smfnet.api.given import KEYS, Place, Told, array_or_place, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assay.runs import Run
    from smfnet.data.folder import FilePair
    from smfnet.fusion.fuse import Fuser
    from smfnet.model import SMFNet

__all__ = ["FusedPartly", "fuse", "fuse_folders", "fuser_of"]

DEVICES = ("auto", "cpu", "cuda")


class FusedPartly(UserError):
    """Some pairs are not fused; the others are.

    Args:
        short: how many, or what ended it.
        done: the fused images.
        passed_over: lines about the others, of which whoever gave `fuse_folders` a `lost` knows.
    """

    def __init__(self, short: str, done: Sequence[Path] = (), passed_over: Sequence[str] = ()) -> None:
        super().__init__(f"{short}; passed over: {'; '.join(passed_over)}" if passed_over else short)
        self.short, self.done = short, done


def fuse(
    source: Run | SMFNet | Fuser | Place,
    ir: NDArray[Any] | Place,
    vi: NDArray[Any] | Place,
    *,
    row: str = "ours",
    seed: int | None = None,
    output: Place | None = None,
    ir_range: str | None = None,
    vi_range: str | None = None,
    storage: str | None = None,
    device: str = "auto",
    memory: str | int | None = None,
    tile: int | None = None,
    force: bool = False,
    progress: bool = True,
) -> NDArray[np.uint8] | list[Path]:
    """Fuse an infrared and a visible image, or two folders of them, with what a run has trained.

    Args:
        source: a run or its folder; a network; or a file of weights, of this project or of the authors' release.
        ir: (H, W), a folder, or a file. Arrays have 8 or 16 bits, or are floating-point numbers in [0, 1].
        vi: (H, W) or RGB (H, W, 3), a folder, or a file.
        row: of the run; a training-free row too.
        seed: of its network; the first finished one if None.
        output: where the fused images of folders go; of two files also the file.
        ir_range, vi_range: which values are black and white: `LOW:HIGH`, and for folders also percentiles of the set,
            `0.1%:99.9%`; as in the run's configuration if None.
        storage: where the weights are, if not where the run says.
        device: `auto`, `cpu` or `cuda`.
        memory: how much of it may be taken in all, `4GiB` or bytes; most of what is free if None. An image that is too
            large for it is fused tile by tile, with the same result.
        tile: side of the tiles that every image is cut into; none where the whole image fits if None.
        force: overwrite files that are no fused images of the same pair by the same network; those are kept.
        progress: show it, of folders.

    Returns:
        The fused image, uint8, with the colour of the visible one, stretched as in the run's test step; of folders the
        files, named as their sources are.

    Raises:
        FusedPartly: some images of folders could not be fused; the others are.
        UserError: the run, the row or its weights are not there, images do not belong together, an array has other
            values, or another file is there already.
        KeyboardInterrupt: it was stopped; of folders it says how many pairs are fused, which the same call keeps.
    """
    from smfnet.fusion.tiles.bounded import limits_of

    fuser = replace(fuser_of(source, row, seed, storage, device), limits=limits_of(memory, tile))
    ranges = (ir_range, vi_range)
    ir, vi = array_or_place(ir), array_or_place(vi)
    if isinstance(ir, np.ndarray) and isinstance(vi, np.ndarray):
        from smfnet.fusion.arrays import fused_array

        return fused_array(fuser, ir, vi, ranges)
    if isinstance(ir, np.ndarray) or isinstance(vi, np.ndarray):
        raise UserError("expected two arrays or two folders; got one of each")
    if output is None:
        raise UserError("expected output=FOLDER, for the fused images of folders")
    return fuse_folders(fuser, ir, vi, Path(output), ranges, force=force, progress=progress)


def fuser_of(
    source: Run | SMFNet | Fuser | Place,
    row: str = "ours",
    seed: int | None = None,
    storage: str | None = None,
    device: str = "auto",
) -> Fuser:
    """A way to fuse; see `fuse` for arguments and errors."""
    import torch
    from torch import nn

    from assay.runs import Run
    from assay.training.precision import device_here
    from smfnet.fusion.fuse import Fuser, file_fuser, network_fuser, row_fuser
    from smfnet.study import study

    if isinstance(source, Fuser):
        return source
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    place = torch.device(device_here("device", device))
    if isinstance(source, nn.Module):
        return network_fuser(source, place)
    folder = Path(source if isinstance(source, str | PathLike) else source.folder)
    if folder.is_file():
        return file_fuser(folder, place)
    return row_fuser(Run(folder, study()), row, seed, place, storage)


def fuse_folders(
    fuser: Fuser,
    ir: Place,
    vi: Place,
    output: Path,
    ranges: tuple[str | None, str | None],
    *,
    force: bool = False,
    keys: tuple[str, str] = KEYS,
    names: tuple[str, str] = ("ir", "vi"),
    told: Told = silent,
    lost: Told = silent,
    kept: Callable[[Path], None] = lambda path: None,
    progress: bool = True,
) -> list[Path]:
    """Fuse the pairs of two folders, or of two files.

    Args:
        fuser: how.
        ir, vi: folders or files.
        output: the folder of the fused images; of two files also a file that is called `.png`.
        ranges: of values, as they were given.
        force: overwrite files that are none of these images.
        keys, names: how the user gives ranges and folders, for messages.
        told: called with a line where percentiles are values of these images, and where it takes long.
        lost: called with a line about every image that is passed over.
        kept: called with every image that was fused before, by the same network of the same files; see `is_marked`.
        progress: show it.

    Returns:
        The fused images, those that were there among them.

    Raises:
        FusedPartly: some images could not be fused or written; the others are.
        UserError, OSError: no pair was fused.
        KeyboardInterrupt: it was stopped; it says how many pairs are fused.
    """
    from smfnet.fusion.fuse_files import fused
    from smfnet.fusion.image_pairs import jobs_of, pairs_of
    from smfnet.fusion.mark import is_marked
    from smfnet.fusion.ranges import with_ranges

    def made(path: Path, pair: FilePair) -> bool:
        return fuser.maker is not None and is_marked(path, fuser.maker, pair)

    errors: list[str] = []
    pairs = pairs_of(Path(ir), Path(vi), names, errors.append)
    ranged = partial(with_ranges, given=ranges, keys=keys, told=told, defaults=fuser.ranges)
    jobs = jobs_of(pairs, output, ranged, keys, errors.append, made, force=force)
    total = len(jobs) + len(errors)
    done = [job.target for job in jobs if job.done]
    for path in done:
        kept(path)
    try:
        fused(fuser, [job for job in jobs if not job.done], done, errors, told, lost, progress=progress)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(_counted(done, total)) from stop
    except OSError as error:
        if not done:
            raise
        raise FusedPartly(f"{error.strerror}: {error.filename}; {_counted(done, total)}", done) from error
    if not done:
        raise UserError(errors[0])
    if errors:
        raise FusedPartly(_counted(done, total), done, errors)
    return done


def _counted(done: Sequence[Path], total: int) -> str:
    return f"{len(done)} of {total} pair{'s are' if total > 1 else ' is'} fused"
