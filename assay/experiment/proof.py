"""Proof that an ablation ablated something: what the trained network and its losses did, in figures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from assay.experiment.trial import Trial
from smfnet.data import Patches
from smfnet.losses import Term
from smfnet.model import SMFNet
from smfnet.training import JOINT, STAGE1, Stage, stage_terms

__all__ = ["forward_flops", "gradient_shares", "measure_proof", "weights_digest"]

PROBE_PATCHES = 2  # the cost of a proof grows with them: a backward pass for every term
BRANCHES = ("graph", "base_fuse", "detail_fuse", "enc.base", "enc.detail", "enc.detail.cross")


def measure_proof(trial: Trial, network: SMFNet, patches: Patches, device: torch.device) -> dict[str, Any]:
    """What the report shows for a trial, measured on a few training patches with the trained network.

    The same network gives the same proof: nothing in it depends on time or place.

    Returns:
        `parameters`: number per part. `tensors`: name -> shape of every parameter. `weights`: digest of all weights and
        running statistics. `flops`: stage -> those of its way through the network, forward, for one pair of patches.
        `terms`: stage -> term -> weight, value, share of the loss's value and of the sum of gradient norms over all
        parameters. `outputs`: branch -> mean absolute change of the fused image, in grey levels of 255, when the branch
        gives zero. `alarms`: what should not be (a term without gradient, a branch whose absence changes nothing).
    """
    chosen = torch.linspace(0, len(patches) - 1, min(PROBE_PATCHES, len(patches))).long()
    ir, vi = (images[chosen].to(device) for images in (patches.ir, patches.vi))
    terms = {named.stage.kind: gradient_shares(named.stage, network, ir, vi) for named in trial.stages}
    outputs = _effects(network, ir, vi)
    return {
        "parameters": {name: sum(p.numel() for p in part.parameters()) for name, part in network.parts().items()},
        "tensors": {name: list(parameter.shape) for name, parameter in network.named_parameters()},
        "weights": weights_digest(network),
        "flops": {named.stage.kind: forward_flops(named.stage, network, ir[:1], vi[:1]) for named in trial.stages},
        "terms": terms,
        "outputs": outputs,
        "alarms": _alarms(terms, outputs),
    }


def weights_digest(network: nn.Module) -> str:
    """SHA-256 of every parameter and buffer with its name: equal for equal networks only."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    return hashlib.sha256(safetensors.torch.save(tensors)).hexdigest()


def forward_flops(stage: Stage, network: SMFNet, ir: Tensor, vi: Tensor) -> int:
    """Convolutions and matrix products on the stage's way through the network, 2 for a multiplication and addition.

    A training step takes about three times as many: backward passes through weights and through features.

    Args:
        stage: which way; the joint stage with `loss.joint.form=sum` goes both.
        ir, vi: images, (B, 1, H, W) in [0, 1]; on the meta device nothing is computed.
    """
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        if stage.kind == STAGE1 or (stage.kind == JOINT and stage.config.loss.joint.form == "sum"):
            network.stage1(ir, vi)
        if stage.kind != STAGE1:
            network.stage2(ir, vi)
    return int(counter.get_total_flops())


def gradient_shares(stage: Stage, network: SMFNet, ir: Tensor, vi: Tensor) -> dict[str, dict[str, float]]:
    """For every loss term: weight, value, and its share of the loss and of the gradient norms."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    with torch.enable_grad():
        terms = stage_terms(stage, network, ir, vi)
        norms = {name: _norm(term, parameters) for name, term in terms.items()}
    values = {name: abs(term.weight * term.value.item()) for name, term in terms.items()}
    value_sum, norm_sum = sum(values.values()) or 1.0, sum(norms.values()) or 1.0
    return {
        name: {
            "weight": term.weight,
            "value": term.value.item(),
            "value_share": values[name] / value_sum,
            "gradient_share": norms[name] / norm_sum,
        }
        for name, term in terms.items()
    }


def _norm(term: Term, parameters: list[nn.Parameter]) -> float:
    """L2 norm of the weighted term's gradient over all parameters; 0 for a constant."""
    if not term.value.requires_grad:
        return 0.0
    gradients = torch.autograd.grad(term.weight * term.value, parameters, retain_graph=True, allow_unused=True)
    squares = [gradient.double().square().sum() for gradient in gradients if gradient is not None]
    return torch.stack(squares).sum().sqrt().item() if squares else 0.0


@torch.no_grad()
def _effects(network: SMFNet, ir: Tensor, vi: Tensor) -> dict[str, float]:
    """How much the fused image changes without the output of each branch."""
    whole, modules = network.fuse(ir, vi), dict(network.named_modules())
    return {name: _change_without(modules[name], network, ir, vi, whole) for name in BRANCHES if name in modules}


def _change_without(part: nn.Module, network: SMFNet, ir: Tensor, vi: Tensor, whole: Tensor) -> float:
    handle = part.register_forward_hook(lambda module, inputs, output: _zeros(output))
    try:
        return 255 * (network.fuse(ir, vi) - whole).abs().mean().item()
    finally:
        handle.remove()


def _zeros(output: Any) -> Any:
    if isinstance(output, Tensor):
        return torch.zeros_like(output)
    values = [_zeros(each) if each is not None else None for each in output]
    return type(output)(*values) if hasattr(output, "_fields") else type(output)(values)


def _alarms(terms: Mapping[str, Mapping[str, Mapping[str, float]]], outputs: Mapping[str, float]) -> list[str]:
    still = [
        f"{stage}: the term {name} has no gradient"
        for stage, shares in terms.items()
        for name, share in shares.items()
        if share["gradient_share"] == 0 and share["weight"] != 0
    ]
    idle = [
        f"the output of {name} does not change the fused image" for name, effect in outputs.items() if effect < 1e-6
    ]
    return still + idle
