"""Configuration of what a trial takes of the machine."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.section import EVERY, Section, at_least

__all__ = ["ClusterConfig"]


@dataclass(frozen=True)
class ClusterConfig(Section):
    """Share of the machine that one trial takes.

    Attributes:
        cpus: CPU cores of a trial.
        gpus: GPUs of a trial, fractions allowed (0.25: four trials on one GPU); used when training is on a GPU. If
            null, a few steps are tried, and memory and idle time say how many trials share one.
        max_concurrent: most trials at once (as many as fit if null).
    """

    cpus: int = at_least(1, 1, most=4096, ignored_by=EVERY)
    gpus: float | None = at_least(0, 1.0, above=True, most=1024, ignored_by=EVERY)
    max_concurrent: int | None = at_least(1, None, most=100_000, ignored_by=EVERY)

    @property
    def gpus_each(self) -> float:
        """GPUs of a trial; one where that was left open and nothing was tried."""
        return self.gpus or 1.0
