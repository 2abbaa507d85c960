"""Fuse pairs of image files, one after the other; a pair that cannot be fused does not end the others."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assay.config.errors import UserError
from assay.console.progress import Work, about
from assay.files import wrote
from smfnet.data.images import write_png
from smfnet.fusion.fuse import Fuser
from smfnet.fusion.image_pairs import Job
from smfnet.fusion.mark import KEY, mark_of

__all__ = ["fuse_files", "fused", "seconds_a_pixel"]

Told = Callable[[str], None]

_LONG_S = 10  # from here on it is worth a line
_WARM_UP, _PROBE = 32, 96  # sides of images; the first time is longer than any other
_PROBE_S = 0.3


def fuse_files(fuser: Fuser, jobs: Sequence[Job], moved: Callable[[float], None]) -> Iterator[Path | UserError]:
    """Fuse pairs and write each as a PNG file, whole or not at all.

    Args:
        fuser: how to fuse.
        jobs: pairs, each of which is read when its turn comes.
        moved: called with the number of pixels that have just been done.

    Yields:
        Of each pair its file, once it is written, or why there is none.
    """
    for job in jobs:
        done = 0.0

        def count(share: float, job: Job = job) -> None:
            nonlocal done
            done += share * job.pixels
            moved(share * job.pixels)

        try:
            _write(job, fuser.image(job.pair.read(training=False), count), fuser.maker)
            wrote(job.target)
            yield job.target
        except UserError as error:
            yield error
        moved(job.pixels - done)


def fused(
    fuser: Fuser, jobs: Sequence[Job], done: list[Path], errors: list[str], told: Told, lost: Told, *, progress: bool
) -> None:
    """Fuse pairs and show how far it has come.

    Args:
        fuser: how to fuse.
        jobs: pairs.
        done: what is fused already; every further file is added once it is written.
        errors: what has gone wrong before; what goes wrong now is added.
        told: called with a line where it takes long.
        lost: called with every error, once anything is fused; before that an error may be the only one.
        progress: show it.
    """
    pixels = sum(job.pixels for job in jobs)
    guess_s = seconds_a_pixel(fuser) * pixels if jobs else 0.0
    if guess_s > _LONG_S:
        told(f"{len(jobs)} pair{'s' if len(jobs) > 1 else ''}, {pixels / 1e6:.1f} megapixels: {about(guess_s)}")
    known = _tell(lost, errors, 0) if done else 0
    with Work("fused", pixels, guess_s, shown=progress) as work:
        for result in fuse_files(fuser, jobs, work.moved):
            if isinstance(result, Path):
                done.append(result)
            else:
                errors.append(str(result))
            known = _tell(lost, errors, known) if done else known


def _tell(lost: Told, errors: Sequence[str], known: int) -> int:
    """Tell of what nobody knows yet; returns how many are known now."""
    for line in errors[known:]:
        lost(line)
    return len(errors)


def seconds_a_pixel(fuser: Fuser) -> float:
    """About how long a pixel takes, by a small image that takes a second at most; 0 if that cannot be fused."""
    try:
        _seconds(fuser, _WARM_UP)
        first = _seconds(fuser, _PROBE)
        best = min(first, *(_seconds(fuser, _PROBE) for _ in range(2))) if first < _PROBE_S else first
    except RuntimeError:  # the first pair will tell
        return 0.0
    return best / _PROBE**2


def _seconds(fuser: Fuser, side: int) -> float:
    images = (torch.rand(1, 1, side, side, device=fuser.device) for _ in range(2))
    began = time.perf_counter()
    with torch.inference_mode():
        fuser.fuse(*images).cpu()
    return time.perf_counter() - began


def _write(job: Job, image: NDArray[np.uint8], maker: str | None) -> None:
    texts = {} if maker is None else {KEY: mark_of(maker, job.pair, image)}
    try:
        write_png(job.target, image, texts)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG):
            raise
        raise UserError(
            f"{job.target}: the file system takes no such name: rename the pair, or give another --output"
        ) from error
