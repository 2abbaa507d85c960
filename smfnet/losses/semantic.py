"""L_Semantic of stage I: Lovasz-Softmax of a reconstruction against classes of its source (eqs. 21 to 25)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from assay.config.tables import Slot
from smfnet.config.loss import SemanticConfig
from smfnet.losses.lovasz import lovasz
from smfnet.losses.threshold import threshold

__all__ = ["semantic_loss"]


def semantic_loss(image: Tensor, reference: Tensor, config: SemanticConfig) -> Tensor:
    """The reading that `config.mode` names; see the functions below.

    Args:
        image: the reconstruction, (B, 1, H, W) in [0, 1].
        reference: the source, the same shape and range.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: the mode is `off`.
    """
    if config.mode not in MODES:
        raise ValueError(f"no semantic loss for the mode {config.mode!r}; expected one of {', '.join(MODES.keys())}")
    return MODES[config.mode](image, reference, config)


def binary(image: Tensor, reference: Tensor, config: SemanticConfig) -> Tensor:
    """Foreground and background: the reconstruction is the probability of foreground, the source gives the label.

    A source of one grey level has no two regions that could be told apart: it counts as reconstructed.
    """
    foreground = reference >= threshold(reference, config.threshold)
    flat = reference.amax((1, 2, 3), keepdim=True) == reference.amin((1, 2, 3), keepdim=True)
    errors = (image - foreground.to(image.dtype)).abs().masked_fill(flat, 0)
    return lovasz(_sets(errors, config), _sets(foreground, config), both=True).mean()


def soft_classes(image: Tensor, reference: Tensor, config: SemanticConfig) -> Tensor:
    """Classes of intensity, centred at (k + 1/2) / K: softmax over -(x - centre)^2 / tau; label: the nearest centre."""
    centres = (torch.arange(config.classes, device=image.device, dtype=image.dtype) + 0.5) / config.classes
    centres = centres.view(1, -1, 1, 1)
    probabilities = torch.softmax(-(image - centres).square() / config.tau, dim=1)
    nearest = (reference * config.classes).floor().clamp(0, config.classes - 1)
    foreground = nearest == torch.arange(config.classes, device=image.device, dtype=image.dtype).view(1, -1, 1, 1)
    errors = (probabilities - foreground.to(image.dtype)).abs()
    return lovasz(_sets(errors, config), _sets(foreground, config)).mean()


def released(image: Tensor, reference: Tensor, config: SemanticConfig) -> Tensor:
    """The release's constant: its softmax over one channel is 1 everywhere, so nothing depends on the reconstruction.

    0 if no pixel of the batch is exactly 0, else the fraction of pixels that are not.
    """
    fraction = (reference != 0).to(reference.dtype).mean()
    return torch.where(fraction < 1, fraction, torch.zeros_like(fraction)).detach()


MODES: Slot[Callable[[Tensor, Tensor, SemanticConfig], Tensor]] = Slot(
    "loss.semantic.mode", {"binary": binary, "soft_classes": soft_classes, "released": released}
)


def _sets(maps: Tensor, config: SemanticConfig) -> Tensor:
    """Pixels of each image, or of the whole batch: (B, K, H, W) to (B, K, H*W) or (1, K, B*H*W)."""
    return maps.flatten(2) if config.per_image else maps.transpose(0, 1).flatten(1).unsqueeze(0)
