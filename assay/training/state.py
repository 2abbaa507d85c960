"""Everything that a stage needs to go on exactly where it was, as tensors that safetensors can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.config.errors import UserError

__all__ = [
    "EpochLog",
    "State",
    "capture",
    "restore_model",
    "restore_optimizer",
    "sealed_file",
    "unsealed_file",
]

_FILE = "file"


@dataclass(frozen=True)
class EpochLog:
    """Mean of every loss term over one epoch: epoch of the run, and term -> (weight, value)."""

    epoch: int
    terms: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class State:
    """A moment of training.

    Attributes:
        tensors: `model.NAME` (of stage I without the fusion layers, so that variants of these can share it),
            `adam.NAME.KEY` (moments and step count), `sum.TERM` (sum and weight in this epoch).
        epoch, step: the next step to do.
        log: finished epochs of this stage.
    """

    tensors: Mapping[str, Tensor]
    epoch: int
    step: int
    log: tuple[EpochLog, ...] = field(default=())

    def to_bytes(self) -> bytes:
        """The state in the safetensors format; equal states give equal bytes."""
        header = {"epoch": self.epoch, "step": self.step, "log": [[entry.epoch, entry.terms] for entry in self.log]}
        return safetensors.torch.save(dict(self.tensors), metadata={"state": json.dumps(header)})

    @staticmethod
    def from_bytes(data: bytes) -> State:
        """Read what `to_bytes` wrote.

        Raises:
            UserError: the bytes are no such state.
        """
        try:
            tensors = safetensors.torch.load(data)
            length = int.from_bytes(data[:8], "little")
            header = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["state"])
            log = tuple(
                EpochLog(epoch, {term: tuple(pair) for term, pair in terms.items()}) for epoch, terms in header["log"]
            )
            epoch, step = header["epoch"], header["step"]
            if type(epoch) is not int or type(step) is not int:
                raise TypeError(f"epoch {epoch!r}, step {step!r}")
            return State(tensors, epoch, step, log)
        except (safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UserError(f"expected the state of a stage; got something else ({error})") from error


def capture(
    network: nn.Module,
    optimizer: Optimizer,
    running: Mapping[str, Tensor],
    epoch: int,
    step: int,
    log: tuple[EpochLog, ...],
    *,
    absent: tuple[str, ...] = (),
) -> State:
    """Copy the present moment to the CPU, without the weights of the parts that are `absent`."""
    weights = network.state_dict().items()
    tensors = {f"model.{name}": _copy(tensor) for name, tensor in weights if name.split(".")[0] not in absent}
    names: dict[Tensor, str] = {parameter: name for name, parameter in network.named_parameters()}
    for parameter, moments in optimizer.state.items():
        for key, value in moments.items():
            tensors[f"adam.{names[parameter]}.{key}"] = _copy(value)
    tensors |= {f"sum.{term}": _copy(value) for term, value in running.items()}
    return State(tensors, epoch, step, log)


def restore_model(network: nn.Module, state: State, *, partial: bool = False) -> None:
    """Copy weights and running statistics into the network.

    Args:
        partial: weights that the state lacks stay as they are, and those that the network lacks are passed over;
            otherwise both must have the same.
    """
    stored, own = _below(state.tensors, "model."), network.state_dict()
    network.load_state_dict({name: stored.get(name, tensor) for name, tensor in own.items()} if partial else stored)


def restore_optimizer(network: nn.Module, optimizer: Optimizer, state: State) -> None:
    """Copy Adam's moments into the optimiser, for the parameters that it holds."""
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    moments: dict[str, dict[str, Tensor]] = {}
    for path, tensor in _below(state.tensors, "adam.").items():
        name, _, key = path.rpartition(".")
        moments.setdefault(name, {})[key] = tensor
    for name, parameter in network.named_parameters():
        if id(parameter) in held and name in moments:
            optimizer.state[parameter] = {key: _placed(key, t, parameter) for key, t in moments[name].items()}


def _placed(key: str, tensor: Tensor, parameter: Tensor) -> Tensor:
    """Fused Adam wants its step count beside the parameter, always as float32, and moments laid out as that is."""
    if key == "step":
        return tensor.to(parameter.device, torch.float32, copy=True)
    return torch.empty_like(parameter, requires_grad=False).copy_(tensor)


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True).contiguous()


def sealed_file(data: bytes) -> bytes:
    """The checkpoint of a training that is not ours, as one of a stage that has not finished an epoch."""
    return State({_FILE: torch.frombuffer(bytearray(data), dtype=torch.uint8)}, epoch=0, step=0).to_bytes()


def unsealed_file(state: bytes) -> bytes:
    """What `sealed_file` was given.

    Raises:
        UserError: the bytes are something else.
    """
    tensors = State.from_bytes(state).tensors
    if _FILE not in tensors or tensors[_FILE].dtype != torch.uint8:
        raise UserError("expected the checkpoint of a command; got something else")
    return tensors[_FILE].numpy().tobytes()
