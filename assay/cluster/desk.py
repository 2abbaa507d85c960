"""Between Tune and a source: Tune asks for trials and brings news, the source answers and is told."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from ray import cloudpickle
from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial as TuneTrial
from ray.tune.progress_reporter import TrialProgressCallback
from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

from assay.cluster.admission import TRIES_ALONE, Admission
from assay.cluster.deaths import KernelKills, KilledForMemory
from assay.experiment.source import Finished, Source, Stop, Waiting
from assay.store.run.printed import last_words

__all__ = ["RETRIES", "Callback", "Desk", "InOrder", "SourceSearcher"]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RETRIES = 3  # of a trial whose worker or node died; it goes on from its last checkpoint


class Desk:
    """Knows which Tune trial is which trial of ours, how many run, and which have to be tried again.

    Args:
        source: where trials come from and go to.
        most: trials at once.
        notice: shows the user a line.
        clock: seconds.
        printed: the end of what a trial of this id printed on this machine, where its worker died.

    Attributes:
        running: name that Tune gave -> trial.
        error: what the source raised; Tune makes another error of some of these.
    """

    def __init__(
        self,
        source: Any,
        most: int,
        notice: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        printed: Callable[[str], str] = lambda trial_id: "",
    ) -> None:
        self._source: Source[Any] = source
        self._printed = printed
        self._notice = notice
        self._admission = Admission(most, clock)
        self._kernel_kills = KernelKills()
        self._again: deque[Any] = deque()
        self._deaths: Counter[str] = Counter()
        self._over = self._waits = False
        self.running: dict[str, Any] = {}
        self.error: Exception | None = None

    def __reduce__(self) -> tuple[type[Desk], tuple[None, int, None]]:
        """Tune writes its settings to a file that nobody reads; a source with a terminal cannot go there."""
        return Desk, (None, 0, None)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[Source[Any]]:
        self._waits = False  # what it is told may end its waiting
        try:
            yield self._source
        except Exception as error:
            self.error = error
            raise

    def next(self, tune_id: str) -> Any:
        """The next trial to start; None: not now.

        Raises:
            RuntimeError: the source waits for trials although none is running, so that it would wait for ever.
        """
        if not self._admission.is_open():
            return None
        trial = self._again.popleft() if self._again else self._ask()
        if trial is not Waiting and trial is not Finished:
            self.running[tune_id] = trial
            self._admission.started(trial.id)
            return trial
        if self.running:  # it may be lost, and have to be tried again
            return None
        if trial is Waiting:
            raise RuntimeError("every trial that is left waits for another one, but none is running")
        return Finished

    def _ask(self) -> Any:
        if self._over:
            return Finished
        if self._waits:
            return Waiting
        with self._asking() as source:
            trial = source.next()
        self._over, self._waits = trial is Finished, trial is Waiting
        return trial

    def stop(self, tune_id: str, result: Mapping[str, Any]) -> bool:
        """Tune asks after every report whether to stop."""
        trial = self.running.get(tune_id)
        if trial is None or "report" not in result:
            return False
        with self._asking() as source:
            go_on = source.progressed(trial, result["report"]) is Stop.NO
        if go_on:
            return False
        self._take(tune_id)
        return True

    def result(self, tune_id: str, result: MutableMapping[str, Any]) -> None:
        """The last report of a trial tells how it ended; what it printed stays no longer in Tune's memory."""
        if (text := result.pop("printed", "")) and (trial := self.running.get(tune_id)):
            with self._asking() as source:
                source.printed(trial, text)
        if "outcome" in result and (trial := self._take(tune_id)):
            self._admission.ended()
            with self._asking() as source:
                source.finished(trial, result["outcome"])
        if "failed" in result and (trial := self._take(tune_id)):
            with self._asking() as source:
                source.failed(trial, result["failed"], result["traceback"], result["again"])

    def lost(self, tune_id: str, error: BaseException | None) -> None:
        """It ended without a last report: its worker or node died. It is tried again, but not for ever."""
        if (trial := self.running.get(tune_id)) is None:
            return
        if isinstance(error, KilledForMemory) or self._kernel_kills.is_new():
            self._killed_for_memory(tune_id, trial, error)
            return
        self._take(tune_id)
        self._deaths[trial.id] += 1
        if self._deaths[trial.id] <= RETRIES:
            self._again.append(trial)
            return
        why = last_words(self._printed(trial.id)) or _first_line(error)
        reason = f"its worker died {self._deaths[trial.id]} times: {why}"
        self._give_up(trial, reason, error)

    def _killed_for_memory(self, tune_id: str, trial: Any, error: BaseException | None) -> None:
        what = self._admission.killed(trial.id)
        self._take(tune_id)
        why = str(error) if isinstance(error, KilledForMemory) else "by the system"
        if what:
            self._notice(f"{trial.id}: its worker was killed for lack of memory ({why}); {what}")
            self._again.append(trial)
            return
        reason = f"its worker was killed for lack of memory {TRIES_ALONE} times although no other trial ran ({why})"
        self._give_up(trial, reason, error, again=True)

    def _give_up(self, trial: Any, reason: str, error: BaseException | None, *, again: bool = False) -> None:
        with self._asking() as source:
            if text := self._printed(trial.id):
                source.printed(trial, text)
            source.failed(trial, reason, str(error or reason), again)

    def _take(self, tune_id: str) -> Any:
        """It runs no longer."""
        if trial := self.running.pop(tune_id, None):
            self._admission.lost(trial.id)
        return trial


