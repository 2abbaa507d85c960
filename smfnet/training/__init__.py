"""Training of one stage: optimisers, clocks, checkpoints, and the stop at the first non-finite loss."""

from smfnet.training.objective import stage_terms
from smfnet.training.precision import device_of
from smfnet.training.run import Diverged, Progress, run_stage
from smfnet.training.schedule import learning_rate
from smfnet.training.stage import JOINT, STAGE1, STAGE2, Stage, stages_of
from smfnet.training.state import EpochLog, State

__all__ = [
    "JOINT",
    "STAGE1",
    "STAGE2",
    "Diverged",
    "EpochLog",
    "Progress",
    "Stage",
    "State",
    "device_of",
    "learning_rate",
    "run_stage",
    "stage_terms",
    "stages_of",
]
