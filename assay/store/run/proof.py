"""What a trial's network and losses did, as a run keeps it: proof/TRIAL.json."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.store.received.typed import Text

__all__ = ["Shares", "TrialProof"]


@dataclass(frozen=True)
class Shares:
    """Of a loss term: weight, value, and its shares of the loss's value and of the gradient norms; nan: unknown."""

    weight: float = math.nan
    value: float = math.nan
    value_share: float = math.nan
    gradient_share: float = math.nan


@dataclass(frozen=True)
class TrialProof:
    """See `assay.training.proof.measure_proof` for what each means; what was not measured is empty.

    Attributes:
        parameters: number per part.
        tensors: name -> shape of every parameter.
        weights: digest of all weights.
        flops: stage -> forward, for one sample.
        seconds_per_step: stage -> of a training step.
        terms: stage -> term -> its shares.
        outputs: branch -> change of the output without it.
        output, unit: what the output is, in words, and the unit of its changes, if it has one.
        alarms: what should not be.
    """

    parameters: Mapping[Text, int] = field(default_factory=dict)
    tensors: Mapping[Text, tuple[int, ...]] = field(default_factory=dict)
    weights: Text = ""
    flops: Mapping[Text, float] = field(default_factory=dict)
    seconds_per_step: Mapping[Text, float] = field(default_factory=dict)
    terms: Mapping[Text, Mapping[Text, Shares]] = field(default_factory=dict)
    outputs: Mapping[Text, float] = field(default_factory=dict)
    output: Text = "the output"
    unit: Text = ""
    alarms: tuple[Text, ...] = ()
