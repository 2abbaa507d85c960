"""How SMFNet is trained: its stages, the terms that each minimises, and the learning rates."""

from smfnet.training.forward import stage_network, stage_terms
from smfnet.training.schedule import learning_rate
from smfnet.training.stage import JOINT, STAGE1, STAGE2, Stage, stages_of

__all__ = ["JOINT", "STAGE1", "STAGE2", "Stage", "learning_rate", "stage_network", "stage_terms", "stages_of"]
