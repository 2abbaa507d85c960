"""Memory for time: what is cheap to compute again is not kept for the way back."""

from __future__ import annotations

from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint

from smfnet.model.layers.message import MessagePassing
from smfnet.model.layers.transformer import TransformerBlock

__all__ = ["recomputed"]

# Most of what a stage keeps; none of them has statistics that a second pass would change, or draws a number.
CHEAP = (TransformerBlock, MessagePassing)


def recomputed(network: nn.Module) -> None:
    """Have transformer blocks and the graph's messages keep their inputs only, and run again on the way back.

    The same operations on the same numbers: losses and gradients are the same, bit for bit, where a pass gives the same
    twice. Names of parameters stay as they are.
    """
    for module in network.modules():
        if isinstance(module, CHEAP):
            again = partial(checkpoint, module.forward, use_reentrant=False, preserve_rng_state=False)
            setattr(module, "forward", again)  # noqa: B010  # of this one module
