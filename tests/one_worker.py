"""Stands for Ray: one worker, in this process."""

from __future__ import annotations

from functools import partial
from typing import Any

from assay.experiment.execution import TrialFailed
from assay.experiment.source import Finished, Source, Stop
from assay.experiment.task import train_and_measure
from assay.experiment.trial import Trial
from assay.store.store import Store
from assay.study import Study

__all__ = ["OneByOne"]


class OneByOne:
    """Runs trials one after the other. Counts the trials of a search and of its confirmation.

    Attributes:
        stop_after: trials of the search after whose end Ctrl-C is pressed; never if None.
    """

    def __init__(self) -> None:
        self.searched: list[str] = []
        self.confirmed: list[str] = []
        self.stop_after: int | None = None

    def __call__(
        self,
        study: Study,
        source: Source[Any],
        storage: str,
        cluster: Any,
        *,
        gpu: bool,
        task: Any = None,
        **_: Any,
    ) -> None:
        while (trial := source.next()) is not Finished:
            assert isinstance(trial, Trial)
            (self.searched if task else self.confirmed).append(trial.id)
            self._work(source, trial, partial(task or train_and_measure, study), Store(storage))
            if len(self.searched) == self.stop_after:
                raise KeyboardInterrupt

    @staticmethod
    def _work(source: Source[Any], trial: Trial, task: Any, store: Store) -> None:
        class Stopped(Exception):
            """The source wants the trial to stop."""

        def report(news: Any) -> None:
            if source.progressed(trial, news) is Stop.YES:
                raise Stopped

        try:
            source.finished(trial, task(trial, store, report))
        except Stopped:
            return
        except TrialFailed as error:
            source.failed(trial, str(error), "")
