"""L_decomp: detail features of the two sources apart, base features together (eqs. 26 and 27)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from smfnet.config.loss import CorrelationConfig
from smfnet.losses.correlation import correlation
from smfnet.losses.features import Features

__all__ = ["decomposition_loss"]


def decomposition_loss(features: Features, terms: Sequence[str], config: CorrelationConfig, delta: float) -> Tensor:
    """Sum of squared correlations of detail (D) and graph (G) features over the correlation of the base features.

    Args:
        features: of both sources, (B, C, H, W) each.
        terms: what the numerator adds up, from D and G; a repeated one counts as often as it stands there.
        config: which correlation, and whether it has a gradient.
        delta: larger than 1; keeps the denominator positive.

    Returns:
        A number that is not negative; a constant if `config.detach`.

    Raises:
        ValueError: G is named and the network has no graph.
    """
    with torch.set_grad_enabled(torch.is_grad_enabled() and not config.detach):
        squares = {term: correlation(*_pair(features, term), config.mode).square() for term in dict.fromkeys(terms)}
        numerator = torch.stack([squares[term] for term in terms]).sum()
        return numerator / (delta + correlation(features.base_ir, features.base_vi, config.mode))


def _pair(features: Features, term: str) -> tuple[Tensor, Tensor]:
    if term == "D":
        return features.detail_ir, features.detail_vi
    if features.graph_ir is None or features.graph_vi is None:
        raise ValueError("decomp_terms names G, but the network has no graph: leave G out")
    return features.graph_ir, features.graph_vi
