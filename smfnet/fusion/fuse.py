"""Ways to fuse: what a row of a run has trained, and what is in a file of weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assay.config.errors import UserError
from assay.runs import Run
from smfnet.config.model import ModelConfig
from smfnet.config.root import Config
from smfnet.config.test_step import InferConfig
from smfnet.config.value_range import ValueRange
from smfnet.data.pair import Pair
from smfnet.fusion.mark import maker_of
from smfnet.fusion.rules import fusion_of
from smfnet.fusion.test_step import Fuse, fused_image
from smfnet.fusion.tiles.bounded import Bounded, Limits, Moved
from smfnet.fusion.weights import Weights, is_of_this_project, packed_weights, read_weights
from smfnet.model import SMFNet, load_released_checkpoint
from smfnet.model.released import RELEASED

__all__ = ["Fuser", "file_fuser", "network_fuser", "row_fuser"]


@dataclass(frozen=True)
class Fuser:
    """A way to fuse.

    Attributes:
        title: what it is, in words.
        fuse: from infrared and visible, (1, 1, H, W) in [0, 1], to the fused image.
        infer: colour and stretch.
        device: where `fuse` runs.
        ranges: which values of infrared and visible files were black and white where it was trained.
        model: configuration of the network, if it is one whose configuration is known.
        limits: of memory.
        memory_key: how the user gives the memory, for messages.
        rule: name of the training-free rule, if it is one.
    """

    title: str
    fuse: Fuse
    infer: InferConfig
    device: torch.device
    ranges: tuple[ValueRange | None, ValueRange | None] = (None, None)
    model: ModelConfig | None = None
    limits: Limits = field(default_factory=Limits)
    memory_key: str = "memory"
    rule: str | None = None

    @property
    def network(self) -> SMFNet | None:
        """The network, if it is one."""
        network = getattr(self.fuse, "__self__", None)
        return network if isinstance(network, SMFNet) else None

    @cached_property
    def bounded(self) -> Bounded:
        """`fuse` within the limits."""
        return Bounded(self.fuse, self.device, self.limits, self.memory_key)

    @cached_property
    def maker(self) -> str | None:
        """What decides its images besides their sources, hashed; None of a network whose configuration is not known."""
        how = self.rule or (self.network and self.model and (self.network, self.model))
        return maker_of(how, self.infer, self.device) if how else None

    def image(self, pair: Pair, moved: Moved = lambda share: None) -> NDArray[np.uint8]:
        """The fused image as it is saved: (H, W), or (H, W, 3) with the colour of the visible one.

        Args:
            pair: the sources.
            moved: called with the share of the work that has just been done.

        Raises:
            UserError: the network gives no finite image, or there is not enough memory.
        """
        try:
            return fused_image(lambda ir, vi: self.bounded(ir, vi, moved), pair, self.infer, self.device)
        except UserError:
            raise
        except ValueError as error:
            raise UserError(f"{error}: this network cannot be used") from error
        except RuntimeError as error:  # torch has no exception of its own for the CPU's memory
            if isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error):
                size = f"{pair.vi.shape[2]}x{pair.vi.shape[1]} pixels"
                raise UserError(
                    f"{pair.name}: {size} need more memory than {self.device} has: give {self.memory_key}, "
                    "how much of it may be taken"
                ) from error
            raise

    def packed(self) -> bytes:
        """A file of the network with what it is fused by, for `file_fuser`.

        Raises:
            UserError: it is no network, or its configuration is not known.
        """
        if self.network is None or self.model is None:
            raise UserError(f"{self.title} has no weights: expected a row that is trained")
        return packed_weights(Weights(self.title, self.network, self.model, self.infer, self.ranges))


def row_fuser(run: Run, row: str, seed: int | None, device: torch.device, storage: str | None = None) -> Fuser:
    """The stored network, or the training-free rule, of a row.

    Args:
        run: an ablation's.
        row: name of the row.
        seed: of the trial; the first finished one if None. Training-free rows have none, and take none.
        device: where to fuse.
        storage: root of the store, where it is not the one that the run names.

    Raises:
        UserError: no such row or seed, or its weights are not in the store.
    """
    config: Config = run.config(row)
    ranges = (config.data.range_of("ir_range"), config.data.range_of("vi_range"))
    found = next(each for each in run.record.rows if each.name == row)
    if found.baseline:
        if seed is not None:
            raise UserError(f"{found.title} is not trained and has no seeds: leave seed {seed} out")
        return Fuser(found.title, *fusion_of(row, config.infer), device, ranges, rule=row)
    network: SMFNet = run.network(row, seed, storage=storage)
    title = f"{found.title}, seed {run.seeds(row)[0] if seed is None else seed}"
    return Fuser(title, network.to(device).fuse, config.infer, device, ranges, config.model)


def file_fuser(path: Path, device: torch.device) -> Fuser:
    """The network of a file of weights: one of `Fuser.packed`, or a checkpoint in the layout of the authors' release.

    Raises:
        UserError: the file is neither.
    """
    if is_of_this_project(path):
        found = read_weights(path)
        fuse = found.network.to(device).fuse
        return Fuser(found.title, fuse, found.infer, device, found.ranges, found.model)
    network = load_released_checkpoint(path).to(device).eval()
    return Fuser(path.name, network.fuse, InferConfig(), device, model=RELEASED)


def network_fuser(network: SMFNet, device: torch.device) -> Fuser:
    """A network, with the default test step."""
    return Fuser(type(network).__name__, network.to(device).eval().fuse, InferConfig(), device)
