"""From the state of a trained stage to a network, and from a network or a rule to measured pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from assay.config.tables import builder_named
from assay.stage import Diverged
from assay.study import TEST, VAL, Measured
from assay.training.precision import device_of, of_any_size
from assay.training.proof import measure_proof, probe_samples
from assay.training.state import State, restore_model
from smfnet.config.metrics import METRICS, TASKS, further_in
from smfnet.config.root import Config
from smfnet.config.test_step import InferConfig
from smfnet.data import Pairs, Patches, png, test_pairs, training_patches, validation_pairs
from smfnet.fusion.rules import fusion_of
from smfnet.fusion.test_step import Fuse, measure_pairs, source_images
from smfnet.model import SMFNet, build
from smfnet.training import Stage
from smfnet.training.recipe import StageRecipe

__all__ = ["measured", "measured_rule", "network_of", "patches_proof", "proof_of", "sources_of"]

PICTURES = 4  # of a trial
BRANCHES = ("graph", "base_fuse", "detail_fuse", "enc.base", "enc.detail", "enc.detail.cross")
_GREY_LEVELS = 255


def network_of(config: Config, state: bytes) -> SMFNet:
    """The trained network, in evaluation mode on the trial's device."""
    network = build(config.model).to(device_of(config.train))
    restore_model(network, State.from_bytes(state))
    return network.eval()


def measured(config: Config, network: SMFNet, split: str) -> Measured:
    """The pairs of a split, fused by a network."""
    return _measured(config, network.fuse, config.infer, split)


def measured_rule(config: Config, rule: str, split: str) -> Measured:
    """The same by a rule that needs no training."""
    return _measured(config, *fusion_of(rule, config.infer), split)


def sources_of(config: Config) -> dict[tuple[str, str], bytes]:
    """Both images, `ir` and `vi`, of the pairs whose fused images are kept."""
    return {
        (pair.name, kind): png(image)
        for pair in test_pairs(config.data)[:PICTURES]
        for kind, image in source_images(pair).items()
    }


def proof_of(config: Config, stages: Sequence[Stage], network: SMFNet) -> Mapping[str, Any]:
    """What the report shows for a trained network, on a few training patches."""
    patches, device = training_patches(config.data), device_of(config.train)
    with of_any_size(config.train):
        return patches_proof(stages, network, patches, device)


def patches_proof(
    stages: Sequence[Stage], network: SMFNet, patches: Patches, device: torch.device
) -> Mapping[str, Any]:
    """The same on these patches, of which a few are taken."""
    return measure_proof(
        [StageRecipe(stage, patches) for stage in stages],
        network,
        probe_samples((patches.ir, patches.vi), device),
        BRANCHES,
        lambda _, batch: network.fuse(*batch),
        what="the fused image",
        scale=_GREY_LEVELS,
        unit="grey levels of 255",
    )


def _measured(config: Config, fuse: Fuse, infer: InferConfig, split: str) -> Measured:
    metrics = (*METRICS, *further_in(config.metrics.table))
    try:
        with of_any_size(config.train):
            found = measure_pairs(_pairs(config, split), fuse, infer, device_of(config.train), metrics)
    except ValueError as error:
        raise Diverged(str(error)) from error
    pictures = {each.name: png(each.image) for each in found[:PICTURES]} if split == TEST else {}
    read = _read(config, split, {each.name: each.image for each in found})
    return Measured(tuple((each.name, each.values | read[each.name]) for each in found), pictures)


def _read(config: Config, split: str, images: Mapping[str, np.ndarray]) -> Mapping[str, dict[str, float]]:
    """Image -> what the tasks that are asked for give it."""
    read: dict[str, dict[str, float]] = {name: {} for name in images}
    for task in config.metrics.tasks:
        measured_by = builder_named(TASKS[task], f"metrics.tasks={task}")
        for name, values in measured_by(config, split, images).items():
            read[name] |= values
    return read


def _pairs(config: Config, split: str) -> Pairs:
    return {VAL: validation_pairs, TEST: test_pairs}[split](config.data)
