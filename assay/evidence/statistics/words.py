"""The words for a difference to the base, and in a few more words why, or how large it can still be."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evidence.statistics.correction import ALPHA, FEWEST_SEEDS
from assay.evidence.statistics.differences import FEWEST_IMAGES
from assay.metric import Metric

__all__ = ["BETTER", "DIFFERENT", "EQUIVALENT", "NOT_RESOLVED", "SIGNS", "WORSE", "reason_of", "rounded_up", "words_of"]

BETTER, WORSE, NOT_RESOLVED = "better", "worse", "not resolved"
DIFFERENT = "different"  # resolved, of a metric that has no direction
EQUIVALENT = "equivalent"  # no difference larger than the margin
SIGNS = {BETTER: "▲", WORSE: "▼", DIFFERENT: "◆", EQUIVALENT: "≈", NOT_RESOLVED: "○", "": ""}  # without colour

Array = NDArray[np.float64]


def words_of(signed: Array, adjusted: Array, adjusted_equal: Array) -> list[str]:
    """A word per difference.

    A difference that is resolved and yet smaller than the margin is called equivalent, which is what somebody acts on.

    Args:
        signed: positive where the row is better, zero without a direction.
        adjusted: p values of "no difference", corrected; nan where there is no word.
        adjusted_equal: those of "a difference as large as the margin or larger"; nan without a margin.
    """
    resolved = [_directed(value) if p < ALPHA else NOT_RESOLVED for value, p in zip(signed, adjusted, strict=True)]
    return [EQUIVALENT if p < ALPHA else word for word, p in zip(resolved, adjusted_equal, strict=True)]


def reason_of(line: Mapping[Hashable, Any], metric: Metric, noun: str, *, one_value: bool) -> str:
    """Why a line has its word, as far as the word does not say it.

    Args:
        line: of `Verdicts.data`, without its reason.
        metric: of the line.
        noun: what a sample is called.
        one_value: whether a training gives one value.
    """
    if line["verdict"] == EQUIVALENT:
        below = f"by less than {line['margin']:g}"
        return f"{_directed(metric.signed(line['difference']))}, {below}" if line["p_adjusted"] < ALPHA else below
    if line["verdict"] != NOT_RESOLVED:
        return ""
    if not line["n_seeds"]:
        return "no finished seed in common with the base"
    if line["n_seeds"] == 1:
        return "one seed: the noise between trainings is unknown"
    if line["n_images"] < FEWEST_IMAGES and not one_value:
        return f"{line['n_images']} {noun}(s): the noise between {noun}s is unknown"
    if (worth := metric.effective_samples) is not None and worth < FEWEST_IMAGES and not one_value:
        return f"its {noun}s are worth {worth:.1f} of equal weight: the noise between {noun}s is unknown"
    if not math.isfinite(line["bound"]):
        return "the noise between trainings is unknown"
    few = f"{line['n_seeds']} seeds are too few for a word; " if line["n_seeds"] < FEWEST_SEEDS else ""
    return f"{few}at most {rounded_up(line['bound'], metric.decimals)} either way"


def rounded_up(bound: float, digits: int) -> str:
    """A bound with a fixed number of digits after the point, never less than it is."""
    return f"{math.ceil(bound * 10**digits - 1e-9) / 10**digits:.{digits}f}"


def _directed(signed: float) -> str:
    return BETTER if signed > 0 else WORSE if signed < 0 else DIFFERENT
