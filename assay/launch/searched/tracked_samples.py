"""A listener of a search that has trackers told of samples which have ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from assay.track.of_search import search_trial
from assay.tuning.attributes import METRICS, REASON, SECONDS

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from assay.experiment.trial import Trial
    from assay.stage import Progress
    from assay.track.tracked import TrackedTrial
    from assay.track.trackers import Trackers
    from assay.tuning.search import Listener

__all__ = ["TrackedSamples"]

_STATES = {"COMPLETE": "finished", "PRUNED": "stopped", "FAIL": "failed"}


class TrackedSamples:
    """Tells another listener, and then trackers.

    Args:
        listener: told of everything.
        trackers: told of samples that have ended.
        objectives: names of what is searched by.
        before: trials of the study that had ended before.
    """

    def __init__(
        self, listener: Listener, trackers: Trackers, objectives: Sequence[str], before: Iterable[FrozenTrial]
    ) -> None:
        self._listener, self._trackers, self._objectives = listener, trackers, objectives
        for trial in before:
            self._tell(trial)

    def started(self, number: int, sample: Mapping[str, Any]) -> None:
        """Tell the one."""
        self._listener.started(number, sample)

    def moved(self, number: int, trial: Trial, progress: Progress) -> None:
        """Tell the one."""
        self._listener.moved(number, trial, progress)

    def valued(self, number: int, step: int, value: float) -> None:
        """Tell the one."""
        self._listener.valued(number, step, value)

    def ended(self, trial: FrozenTrial) -> None:
        """Tell both."""
        self._listener.ended(trial)
        self._tell(trial)

    def _tell(self, trial: FrozenTrial) -> None:
        if trial.state.name in _STATES:  # else it is left to the next command
            self._trackers.sample(partial(_tracked, trial, self._objectives))


def _tracked(trial: FrozenTrial, objectives: Sequence[str]) -> TrackedTrial:
    finished = trial.state.name == "COMPLETE"
    values = dict(zip(objectives, trial.values, strict=True)) if finished else {}
    metrics = {**trial.user_attrs.get(METRICS, {}), **values}
    return search_trial(
        trial.number,
        _STATES[trial.state.name],
        trial.params,
        {f"val/{name}": value for name, value in metrics.items()},
        {f"val_by_epoch/{objectives[0]}": trial.intermediate_values},
        reason=str(trial.user_attrs.get(REASON, "")),
        seconds=float(trial.user_attrs.get(SECONDS, 0.0)),
    )
