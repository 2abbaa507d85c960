"""The terms of a loss."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor

from assay.config.errors import UserError

__all__ = ["Term", "total"]


class Term(NamedTuple):
    """One part of a loss: its value, a 0-dim tensor, and the weight it is added up with."""

    value: Tensor
    weight: float = 1.0


def total(terms: Mapping[str, Term]) -> Tensor:
    """Weighted sum of the terms, a 0-dim tensor.

    Raises:
        UserError: there is none.
    """
    if not terms:
        raise UserError("the loss has no terms: expected at least one with a weight above 0")
    return reduce(torch.add, (term.weight * term.value for term in terms.values()))
