"""Trials as plain data: what travels to workers, where a study's own classes cannot be sent by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.config.changes import apply
from assay.config.section import paths_of
from assay.experiment.source import Finished, Source, Stop, Waiting
from assay.experiment.trial import NamedStage, Trial
from assay.study import Study

__all__ = ["PlainSource", "PlainTrial"]

_NONE = object()  # no value


@dataclass(frozen=True)
class PlainTrial:
    """A trial without a class of its study.

    Attributes:
        id, row, seed, rule, fingerprint: as the trial has them.
        values: of its configuration, by dotted path.
        split: that its stages are trained for.
        stages: fingerprints, in order.
    """

    id: str
    row: str
    seed: int
    rule: str | None
    fingerprint: str
    values: Mapping[str, Any]
    split: str
    stages: tuple[str, ...]

    @classmethod
    def of(cls, trial: Trial) -> PlainTrial:
        """What has to be sent of a trial."""
        stages = tuple(named.fingerprint for named in trial.stages)
        values = paths_of(trial.config)
        return cls(trial.id, trial.row, trial.seed, trial.rule, trial.fingerprint, values, trial.split, stages)

    def trial(self, study: Study) -> Trial:
        """The trial, in a process that has the study."""
        changed = {path: value for path, value in self.values.items() if study.schema.known.get(path, _NONE) != value}
        config = apply(study.schema.config(), changed)
        stages = study.stages(config, self.seed, self.split) if self.stages else ()
        named = tuple(NamedStage(*each) for each in zip(stages, self.stages, strict=True))
        return Trial(self.id, self.row, self.seed, config, named, self.rule, self.fingerprint, self.split)


class PlainSource:
    """A source that hands out plain data; a `Source` of these.

    Args:
        source: of the trials.
    """

    def __init__(self, source: Source[Trial]) -> None:
        self._source = source
        self._trials: dict[str, Trial] = {}

    def next(self) -> PlainTrial | type[Finished] | type[Waiting]:
        """See `Source`."""
        trial = self._source.next()
        if not isinstance(trial, Trial):
            return trial
        self._trials[trial.id] = trial
        return PlainTrial.of(trial)

    def progressed(self, trial: PlainTrial, report: Mapping[str, Any]) -> Stop:
        """See `Source`."""
        return self._source.progressed(self._trials[trial.id], report)

    def printed(self, trial: PlainTrial, text: str) -> None:
        """See `Source`."""
        self._source.printed(self._trials[trial.id], text)

    def finished(self, trial: PlainTrial, outcome: Any) -> None:
        """See `Source`."""
        self._source.finished(self._trials.pop(trial.id), outcome)

    def failed(self, trial: PlainTrial, reason: str, traceback: str, again: bool = False) -> None:
        """See `Source`."""
        self._source.failed(self._trials.pop(trial.id), reason, traceback, again)
