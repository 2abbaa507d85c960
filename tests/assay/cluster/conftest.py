"""One Ray for all tests of the room, and sources of trials that note what they are told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

os.environ.setdefault("RAY_memory_monitor_refresh_ms", "0")  # what else this machine does is not our trials' fault

from assay.cluster.session import session
from assay.experiment.source import Finished, Stop, Waiting
from assay.experiment.trial import Trial
from smfnet.config.root import Config


@pytest.fixture(scope="session")
def ray_here() -> Iterator[None]:
    """A Ray with two cores, that every `session(None)` of this process then uses."""
    with session(None, cpus=2, packages=("smfnet",)):
        yield


class Noting:
    """A source that notes the calls it gets, of so many trials without stages, numbered by their seed, or of these."""

    def __init__(
        self, trials: int | Iterable[Trial], after: Mapping[int, int] | None = None, stop: Iterable[int] = ()
    ) -> None:
        numbers = range(trials) if isinstance(trials, int) else ()
        plain = [Trial(f"t{n}", "row", n, Config(), (), None, f"f{n}") for n in numbers]
        self._left = plain if isinstance(trials, int) else list(trials)
        self._after, self._stop = after or {}, set(stop)
        self.started: list[int] = []
        self.reports: list[tuple[int, Any]] = []
        self.outcomes: dict[int, Any] = {}
        self.failures: dict[int, tuple[str, str]] = {}
        self.again: set[int] = set()  # of those that failed
        self.told: dict[int, str] = {}  # what they printed

    def next(self) -> Trial | type[Finished] | type[Waiting]:
        """The first trial that waits for none, or for one that has ended."""
        ended = {*self.outcomes, *self.failures}
        for trial in self._left:
            if self._after.get(trial.seed) in {None, *ended}:
                self._left.remove(trial)
                self.started.append(trial.seed)
                return trial
        return Waiting if self._left else Finished

    def progressed(self, trial: Trial, report: Mapping[str, Any]) -> Stop:
        """Note it, and stop the trial if it is one of those."""
        self.reports.append((trial.seed, dict(report)))
        return Stop(trial.seed in self._stop)

    def printed(self, trial: Trial, text: str) -> None:
        """Note it."""
        self.told[trial.seed] = text

    def finished(self, trial: Trial, outcome: Any) -> None:
        """Note it."""
        assert trial.seed not in self.outcomes
        self.outcomes[trial.seed] = outcome

    def failed(self, trial: Trial, reason: str, traceback: str, again: bool = False) -> None:
        """Note it."""
        assert trial.seed not in self.failures
        self.failures[trial.seed] = (reason, traceback)
        self.again |= {trial.seed} if again else set()


@pytest.fixture
def noting() -> Callable[..., Noting]:
    """`noting(trials, after={trial: trial it waits for}, stop=[trials to stop at their first report])`."""
    return Noting


class Clock:
    """Seconds that pass when they are told to.

    Attributes:
        now: seconds since it was made.
    """

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """For what takes a clock."""
    return Clock()
