"""Training patches, and the batches of an epoch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assay.config.errors import UserError
from smfnet.config.data import DataConfig
from smfnet.data.pair import Pair

__all__ = ["Patches", "batches", "cut", "no_patch_left", "patches"]

_LEAST_CONTRAST = 0.1


@dataclass(frozen=True)
class Patches:
    """Training patches.

    Attributes:
        ir, vi: (N, 1, P, P) float32 in [0, 1], registered.
    """

    ir: Tensor
    vi: Tensor

    def __len__(self) -> int:
        return len(self.ir)

    def to(self, device: torch.device | str) -> Patches:
        """The same patches on a device."""
        return Patches(self.ir.to(device), self.vi.to(device))


def patches(pairs: Sequence[Pair], config: DataConfig) -> Patches:
    """Cut every pair into patches and leave out those of low contrast.

    Args:
        pairs: training pairs.
        config: `patch`, `stride`, `drop_low_contrast`, `keep_black`.

    Raises:
        UserError: an image is smaller than a patch, or no patch is left.
    """
    room, count = torch.empty(2, 0, 1, config.patch, config.patch), 0
    for done, pair in enumerate(pairs):
        piece = cut(pair, config)
        end = count + len(piece)
        if end > room.shape[1]:
            # Memory that is not written to costs nothing: room for all that may come, and seldom a second copy.
            roomier = torch.empty(2, end + max(count, len(piece) * (len(pairs) - done)), *room.shape[2:])
            roomier[:, :count] = room[:, :count]
            room = roomier
        room[0, count:end], room[1, count:end] = piece.ir, piece.vi
        count = end
    if not count:
        raise no_patch_left(len(pairs))
    return Patches(room[0, :count], room[1, :count])


def cut(pair: Pair, config: DataConfig) -> Patches:
    """The patches of one pair; see `patches`."""
    height, width = pair.ir.shape[-2:]
    if min(height, width) < config.patch:
        raise UserError(
            f"{pair.name} has {width}x{height} pixels and data.patch is {config.patch}: "
            "expected training images that hold at least one patch; set a smaller data.patch or leave the pair out"
        )
    ir, vi = (_windows(image, config.patch, config.stride) for image in (pair.ir, pair.vi))
    if not config.drop_low_contrast:
        return Patches(ir, vi)
    keep = torch.from_numpy(~(_is_flat(ir, config.keep_black) | _is_flat(vi, config.keep_black)))
    return Patches(ir[keep], vi[keep])


def no_patch_left(pairs: int) -> UserError:
    """The error for training pairs that give no patch."""
    return UserError(
        f"none of {pairs} training pairs has a patch with enough contrast: expected at least one; "
        "set data.drop_low_contrast=false or look at the images"
    )


def batches(
    patches: Patches, batch: int, seed: int, epoch: int, steps: int | None = None
) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of one epoch, shuffled; the same for the same seed and epoch, on every device.

    Args:
        patches: to draw from, each once.
        batch: patches in a batch; the last one of an epoch may be smaller.
        seed, epoch: decide the order.
        steps: stop after so many batches; a whole epoch if None.

    Yields:
        Infrared and visible patches, each (B, 1, P, P) in [0, 1].
    """
    key = hashlib.sha256(f"batches {seed} {epoch}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(key[:7], "big"))
    order = torch.randperm(len(patches), generator=generator).split(batch)
    for index in order[:steps]:
        there = index.to(patches.ir.device)
        yield patches.ir[there], patches.vi[there]


def _windows(image: Tensor, size: int, stride: int) -> Tensor:
    """(1, H, W) -> (N, 1, size, size), row by row; what is left over at the right and the bottom is not used."""
    return image.unfold(1, size, stride).unfold(2, size, stride).reshape(-1, 1, size, size)


def _is_flat(windows: Tensor, keep_black: bool) -> np.ndarray:
    """Whether (p90 - p10) / p90 < 0.1, of 10th and 90th percentile; (N,) bool.

    The release divides 0 by 0 where p90 is 0 and so keeps black patches: `keep_black`.
    """
    low, high = np.percentile(windows.flatten(1).numpy(), (10, 90), axis=1)
    flat: np.ndarray = high - low < _LEAST_CONTRAST * high
    return flat if keep_black else flat | (high == 0)
