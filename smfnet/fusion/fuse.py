"""Fuse image files with what a run has trained, or with the authors' release."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from assay.config.errors import UserError
from assay.runs import Run
from smfnet.config.root import Config
from smfnet.config.test_step import InferConfig
from smfnet.config.value_range import ValueRange
from smfnet.data.folder import FilePair
from smfnet.data.images import write_png
from smfnet.fusion.rules import fusion_of
from smfnet.fusion.test_step import Fuse, fused_image
from smfnet.model import SMFNet, load_released_checkpoint

__all__ = ["Fuser", "fuse_files", "released_fuser", "row_fuser"]


@dataclass(frozen=True)
class Fuser:
    """A way to fuse.

    Attributes:
        title: what it is, in words.
        fuse: from infrared and visible, (1, 1, H, W) in [0, 1], to the fused image.
        infer: colour and stretch.
        device: where `fuse` runs.
        ranges: which values of infrared and visible files were black and white where it was trained.
    """

    title: str
    fuse: Fuse
    infer: InferConfig
    device: torch.device
    ranges: tuple[ValueRange | None, ValueRange | None] = (None, None)


def row_fuser(run: Run, row: str, seed: int | None, device: torch.device, storage: str | None = None) -> Fuser:
    """The stored network, or the training-free rule, of a row.

    Args:
        run: an ablation's.
        row: name of the row.
        seed: of the trial; the first finished one if None. Training-free rows have none.
        device: where to fuse.
        storage: root of the store, where it is not the one that the run names.

    Raises:
        UserError: no such row or seed, or its weights are not in the store.
    """
    config: Config = run.config(row)
    ranges = (config.data.range_of("ir_range"), config.data.range_of("vi_range"))
    found = next(each for each in run.record.rows if each.name == row)
    if found.baseline:
        return Fuser(found.title, *fusion_of(row, config.infer), device, ranges)
    network: SMFNet = run.network(row, seed, storage=storage)
    title = f"{found.title}, seed {run.seeds(row)[0] if seed is None else seed}"
    return Fuser(title, network.to(device).fuse, config.infer, device, ranges)


def released_fuser(path: Path, device: torch.device) -> Fuser:
    """The network of a checkpoint in the layout of the authors' release.

    Raises:
        UserError: the file is no such checkpoint.
    """
    network = load_released_checkpoint(path)
    return Fuser(path.name, network.to(device).eval().fuse, InferConfig(), device)


def fuse_files(fuser: Fuser, pairs: Sequence[FilePair], output: Path) -> Iterator[Path]:
    """Fuse pairs one after the other and write each as a PNG file, whole or not at all.

    Args:
        fuser: how to fuse.
        pairs: image files; each is read when its turn comes.
        output: folder; made if it is not there. A file is named as its sources are, in NFC.

    Yields:
        The file of each pair, once it is written.

    Raises:
        UserError: two names differ in case alone and the output's file system does not tell that, the output folder
            holds the sources or takes no such name, an image cannot be read, the network gives no finite image, or
            there is not enough memory.
    """
    for path, pair in zip(_targets(pairs, output), pairs, strict=True):
        _write(path, _fused(fuser, pair))
        yield path


def _targets(pairs: Sequence[FilePair], output: Path) -> list[Path]:
    """Where each pair goes: a file of the same name."""
    for pair in pairs:
        if output.resolve() in (pair.ir.parent.resolve(), pair.vi.parent.resolve()):
            raise UserError(f"{output} holds the sources: expected another folder for the fused images")
    targets = [output / f"{pair.stem}.png" for pair in pairs]
    alike: dict[str, Path] = {}
    for target in targets:
        twin = alike.setdefault(target.name.casefold(), target)
        if twin is not target and not _tells_case(output):
            raise UserError(f"{twin} and {target} would be one file in that folder's file system: rename one")
    return targets


def _tells_case(folder: Path) -> bool:
    """Whether the file system of a folder, which is made, takes capitals and small letters for different ones."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".a", suffix=".part") as probe:
        path = Path(probe.name)
        return not path.with_name(path.name.upper()).exists()


def _write(path: Path, image: np.ndarray) -> None:
    try:
        write_png(path, image)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG):
            raise
        raise UserError(
            f"{path}: the file system takes no such name: rename the pair, or give another --output"
        ) from error


def _fused(fuser: Fuser, files: FilePair) -> np.ndarray:
    pair = files.read(training=False)
    try:
        return fused_image(fuser.fuse, pair, fuser.infer, fuser.device)
    except ValueError as error:
        raise UserError(f"{error}: this network cannot be used") from error
    except RuntimeError as error:  # torch has no exception of its own for the CPU's memory
        if isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error):
            size = f"{pair.vi.shape[2]}x{pair.vi.shape[1]} pixels"
            raise UserError(
                f"{files.vi}: {size} need more memory than {fuser.device} has: use a smaller image"
            ) from error
        raise
