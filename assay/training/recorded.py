"""A pass through a network and back, recorded once as a CUDA graph and played again.

A step of a small network is thousands of short kernels, and a GPU waits for Python to launch each. A recording launches
all of them at once. It reads the same memory, and writes to the same memory, every time it is played.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

__all__ = ["KeptConstants", "RecordedPass"]

WARM_UP = 2  # passes before the recording: libraries choose their algorithms and take their memory

Pass = Callable[..., Mapping[str, Tensor]]


class RecordedPass:
    """What `work` does with inputs of one shape.

    Args:
        work: a pass forwards and backwards that begins with gradients of None and leaves them in the network; gives
            detached tensors by name. It must not look at a number, nor draw one.
        inputs: an example, on the GPU; those to come have the same shape.
        network: what the pass goes through. Its running statistics are as before when this is done.
    """

    def __init__(self, work: Pass, inputs: Sequence[Tensor], network: nn.Module) -> None:
        self._inputs = [each.clone() for each in inputs]
        before = [buffer.clone() for buffer in network.buffers()]
        with KeptConstants():
            _aside(lambda: [work(*self._inputs) for _ in range(WARM_UP)])
            self._graph = torch.cuda.CUDAGraph()
            network.zero_grad(set_to_none=True)
            with torch.cuda.graph(self._graph):
                self._outputs = work(*self._inputs)
        for buffer, statistic in zip(network.buffers(), before, strict=True):
            buffer.copy_(statistic)
        self._gradients = [(parameter, parameter.grad) for parameter in network.parameters()]

    def fits(self, inputs: Sequence[Tensor]) -> bool:
        """Whether the recording is of inputs of this shape."""
        return [each.shape for each in inputs] == [each.shape for each in self._inputs]

    def __call__(self, *inputs: Tensor) -> Mapping[str, Tensor]:
        """Play it; the tensors that come out are overwritten by the next time."""
        for place, each in zip(self._inputs, inputs, strict=True):
            place.copy_(each)
        for parameter, gradient in self._gradients:  # a pass that was not recorded may have put others there
            parameter.grad = gradient
        self._graph.replay()
        return self._outputs


def _aside(work: Callable[[], object]) -> None:
    """On a stream of its own, as a recording is made."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        work()
    torch.cuda.current_stream().wait_stream(stream)


class KeptConstants(TorchFunctionMode):
    """Within, `torch.tensor` of the same numbers gives the same tensor again.

    Libraries write their filters so, and a copy from the host cannot be recorded. Whoever changes such a tensor in
    place changes it for all.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Tensor] = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Every call of a function of torch's comes through here."""
        named = kwargs or {}
        if func is not torch.tensor or not _is_literal(*args) or named.get("requires_grad"):
            return func(*args, **named)
        key = repr((args, sorted(named.items(), key=lambda pair: pair[0])))
        if key not in self._kept:
            self._kept[key] = func(*args, **named)
        return self._kept[key]


def _is_literal(*values: Any) -> bool:
    return all(
        _is_literal(*value) if isinstance(value, list | tuple) else isinstance(value, bool | int | float)
        for value in values
    )
