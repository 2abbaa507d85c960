"""The process that a tracker lives in: a line of JSON for each thing that it is told, and a line that answers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import cache, partial

from assay.config.errors import one_line
from assay.config.tables import builder_named
from assay.config.text.credentials import redacted
from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial, Tracker

__all__ = ["main"]

_MOST = 300  # characters of a reason


def main() -> None:
    """Tell the tracker that the first argument names, of the group of the second, what comes; ends when nothing can."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what packages print goes where their errors go
    place, group = sys.argv[1], TrackedGroup(**json.loads(sys.argv[2]))

    @cache
    def tracker() -> Tracker:
        made: Tracker = builder_named(place, "track")(group)
        return made

    for line in sys.stdin:
        answers.write(json.dumps({"problem": _problem(partial(_told, tracker, line))}) + "\n")
        answers.flush()
    _problem(lambda: tracker().close())


def _told(tracker: Callable[[], Tracker], line: str) -> None:
    kind, content = json.loads(line)
    if kind == "trial":
        tracker().trial(TrackedTrial(**content))
    else:
        tracker().summary(TrackedSummary(**content))


def _problem(act: Callable[[], None]) -> str:
    """Why something did not work, in a line; empty if it did."""
    try:
        act()
    except (Exception, SystemExit) as error:  # of any package, of any kind: the run goes on
        text = one_line(redacted(f"{type(error).__name__}: {error}"), most=_MOST)
        sys.stderr.write(f"{text}\n")
        return text
    return ""
