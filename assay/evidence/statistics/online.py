"""Proposals one after another: which of them may be kept, so that keeping any false one has a chance of 5 %."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evidence.statistics.correction import ALPHA
from assay.evidence.statistics.words import BETTER

__all__ = ["level_of", "refusal", "resolved_at"]


def level_of(place: int) -> float:
    """The error that a proposal may spend: 5 % times 6 / (pi^2 place^2), which add up to 5 % however many follow.

    It goes by the place of the proposal in its ledger alone, which is given before anything of it is trained. So each
    table is judged at a level that nothing seen decides, and by a union bound any false word among all tables has a
    chance of 5 %, whatever the proposals have in common, whoever chooses the next one by the results of those before,
    and whichever are asked to be kept (alpha spending as in Foster and Stine, JRSS B 70, 2008, without what a
    rejection earns).

    Args:
        place: 1 of the first.
    """
    if place < 1:
        raise ValueError(f"expected a place from 1 on; got {place}")
    return ALPHA * 6 / (math.pi * place) ** 2


def resolved_at(p_adjusted: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Which cells of a table are resolved at the level of a proposal.

    Args:
        p_adjusted: corrected over the table, which holds at any level; nan where there can be no word.
        level: of the proposal, at most 5 %.
    """
    return np.asarray(p_adjusted) < level


def refusal(line: Mapping[Hashable, Any], level: float) -> str:
    """Why a row may not be kept; empty if it may.

    Args:
        line: of `Verdicts.data`, of the row and the metric for which it is to be kept.
        level: of its proposal.
    """
    word, reason = line["verdict"], f" ({line['reason']})" if line["reason"] else ""
    if word != BETTER:
        return f"its verdict is {word or 'withheld'}{reason}, not better"
    if not resolved_at(line["p_adjusted"], level):
        return f"it is better at 5 % (p {line['p_adjusted']:.2g}), and not at the {level:.2g} of this proposal"
    return ""
