"""Files that one worker of a machine decodes for all: as training patches, and as pixels of pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from assay.files import NodeArrays, once_a_node
from smfnet.config.data import DataConfig
from smfnet.data.fingerprint import fingerprint
from smfnet.data.folder import FilePair
from smfnet.data.pair import Pair, pair_of
from smfnet.data.patches import Patches, patches

__all__ = ["DecodedPair", "decoded_once", "patches_once"]


@dataclass(frozen=True)
class DecodedPair:
    """A pair of files that are decoded.

    Attributes:
        name: of the pair.
        number: in its part of the data.
        pixels: of all pairs of that part.
    """

    name: str
    number: int
    pixels: NodeArrays

    def read(self, *, training: bool) -> Pair:
        """See `pair_of`."""
        ir, vi = (self.pixels[f"{self.number}-{kind}"] for kind in ("ir", "vi"))
        return pair_of(self.name, ir, vi, training=training)


def decoded_once(config: DataConfig, part: str, files: Sequence[FilePair]) -> Sequence[FilePair | DecodedPair]:
    """The pairs of a part: in a worker of a run decoded once a machine, elsewhere as they are.

    Args:
        config: the data set.
        part: `val` or `test`.
        files: its pairs.

    Raises:
        UserError: a file cannot be read.
    """
    pixels = once_a_node(f"pixels-{fingerprint(config, part)}", lambda: _pixels(files))
    if pixels is None:
        return files
    return [DecodedPair(pair.name, number, pixels) for number, pair in enumerate(files)]


def patches_once(config: DataConfig, pairs: Sequence[Pair]) -> Patches:
    """The patches of the training pairs, which are read and cut once a machine in the workers of a run.

    Raises:
        UserError: see `patches`, or a file cannot be read.
    """
    made: list[Patches] = []

    def make() -> Iterator[tuple[str, np.ndarray]]:
        made.append(patches(pairs, config))
        yield "ir", made[0].ir.numpy()
        yield "vi", made[0].vi.numpy()

    shared = once_a_node(f"patches-{fingerprint(config, 'train')}", make)
    if shared:
        return Patches(torch.from_numpy(shared["ir"]), torch.from_numpy(shared["vi"]))
    return made[0] if made else patches(pairs, config)


def _pixels(files: Sequence[FilePair]) -> Iterator[tuple[str, np.ndarray]]:
    for number, pair in enumerate(files):
        for kind, image in zip(("ir", "vi"), pair.pixels(), strict=True):
            yield f"{number}-{kind}", _small(image)


def _small(image: np.ndarray) -> np.ndarray:
    """In 8 bits where these say the same; what is computed from the image is computed in float32 either way."""
    small = image.astype(np.uint8)
    return small if (small == image).all() else image
