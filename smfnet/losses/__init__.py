"""One file per loss term, and the objectives put together from them (paper, section 2.3)."""

from smfnet.losses.features import Features, Fused, Reconstructed
from smfnet.losses.total_loss import joint_terms, stage1_terms, stage2_terms

__all__ = ["Features", "Fused", "Reconstructed", "joint_terms", "stage1_terms", "stage2_terms"]
