"""What a search is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assay.config.root import RootConfig
from assay.experiment.trial import Trial
from assay.study import VAL, Study
from assay.tuning.objective import Objective
from assay.tuning.spaces.space import Space

__all__ = ["MakeTrials", "SearchSettings"]

MakeTrials = Callable[[int, RootConfig], Sequence[Trial]]


@dataclass(frozen=True)
class SearchSettings:
    """What a search is.

    Attributes:
        space, base: what is changed, and in which configuration.
        objective: what is maximised.
        sampler, pruning: names, see `SAMPLERS` and `assay.tuning.pruning`.
        seed: of the sampler.
        make: number of a sample and its configuration -> its trials, one for each seed.
    """

    space: Space
    base: RootConfig
    objective: Objective
    sampler: str
    pruning: str
    seed: int
    make: MakeTrials

    @property
    def study(self) -> Study:
        """What is studied."""
        return self.objective.study

    @property
    def epochs(self) -> int:
        """Length of the last stage, in which trials report their values."""
        last = self.study.stages(self.base, self.base.seed, VAL)[-1]
        return last.last_epoch - last.first_epoch
