"""What a search makes as good as it can: one metric on the validation split, or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.config.errors import UserError, unknown
from assay.config.root import RootConfig
from assay.metric import Metric
from assay.study import Study

__all__ = ["Objective", "objective_of"]


@dataclass(frozen=True)
class Objective:
    """One thing to make as good as can be, or several (a Pareto front), each in its metric's direction.

    Attributes:
        metrics: what is searched by, in order.
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

    def check(self, config: RootConfig) -> None:
        """Refuse what is not measured under a configuration.

        Raises:
            UserError: a metric of the objective is not.
        """
        measured = [metric.name for metric in self.study.measures(config)]
        if missing := [name for name in self.names if name not in measured]:
            raise UserError(
                f"objective {missing[0]}: measured only where it is asked for, as a column of the table; "
                f"expected one of {', '.join(measured)}"
            )

    def values(self, metrics: Mapping[str, float]) -> list[float]:
        """The objectives' values from the means of all metrics; nan where a metric is."""
        return [metrics[name] for name in self.names]


def objective_of(text: str | None, study: Study) -> Objective:
    """Read an objective: a metric, or several with commas; None: the study's own.

    Raises:
        UserError: a name is no metric, comes twice, or has no direction.
    """
    text = (study.objective or study.metrics[0].name) if text is None else text
    known = {metric.name.lower(): metric for metric in study.metrics}
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name.lower() not in known:
            raise unknown("objective", name, [metric.name for metric in study.metrics])
    found = tuple(known[name.lower()] for name in names)
    if len(set(found)) < len(found):
        raise UserError(f"objective {text}: one comes twice")
    if aimless := [metric.name for metric in found if not metric.directed]:
        raise UserError(f"objective {text}: neither larger nor smaller is better in {aimless[0]}; expected another")
    return Objective(found, study)
