"""The seam: what a study must say of itself. The engine is handed a study, and knows of it what stands here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from assay.config.compose import Schema
from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.metric import Metric, Score

__all__ = ["TEST", "TRAIN", "VAL", "Making", "Stage", "Study"]

TRAIN, VAL, TEST = "train", "val", "test"  # splits of the data


class Stage(Protocol):
    """A unit of training and of reuse: what decides the result is what it holds.

    Attributes:
        kind: a word.
        seed: of initial weights, order of samples and whatever else is drawn.
        config: without the values that such a stage ignores, see `assay.config.ignored`.
        first_epoch, last_epoch: of the whole training, from 0; the last one no longer belongs to the stage.
    """

    @property
    def kind(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def config(self) -> Any: ...
    @property
    def first_epoch(self) -> int: ...
    @property
    def last_epoch(self) -> int: ...


@dataclass(frozen=True)
class Making:
    """Where the making of a result begins, and how far its code is followed, see `assay.experiment.code`.

    Attributes:
        entries: `module:name` of the first definitions.
        within: packages and modules whose definitions are followed; others (the standard library, say) are not.
        beyond: of these, packages and modules that are not followed after all: what they decide is named otherwise.
    """

    entries: tuple[str, ...]
    within: tuple[str, ...]
    beyond: tuple[str, ...] = ()

    def follows(self, module: str) -> bool:
        """Whether the definitions of a module count."""
        return _below(module, self.within) and not _below(module, self.beyond)


class Study(ABC):
    """A network, its data and its metrics, as an ablation or a search works on them.

    Attributes:
        name: as commands and records have it.
        schema: the configurations that it can have.
        metrics: every metric that is measured, in order.
        score: one number made of several of them, if the study has one.
        rules: training-free rule -> title.
        published, suites, spaces: folders of the printed tables, of suites and of search spaces, where there are any.
        device: path of the value that says `auto`, `cpu` or `cuda`; None if the study leaves that to itself.
        packages: names of the packages whose code is the study's.
        training, measuring, measuring_a_rule: where these begin in the code.
    """

    name: str
    schema: Schema[Any]
    metrics: tuple[Metric, ...]
    score: Score | None = None
    rules: Mapping[str, str] = {}
    published: Path | None = None
    suites: Path | None = None
    spaces: Path | None = None
    device: str | None = None
    packages: tuple[str, ...] = ()
    training: Making
    measuring: Making
    measuring_a_rule: Making

    def columns(self, config: Any) -> tuple[str, ...]:
        """Names of the metrics that tables show."""
        return tuple(metric.name for metric in self.metrics if not metric.variant_of)

    def device_of(self, config: RootConfig) -> str:
        """The device that a configuration names: `auto`, `cpu` or `cuda`."""
        return str(paths_of(config)[self.device]) if self.device else "cpu"

    @abstractmethod
    def stages(self, config: Any, seed: int) -> Sequence[Stage]:
        """What is trained for a configuration under a seed, in order; each begins with the result of the one before."""

    @abstractmethod
    def data(self, config: Any, split: str) -> str:
        """A fingerprint of a split (`train`, `val`, `test`): equal for equal samples only."""

    @abstractmethod
    def size(self, config: Any, split: str) -> int:
        """How many samples a split has; 0 if the study has no such split."""

    def prepared(self, config: Any, splits: Sequence[str]) -> Any:
        """The configuration with all that only the data can tell; called once, before anything starts.

        Args:
            config: as it was asked for.
            splits: that will be looked at; a search leaves the test split unread.

        Raises:
            UserError: something is wrong with the data.
        """
        return config

    def measuring_values(self, config: Any) -> Mapping[str, Any]:
        """The values that measuring reads beside the stages' own, by dotted path: they name measurements, no stage."""
        return {}

    def threads(self, config: Any) -> int:
        """CPU threads of a training: their number decides last digits."""
        return 1


def _below(module: str, places: Sequence[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)
