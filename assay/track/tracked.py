"""What trackers are told: of the whole, of one trial, and of the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["TrackedGroup", "TrackedSummary", "TrackedTrial", "Tracker"]

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class TrackedGroup:
    """A run folder, whose trials stand together in a tracker.

    Attributes:
        key: of the folder, which it keeps: whoever goes on with a run is told by it.
        name: of the folder.
        study: what is studied.
        kind: `ablation` or `search`.
        place: a folder for what a tracker writes, unless its user has told it where.
    """

    key: str
    name: str
    study: str
    kind: str
    place: str


@dataclass(frozen=True)
class TrackedTrial:
    """A row under a seed, or a sample of a search.

    Attributes:
        id: unique in the group.
        row: that it belongs to; empty of a sample.
        seed: -1 where there is none.
        fingerprint: of its measurement; empty where it has none of its own.
        state: how it ended: `finished`, `failed` or `stopped`.
        reason: why it failed or was stopped.
        seconds: that were spent on it.
        parameters: path in the configuration -> value, secrets hidden.
        varied: those of them that tell trials of the group apart.
        metrics: name -> its mean over the samples that are compared. What is not finite is left out, here and below.
        curves: name (`stage1/ssim`) -> its values, each with the epoch.
    """

    id: str
    row: str
    seed: int
    fingerprint: str
    state: str
    reason: str = ""
    seconds: float = 0.0
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """From JSON come lists."""
        curves = {name: tuple((int(step), value) for step, value in line) for name, line in self.curves.items()}
        object.__setattr__(self, "curves", curves)
        object.__setattr__(self, "varied", tuple(self.varied))


@dataclass(frozen=True)
class TrackedSummary:
    """What a run says when it ends.

    Attributes:
        parameters: of the base, as a trial has them.
        about: of the code: commit, versions.
        metrics: `METRIC/ROW` -> the table's mean, `METRIC/ROW/spread` and `METRIC/ROW/difference`; of a search
            `best/OBJECTIVE`.
        words: `METRIC/ROW` -> its verdict; of a search `answer`.
        tables: name -> columns and lines.
        texts: name -> Markdown.
        images: `ROW/NAME` -> path of a PNG file.
        files: name -> path.
        contents: of images and files, a hash.
    """

    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    contents: str = ""


class Tracker(Protocol):
    """What is made of a tracker's package: a class that takes a `TrackedGroup`. It lives in a process of its own.

    Told of a trial or an end for a second time, as something has changed or failed, it replaces what it has.
    """

    def trial(self, trial: TrackedTrial) -> None:
        """Show a trial that has ended."""
        ...

    def summary(self, summary: TrackedSummary) -> None:
        """Show the end of the run."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...
