"""What a search makes as good as it can: metrics on validation pairs, or one score made of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.config.errors import UserError, unknown
from assay.metric import Metric
from assay.study import Study

__all__ = ["Objective", "objective_of"]


@dataclass(frozen=True)
class Objective:
    """One thing to make as good as can be, or several (a Pareto front), each in its metric's direction.

    Attributes:
        metrics: what is searched by, in order; the study's score counts as one.
        study: whose metrics they are.
    """

    metrics: tuple[Metric, ...]
    study: Study

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the metrics, in order."""
        return tuple(metric.name for metric in self.metrics)

    @property
    def several(self) -> bool:
        """Whether the answer is a front."""
        return len(self.metrics) > 1

    @property
    def scored(self) -> bool:
        """Whether the study's score is among them, which no trial measures by itself."""
        return self.study.score is not None and self.study.score.metric in self.metrics

    def values(self, metrics: Mapping[str, float]) -> list[float]:
        """The objectives' values from the means of all metrics; nan where a metric is."""
        score = self.study.score
        made = {score.metric.name: score.compute(metrics)} if score and self.scored else {}
        return [made[name] if name in made else metrics[name] for name in self.names]


def objective_of(text: str | None, study: Study) -> Objective:
    """Read `--objective`: a metric, several with commas, or the study's score; None: the score, or the first metric.

    Raises:
        UserError: a name is no metric, comes twice, or has no direction.
    """
    choices = [*([study.score.metric] if study.score else []), *study.metrics]
    known = {metric.name.lower(): metric for metric in choices}
    names = [name.strip() for name in (choices[0].name if text is None else text).split(",")]
    for name in names:
        if name.lower() not in known:
            raise unknown("objective", name, [metric.name for metric in choices])
    found = tuple(known[name.lower()] for name in names)
    if len(set(found)) < len(found):
        raise UserError(f"--objective {text}: an objective comes twice")
    if aimless := [metric.name for metric in found if not metric.directed]:
        raise UserError(f"--objective {text}: neither larger nor smaller is better in {aimless[0]}; expected another")
    return Objective(found, study)