class SourceSearcher(Searcher):
    """Tune's side of a source. Tune may ask as often as it likes; None means: not now."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def suggest(self, trial_id: str) -> Any:
        """A configuration for `_work`, which is a trial."""
        trial = self._desk.next(trial_id)
        if trial is Finished:
            return Searcher.FINISHED
        return None if trial is None else {"trial": trial}

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """The callback has told the source already."""

    def save(self, checkpoint_path: str) -> None:
        """The store is the memory; Tune needs none."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""


class InOrder(FIFOScheduler):
    """Tune's own order, without a look at every trial there ever was at every turn of its loop."""

    def __init__(self) -> None:
        super().__init__()
        self._added: deque[TuneTrial] = deque()

    def on_trial_add(self, tune_controller: TuneController, trial: TuneTrial) -> None:
        """It starts after those before it."""
        self._added.append(trial)

    def choose_trial_to_run(self, tune_controller: TuneController) -> TuneTrial | None:
        """The first that waits for a worker; none of ours is ever paused."""
        while self._added and self._added[0].status != TuneTrial.PENDING:
            self._added.popleft()
        return self._added[0] if self._added else None


class Callback(TrialProgressCallback):
    """Tune's news, passed on; stands in for the callback that would print them.

    Args:
        desk: told of reports and losses.
        check: called at every turn of Tune's loop; what it raises ends the run.
    """

    def __init__(self, desk: Desk, check: Callable[[], None]) -> None:
        super().__init__()
        self._desk, self._check = desk, check
        self._seen = 0
        self._alive: dict[str, TuneTrial] = {}

    def on_step_begin(self, iteration: int, trials: list[TuneTrial], **info: Any) -> None:
        """Look after Ray itself, and after trials that ended; Tune does not tell of every one that it gives up."""
        self._check()
        self._alive |= {trial.trial_id: trial for trial in trials[self._seen :]}
        self._seen = len(trials)
        for trial in [trial for trial in self._alive.values() if trial.is_finished()]:
            del self._alive[trial.trial_id]
            if trial.trial_id in self._desk.running:
                self._desk.lost(trial.trial_id, _error_of(trial))

    def on_trial_result(
        self, iteration: int, trials: list[TuneTrial], trial: TuneTrial, result: dict[str, Any], **info: Any
    ) -> None:
        """Pass a report on."""
        self._desk.result(trial.trial_id, result)

    def on_trial_error(self, iteration: int, trials: list[TuneTrial], trial: TuneTrial, **info: Any) -> None:
        """Seen at the next turn."""

    def on_trial_complete(self, iteration: int, trials: list[TuneTrial], trial: TuneTrial, **info: Any) -> None:
        """The last report has told it."""


def _error_of(trial: TuneTrial) -> BaseException | None:
    """What ended it; Tune's own method looks where it has not been copied to yet."""
    path = trial.pickled_error_file
    error: BaseException | None = cloudpickle.loads(Path(path).read_bytes()) if path else trial.get_error()
    return error


def _first_line(error: BaseException | None) -> str:
    """Without the colours that Ray gives it."""
    lines = [line for line in _COLOUR.sub("", str(error or "")).splitlines() if line.strip()]
    return lines[0].strip() if lines else "no reason is known"
