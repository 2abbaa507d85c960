"""All trackers of a run at once, from the driver: whatever becomes of them, the run goes on."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from assay.config.errors import one_line
from assay.config.root import RootConfig
from assay.config.text.credentials import redacted
from assay.runs import Run, SearchRun
from assay.store.disk.atomic import write_text
from assay.store.received.inside import inside
from assay.store.run.folder import RunFolder
from assay.store.run.log import RunLog
from assay.store.run.record import RunRecord, TrialRecord
from assay.track.known import TRACKERS
from assay.track.of_run import TrackedRun, parameters_of
from assay.track.of_search import search_summary
from assay.track.sender import Sender
from assay.track.tracked import TrackedGroup, TrackedTrial

__all__ = ["FOLDER", "Trackers"]

FOLDER = "track"
SUMMARY = "summary"  # by this name the end is told, and by "trial:ID" a trial
PATIENCE_S = 30.0  # at the end, with nothing moving
_LESS_PATIENCE_S = 5.0  # after Ctrl-C, or an error


class Trackers:
    """Tells trackers of a run while its context lasts, and waits for them at the end, for a while.

    Args:
        names: of the trackers, checked before.
        run: the folder, which the run has written to already when the first thing is told.
        study: name of what is studied.
        kind: `ablation` or `search`.
        config: of the base.
        quiet: say nothing but what went wrong.
    """

    def __init__(
        self, names: Sequence[str], run: RunFolder, study: str, kind: str, config: RootConfig, *, quiet: bool = False
    ) -> None:
        self._names, self._run, self._study, self._kind, self._quiet = tuple(names), run, study, kind, quiet
        self._told, self._log = TrackedRun(run, parameters_of(config)), RunLog(run.folder).write
        self._senders: tuple[Sender, ...] | None = None
        self._warned = False

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._names)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for sender in self._senders or ():
            sender.close(min(_LESS_PATIENCE_S, PATIENCE_S) if error else PATIENCE_S)
            if sender.told and not self._quiet and not error:
                self._say(f"track: {sender.look}")

    def trial(self, record: RunRecord, trial: TrialRecord) -> None:
        """A trial has ended, and its results are in the folder."""
        if self._names:
            with self._never_failing():
                self._tell_trial(self._told.trial(record, trial))

    def sample(self, made: Callable[[], TrackedTrial]) -> None:
        """A sample of a search has ended; what there is to tell is made if somebody listens."""
        if self._names:
            with self._never_failing():
                self._tell_trial(made())

    def ended(self, found: Run | SearchRun) -> None:
        """The run is over, and its tables are written."""
        if not self._names:
            return
        with self._never_failing():
            run = found if isinstance(found, Run) else found.confirmation
            for trial in self._told.trials(run) if run else ():
                self._tell_trial(trial)
            summary = self._told.summary(found) if isinstance(found, Run) else search_summary(found, self._told)
            for sender in self._all():
                sender.tell(SUMMARY, summary)

    def _tell_trial(self, trial: TrackedTrial) -> None:
        for sender in self._all():
            sender.tell(f"trial:{trial.id}", trial)

    def _all(self) -> tuple[Sender, ...]:
        if self._senders is None:
            place = inside(self._run.folder, FOLDER)
            name = self._run.folder.resolve().name
            group = TrackedGroup(_key(place), name, self._study, self._kind, str(place.resolve()))
            self._senders = tuple(Sender(name, TRACKERS[name], group, self._say) for name in self._names)
        return self._senders

    @contextlib.contextmanager
    def _never_failing(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not self._warned:
                self._warned = True
                reason = one_line(redacted(f"{type(error).__name__}: {error}"))
                self._say(f"track: {', '.join(self._names)} cannot be told, the run goes on: {reason}")

    def _say(self, line: str) -> None:
        self._log(line)
        with contextlib.suppress(OSError, ValueError):  # nobody listens
            sys.stderr.write(f"{line}\n")


def _key(place: Path) -> str:
    """By which trackers know a run folder, whoever goes on with it and wherever it is then; kept in it."""
    path = place / "key"
    if path.is_file() and (key := path.read_text(encoding="utf-8").strip()).isalnum():
        return key[:32]
    key = secrets.token_hex(8)
    write_text(path, f"{key}\n")
    return key
