"""Proof that an ablation ablated something: what the trained network and its losses did, in figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from assay.training.recipe import Batch, Recipe
from assay.training.term import Term

__all__ = ["Output", "forward_flops", "gradient_shares", "measure_proof", "probe_samples", "weights_digest"]

_SAMPLES = 2  # the cost of a proof grows with them: a backward pass for every term
Output = Callable[[nn.Module, Batch], Tensor]


def measure_proof(
    recipes: Iterable[Recipe],
    network: nn.Module,
    batch: Batch,
    branches: Iterable[str],
    output: Output,
    what: str = "the output",
    scale: float = 1.0,
    unit: str = "",
) -> dict[str, Any]:
    """What the report shows for a trial, measured on a few training samples with the trained network.

    The same network gives the same proof: nothing in it depends on time or place.

    Args:
        recipes: of the stages that it went through.
        network: trained, in evaluation mode.
        batch: samples, on the network's device.
        branches: modules whose removal is tried, by dotted name; those that the network lacks are passed over.
        output: what the network makes of a batch.
        what: `output` in words.
        scale: from units of the output to those in which its changes are told.
        unit: these, in words.

    Returns:
        `parameters`: number per part. `tensors`: name -> shape of every parameter. `weights`: digest of all weights and
        running statistics. `flops`: stage -> those of its way through the network, forward, for one sample. `terms`:
        stage -> term -> weight, value, share of the loss's value and of the sum of gradient norms over all parameters.
        `outputs`: branch -> mean absolute change of the output when the branch gives zero. `alarms`: what should not be
        (a term without gradient, a branch whose absence changes nothing).
    """
    stages = {recipe.stage.kind: recipe for recipe in recipes}
    terms = {kind: gradient_shares(recipe, network, batch) for kind, recipe in stages.items()}
    outputs = {name: scale * change for name, change in _effects(network, batch, branches, output).items()}
    one = [tensor[:1] for tensor in batch]
    flops = {kind: forward_flops(recipe, network, one) for kind, recipe in stages.items()}
    told = {"terms": terms, "outputs": outputs, "output": what, "unit": unit, "alarms": _alarms(terms, outputs, what)}
    return {**_anatomy(network), "flops": flops, **told}


def _anatomy(network: nn.Module) -> dict[str, Any]:
    """What a network is made of: number of parameters per part, shape of each, and the digest of all."""
    return {
        "parameters": {name: sum(p.numel() for p in part.parameters()) for name, part in network.named_children()},
        "tensors": {name: list(parameter.shape) for name, parameter in network.named_parameters()},
        "weights": weights_digest(network),
    }


def probe_samples(tensors: Sequence[Tensor], device: torch.device) -> list[Tensor]:
    """A few samples of a data set, spread over it.

    Args:
        tensors: (N, ...) each.
        device: where they go.
    """
    count = len(tensors[0])
    chosen = torch.linspace(0, count - 1, min(_SAMPLES, count)).long()
    return [tensor[chosen].to(device) for tensor in tensors]


def weights_digest(network: nn.Module) -> str:
    """SHA-256 of every parameter and buffer with its name: equal for equal networks only."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    return hashlib.sha256(safetensors.torch.save(tensors)).hexdigest()


def forward_flops(recipe: Recipe, network: nn.Module, batch: Batch) -> int:
    """Convolutions and matrix products on the stage's way through the network, 2 for a multiplication and addition.

    A training step takes about three times as many: backward passes through weights and through features.

    Args:
        recipe: which way.
        network: what is gone through.
        batch: samples; on the meta device nothing is computed.
    """
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        recipe.forward(network, batch)
    return int(counter.get_total_flops())


def gradient_shares(recipe: Recipe, network: nn.Module, batch: Batch) -> dict[str, dict[str, float]]:
    """For every loss term: weight, value, and its share of the loss and of the gradient norms."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    with torch.enable_grad():
        terms = recipe.terms(network, batch)
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
def _effects(network: nn.Module, batch: Batch, branches: Iterable[str], output: Output) -> dict[str, float]:
    """How much the output changes without each branch."""
    modules = dict(network.named_modules())
    tried = [name for name in branches if name in modules]
    whole = output(network, batch) if tried else torch.empty(0)
    return {name: _change_without(modules[name], network, batch, output, whole) for name in tried}


def _change_without(part: nn.Module, network: nn.Module, batch: Batch, output: Output, whole: Tensor) -> float:
    handle = part.register_forward_hook(lambda module, inputs, output: _zeros(output))
    try:
        return (output(network, batch) - whole).abs().mean().item()
    finally:
        handle.remove()


def _zeros(output: Any) -> Any:
    if isinstance(output, Tensor):
        return torch.zeros_like(output)
    values = [_zeros(each) if each is not None else None for each in output]
    return type(output)(*values) if hasattr(output, "_fields") else type(output)(values)


def _alarms(
    terms: Mapping[str, Mapping[str, Mapping[str, float]]], outputs: Mapping[str, float], what: str
) -> list[str]:
    still = [
        f"{stage}: the term {name} has no gradient"
        for stage, shares in terms.items()
        for name, share in shares.items()
        if share["gradient_share"] == 0 and share["weight"] != 0
    ]
    idle = [f"the output of {name} does not change {what}" for name, effect in outputs.items() if effect < 1e-6]
    return still + idle
