"""A listener of an ablation that has trackers told of trials which have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.experiment.ablation import Listener
    from assay.stage import Progress
    from assay.store.run.record import RunRecord, TrialRecord
    from assay.track.trackers import Trackers

__all__ = ["TrackedTrials"]


class TrackedTrials:
    """Tells another listener, and then trackers.

    Args:
        listener: told of everything.
        trackers: told of trials that have ended.
        record: of the run, whose rows do not change.
    """

    def __init__(self, listener: Listener, trackers: Trackers, record: RunRecord) -> None:
        self._listener, self._trackers, self._record = listener, trackers, record

    def changed(self, trial: TrialRecord, progress: Progress | None = None) -> None:
        """Tell both."""
        self._listener.changed(trial, progress)
        if progress is None and trial.status in ("finished", "failed"):
            self._trackers.trial(self._record, trial)
