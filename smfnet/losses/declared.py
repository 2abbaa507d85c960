"""Terms that a weight in the configuration declares (`smfnet.config.term`): each reads what it names as a parameter.

Both stages give `ir` and `vi`, the sources; `features` of the network's pass, see `smfnet.losses.features`; and
`config`, the `LossConfig`. Stage I gives the reconstructions too, `ir_hat` and `vi_hat`, and both as one batch with
infrared first, `image`, with what it should be, `source`. Stage II gives `fused`. Images are (B, 1, H, W) in [0, 1], in
float32 or better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from assay.config.arguments import called_by_name
from assay.training.term import Term
from smfnet.config.loss import LossConfig
from smfnet.config.term import DeclaredTerm, declared_terms

__all__ = ["further_terms"]


def further_terms(config: LossConfig, stage: str, given: Mapping[str, Any]) -> dict[str, Term]:
    """The declared terms of a stage; one of weight 0 is neither computed nor named.

    Args:
        config: with their weights.
        stage: `stage1` or `stage2`.
        given: name -> what a term's function may read.

    Returns:
        Term's name -> the mean of what its function returns: a number, or one per image, (B,).

    Raises:
        UserError: a function cannot be imported, or reads what the stage does not give.
    """
    return {each.name: Term(_value(each, stage, given), each.weight) for each in declared_terms(config, stage)}


def _value(declared: DeclaredTerm, stage: str, given: Mapping[str, Any]) -> Tensor:
    value: Tensor = called_by_name(declared.function, given, f"loss.{declared.name} in {stage}")
    return value.mean()
