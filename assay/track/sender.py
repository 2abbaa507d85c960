"""Tells one tracker, in a process of its own, without ever making the run wait for it or fail."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from assay.config.errors import one_line
from assay.config.tables import builder_named
from assay.track.ledger import Ledger, digest_of
from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial

__all__ = ["Sender"]

_MOST_FAILURES = 2  # one after the other; then the tracker is left alone
_ROOT = Path(__file__).parents[2]
# Where we are is not searched for packages: W&B makes a folder `wandb` there, and this project has one named platform.
_START = "import sys; sys.path.append(sys.argv.pop(1)); from assay.track.child import main; main()"


@dataclass(frozen=True)
class _Parcel:
    """Something to be told."""

    name: str
    digest: str
    line: str


class Sender:
    """Tells a tracker what it does not know yet, in the order in which it comes.

    Args:
        name: of the tracker.
        place: `module:class` of it, see `assay.track.tracked.Tracker`.
        group: what its trials belong to.
        warn: called at most once, with a line that says what went wrong.
    """

    def __init__(self, name: str, place: str, group: TrackedGroup, warn: Callable[[str], None]) -> None:
        kind: Any = builder_named(place, "track")
        self._kind = kind
        self._name, self._place, self._group, self._warn = name, place, group, warn
        self._where = self._kind.where(group)
        self._ledger = Ledger(Path(group.place) / f"{name}.told")
        self._waiting: dict[str, str] = {}
        self._parcels: SimpleQueue[_Parcel | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[str] | None = None
        self._failures, self._done, self._warned, self._left = 0, 0, False, False
        self.told = 0

    @property
    def look(self) -> str:
        """How the user sees what was told."""
        return str(self._kind.look(self._group))

    def tell(self, name: str, what: TrackedTrial | TrackedSummary) -> None:
        """Have it told, unless that was done before; returns at once."""
        content = asdict(what)
        digest = digest_of(content)
        if self._waiting.get(name) == digest or self._ledger.has(self._where, name, digest):
            return
        self._waiting[name] = digest
        kind = "trial" if isinstance(what, TrackedTrial) else "summary"
        self._parcels.put(_Parcel(name, digest, json.dumps([kind, content]) + "\n"))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"track {self._name}", daemon=True)
            self._thread.start()

    def close(self, patience_s: float) -> None:
        """Wait until all is told, as long as something moves within some seconds; what is not told then is left."""
        if self._thread is None:
            return
        self._parcels.put(None)
        while self._thread.is_alive():
            done = self._done
            self._thread.join(patience_s)
            if self._thread.is_alive() and self._done == done:
                self._left = True  # before its process ends: nothing starts another one
                self._problem(f"it does not answer within {patience_s:g} seconds")
                self._kill()
                self._thread.join(patience_s)
                return

    def _work(self) -> None:
        for parcel in iter(self._parcels.get, None):
            if self._failures < _MOST_FAILURES and not self._left:
                self._take(parcel)
            self._done += 1
        self._end()

    def _take(self, parcel: _Parcel) -> None:
        try:
            if problem := self._answer(parcel.line):
                raise RuntimeError(problem)
            self._ledger.add(self._where, parcel.name, parcel.digest)
        except (OSError, ValueError, RuntimeError) as error:
            self._failures += 1
            if self._waiting.get(parcel.name) == parcel.digest:
                del self._waiting[parcel.name]
            self._problem(str(error))
            return
        self._failures = 0
        self.told += 1

    def _answer(self, line: str) -> str:
        """What the tracker's process says: a problem, or nothing."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(line)
            process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            self._process = None
            return f"its process has ended; what it printed is in {self._log}"
        return str(json.loads(answer)["problem"])

    def _started(self) -> subprocess.Popen[str]:
        Path(self._group.place).mkdir(parents=True, exist_ok=True)
        environment: Mapping[str, str] = {**self._kind.environment, **os.environ}
        arguments = (str(_ROOT), self._place, json.dumps(asdict(self._group)))
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-c", _START, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is the run's
            )

    @property
    def _log(self) -> Path:
        return Path(self._group.place) / f"{self._name}.log"

    def _end(self) -> None:
        if process := self._process:
            with contextlib.suppress(OSError):
                process.communicate()

    def _kill(self) -> None:
        if process := self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def _problem(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            self._warn(
                f"track: {self._name} was not told everything, the run goes on, and the same command tells it the rest:"
                f" {one_line(reason)}"
            )
