"""The network of a stage and its way through it; `losses.total_loss` weighs what comes out."""

from __future__ import annotations

from torch import Tensor

from assay.training.term import Term
from smfnet.losses import joint_terms, stage1_terms, stage2_terms
from smfnet.model import SMFNet, build
from smfnet.training.stage import JOINT, STAGE1, STAGE2, Stage

__all__ = ["stage_forward", "stage_network", "stage_terms"]


def stage_network(stage: Stage) -> SMFNet:
    """The network as the stage's seed makes it: in stage I without fusion layers; a frozen encoder has no gradient."""
    network = build(stage.config.model, seed=stage.seed, fusion=stage.kind != STAGE1)
    if stage.kind == STAGE2 and stage.config.train.freeze_encoder_stage2:
        network.enc.requires_grad_(False)
    return network


def stage_terms(stage: Stage, network: SMFNet, ir: Tensor, vi: Tensor) -> dict[str, Term]:
    """Run the network the way the stage does, and name the terms of its loss.

    Args:
        stage: stage I reconstructs, stage II fuses, the joint stage fuses or does both (`loss.joint.form`).
        ir, vi: patches, (B, 1, H, W) in [0, 1].
    """
    config, shallow = stage.config.loss, network.enc.shallow_features
    if stage.kind == STAGE1:
        return stage1_terms(config, ir, vi, network.stage1(ir, vi), shallow)
    if stage.kind == JOINT and config.joint.form == "sum":
        return joint_terms(config, ir, vi, network.stage1(ir, vi), network.stage2(ir, vi), shallow)
    return stage2_terms(config, ir, vi, network.stage2(ir, vi))


def stage_forward(stage: Stage, network: SMFNet, ir: Tensor, vi: Tensor) -> None:
    """The stage's way through the network alone; the joint stage with `loss.joint.form=sum` goes both."""
    if stage.kind == STAGE1 or (stage.kind == JOINT and stage.config.loss.joint.form == "sum"):
        network.stage1(ir, vi)
    if stage.kind != STAGE1:
        network.stage2(ir, vi)
