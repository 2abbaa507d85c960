"""The training loop: optimiser, checkpoints, and the stop at the first non-finite loss."""

from assay.training.loop import Diverged, Progress, train_stage
from assay.training.precision import device_of
from assay.training.state import EpochLog, State

__all__ = ["Diverged", "EpochLog", "Progress", "State", "device_of", "train_stage"]
