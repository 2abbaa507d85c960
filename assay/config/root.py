"""The fields that every study's configuration has: the engine's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from assay.config.cluster import ClusterConfig
from assay.config.section import EVERY, MOST_SEEDS, Section, at_least, place, value

__all__ = ["RootConfig"]


@dataclass(frozen=True)
class RootConfig(Section, at=""):
    """The base of a study's whole configuration; a study adds sections and values of its own, by other names.

    Attributes:
        seed: of a training; the k-th seed of a run is `seed + k`.
        seeds: how many seeds each row of a suite gets.
        storage: where weights and results of all runs live: a folder or a URL (s3://bucket/path).
        note: one line that a preset wants to be printed with its results; `{train.epochs}` in it is that value.
        cluster: what one trial takes of the machine.
        track: trackers that are told of the run, `tensorboard`, `mlflow` and `wandb`; decides nothing.
        renamed: earlier path -> the paths where its value stands now, for files of earlier versions; no field.
    """

    renamed: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    seed: int = at_least(0, 2025, most=2**32 - 1, ignored_by=EVERY)
    seeds: int = at_least(1, 1, most=MOST_SEEDS, ignored_by=EVERY)
    storage: str = place("runs/store", ignored_by=EVERY)
    note: str = value("", ignored_by=EVERY)
    cluster: ClusterConfig = field(default_factory=ClusterConfig)
    track: tuple[str, ...] = value((), ignored_by=EVERY)
