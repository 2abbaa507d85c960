"""Trackers that keep what they are told, and such as fail in every way that there is."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from assay.track.tracked import TrackedGroup


class Recording:
    """Writes what it is told to `told.jsonl`, and prints as packages do."""

    environment: ClassVar = {"FAKE_SETTING": "of the tracker"}

    def __init__(self, group: TrackedGroup) -> None:
        self._path = Path(group.place) / "told.jsonl"
        self._write("open", {"key": group.key, "setting": os.environ["FAKE_SETTING"]})

    @staticmethod
    def where(group: TrackedGroup) -> str:
        return os.environ.get("FAKE_SERVER", "here")

    @staticmethod
    def look(group: TrackedGroup) -> str:
        return "look there"

    def trial(self, trial: Any) -> None:
        print("a package prints this")
        self._write("trial", asdict(trial))

    def summary(self, summary: Any) -> None:
        self._write("summary", asdict(summary))

    def close(self) -> None:
        self._write("close", {})

    def _write(self, kind: str, content: dict[str, Any]) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps([kind, content]) + "\n")


class Raising(Recording):
    """Fails at every call."""

    def __init__(self, group: TrackedGroup) -> None:
        pass

    def trial(self, trial: Any) -> None:
        raise RuntimeError("no door opens at https://user:secret@example.org/x")

    summary = close = trial


class Closed(Recording):
    """Cannot be made."""

    def __init__(self, group: TrackedGroup) -> None:
        raise SystemExit("not logged in")


class Hanging(Recording):
    """Never answers."""

    def trial(self, trial: Any) -> None:
        threading.Event().wait()


class Dying(Recording):
    """Takes its process with it."""

    def trial(self, trial: Any) -> None:
        os._exit(3)
