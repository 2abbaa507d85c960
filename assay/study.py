"""The seam: what a study must say of itself. The engine is handed a study, and knows of it what stands here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.config.compose import Schema
from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.metric import Metric
from assay.stage import Cost, Stage, StageJob, StageResult

__all__ = ["TEST", "TRAIN", "VAL", "Making", "Measured", "Pace", "Study", "StudyCode"]

TRAIN, VAL, TEST = "train", "val", "test"  # splits of the data


@dataclass(frozen=True)
class Measured:
    """What measuring gave.

    Attributes:
        samples: name of a sample, and metric -> value; one whose name is empty is of the whole split.
        pictures: name -> PNG file, of a few samples, for people to look at.
    """

    samples: tuple[tuple[str, Mapping[str, float]], ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Making:
    """Where the making of a result begins, and how far its code is followed, see `assay.experiment.naming.code`.

    Attributes:
        entries: `module:name` of the first definitions.
        within: packages and modules whose definitions are followed; others (the standard library, say) are not.
        beyond: of these, packages and modules that are not followed after all: what they decide is named otherwise.
        root: a folder where packages and modules are looked for before those that can be imported.
        aside: members of a class among the entries that do not count, unless one that counts uses them.
    """

    entries: tuple[str, ...]
    within: tuple[str, ...]
    beyond: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    root: Path | None = None

    def follows(self, module: str) -> bool:
        """Whether the definitions of a module count."""
        return _below(module, self.within) and not _below(module, self.beyond)


@dataclass(frozen=True)
class Pace:
    """By which values of a configuration an estimate tells what work takes: paths, or their beginnings.

    Attributes:
        step: of a training's step; None: by every value that the stage reads.
        size: of these, those without which no other training says anything of this one's.
        samples: how many samples an epoch has; None: by every value.
        test: of measuring; None: by every value.
        neutral: none of these changes any of it: how long a training is, or how often it is kept.
    """

    step: tuple[str, ...] | None = None
    size: tuple[str, ...] = ()
    samples: tuple[str, ...] | None = None
    test: tuple[str, ...] | None = None
    neutral: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudyCode:
    """A study by its place in the code.

    Attributes:
        place: `module:name` of the study, or of what gives it when it is called.
        arguments: of that call.
        sources: module -> text, of a study in files of its own; a package that is installed, or sent whole, has none.
        folder: of these files, where the study finds its data.
    """

    place: str
    arguments: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""


class Study(ABC):
    """A network, its data and its metrics, as an ablation or a search works on them.

    Attributes:
        name: as commands and records have it.
        schema: the configurations that it can have.
        metrics: every metric that it can measure, in order.
        objective: name of the metric that a search goes by unless it is told another; the first one if empty.
        rules: training-free rule -> title.
        defaults_of: whose values the parameters of a search begin with, in one word: `base`, or `paper` where the study
            follows one.
        sample: what a sample is called, in the singular: `image`, `line`.
        no_validation: what to do if there is no validation split, for a message.
        published, suites, spaces: folders of the printed tables, of suites and of search spaces, where there are any.
        pilots: folder with `PRESET.parquet`: results of an ablation by a preset as it is; until a storage has trainings
            of its own, a plan says by these what its seeds can resolve.
        suite: its own suite, as a YAML file would have it (`base`, `rows`, ...), or the name of one in `suites`.
        space: its own parameters to search, as a YAML file would have them (name -> path, range, scale, ...).
        device: path of the value that says `auto`, `cpu` or `cuda`; None if the study leaves that to itself.
        packages: names of the packages whose code is the study's.
        decisive: names of the packages whose arithmetic is in every number, as they are installed.
        state_file: name of the file that holds the state of a stage in the store.
        code: where the study comes from, for workers.
        unpromised: clauses of `assay.testing.StudyContract` that a study of this kind cannot promise, of `training
            twice`, `checkpoints` and `code`.
        pace: what estimates of time go by.
        training, measuring, measuring_a_rule: where these begin in the code.
    """

    name: str
    schema: Schema[Any]
    metrics: tuple[Metric, ...]
    objective: str = ""
    rules: Mapping[str, str] = {}
    defaults_of: str = "base"
    sample: str = "sample"
    no_validation: str = "expected at least one"
    published: Path | None = None
    pilots: Path | None = None
    suites: Path | None = None
    spaces: Path | None = None
    suite: Mapping[str, Any] | str = ""
    space: Mapping[str, Any] = {}
    device: str | None = None
    packages: tuple[str, ...] = ()
    decisive: tuple[str, ...] = ("torch", "numpy")
    state_file: str = "state.safetensors"
    code: StudyCode
    unpromised: tuple[str, ...] = ()
    pace: Pace = Pace()
    training: Making
    measuring: Making
    measuring_a_rule: Making

    def measures(self, config: Any) -> tuple[Metric, ...]:
        """The metrics that are measured under a configuration; all, unless some have to be asked for."""
        return self.metrics

    def columns(self, config: Any) -> tuple[str, ...]:
        """Names of the metrics that tables show."""
        return tuple(metric.name for metric in self.metrics if not metric.variant_of)

    def device_of(self, config: RootConfig) -> str:
        """The device that a configuration names: `auto`, `cpu` or `cuda`."""
        return str(paths_of(config)[self.device]) if self.device else "cpu"

    @abstractmethod
    def stages(self, config: Any, seed: int, split: str) -> Sequence[Stage]:
        """What is trained for a configuration under a seed, in order; each begins with the result of the one before.

        Args:
            config: of a trial.
            seed: of its training.
            split: that it will be measured on; most studies train the same for all.
        """

    @abstractmethod
    def data(self, config: Any, split: str) -> str:
        """A fingerprint of a split (`train`, `val`, `test`): equal for equal samples only."""

    def seed_data(self, config: Any, seed: int) -> str:
        """The same of what is read under one seed alone; empty if that is nothing."""
        return ""

    @abstractmethod
    def size(self, config: Any, split: str) -> int:
        """How many samples a split has; 0 if the study has no such split, -1 if it has one and nobody knows."""

    @abstractmethod
    def train(self, stage: Stage, job: StageJob) -> StageResult:
        """Train a stage to its end, from its checkpoint if the job has one.

        Raises:
            Diverged: it cannot go on; the message is the reason that tables show.
        """

    @abstractmethod
    def model(self, config: Any, state: bytes) -> Any:
        """What the last stage of a trial left, as `measure` takes it."""

    def network(self, config: Any, state: bytes) -> Any:
        """The same for a user who asks a run for a row's network.

        Raises:
            UserError: the study has no such thing.
        """
        return self.model(config, state)

    def formats(self, network: Any) -> Mapping[str, bytes]:
        """A row's network as files for other programs: ending -> content (`onnx`); what `export --models` packs.

        Raises:
            ModuleNotFoundError: a package that this takes is missing.
            UserError: this network cannot be such a file.
        """
        return {}

    @abstractmethod
    def measure(self, config: Any, model: Any, split: str) -> Measured:
        """Measure every sample of a split with every metric.

        Raises:
            Diverged: the model gives no values; the message is the reason that tables show.
        """

    def measure_rule(self, config: Any, rule: str, split: str) -> Measured:
        """The same for a training-free rule of `rules`."""
        raise NotImplementedError(f"{self.name} has no training-free rule {rule}")

    def proof(self, config: Any, stages: Sequence[Stage], model: Any) -> Mapping[str, Any] | None:
        """What shows that an ablation ablated something, see `assay.training.proof`; None if there is no such thing."""
        return None

    def sources(self, config: Any) -> Mapping[tuple[str, str], bytes]:
        """Pictures that a run shows beside those of its rows: sample and kind of source -> PNG file."""
        return {}

    def steps(self, config: Any, samples: int | None) -> int | None:
        """Steps of an epoch, without training; None: unknown.

        Args:
            config: of a trial.
            samples: that an epoch trains on, where an earlier stage told it.
        """
        return None

    def probe(self, config: Any, stage: Stage) -> Cost | None:
        """What a step costs, from a few that are tried now and forgotten; None if that cannot be known so."""
        return None

    def prepared(self, config: Any, splits: Sequence[str]) -> Any:
        """The configuration with all that only the data can tell; called once, before anything starts.

        Args:
            config: as it was asked for.
            splits: that will be looked at; a search leaves the test split unread.

        Raises:
            UserError: something is wrong with the data.
        """
        return config

    def check(self, configs: Iterable[Any]) -> None:  # noqa: B027  # most have nothing to look at
        """Look at what rows are made of, before anything starts.

        Args:
            configs: of the base, of the rows that were asked for, and of the study's own suite.

        Raises:
            UserError: the study says something of itself that holds for none of them.
        """

    def measuring_values(self, config: Any) -> Mapping[str, Any]:
        """The values that measuring reads beside the stages' own, by dotted path: they name measurements, no stage."""
        return {}

    def threads(self, config: Any) -> int:
        """CPU threads of a training: their number decides last digits."""
        return 1

    def circumstances(self, config: Any) -> Mapping[str, str]:
        """What of the place decides last digits too, for the record."""
        return {"threads": str(self.threads(config))}


def _below(module: str, places: Sequence[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)
