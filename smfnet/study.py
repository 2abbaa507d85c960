"""SMFNet as a study of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.section import paths_of
from assay.study import TEST, TRAIN, VAL, Making, Measured, Pace, Study, StudyCode
from smfnet.config.metrics import FURTHER, METRICS, TASK_METRICS, TASKS, further_in, measured_in
from smfnet.config.metrics.margins import JUDGED
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA
from smfnet.folders import ablations_folder, pilots_folder, published_folder, search_spaces_folder
from smfnet.fusion.titles import TITLES

if TYPE_CHECKING:
    from assay.metric import Metric
    from assay.stage import Cost, StageJob, StageResult
    from smfnet.model import SMFNet
    from smfnet.training import Stage

__all__ = ["SMFNetStudy", "study"]

# Which pairs there are, and every pixel of a generated one, is in the data's own fingerprint; a probe only tries.
_BEYOND = (
    *("smfnet.data.check", "smfnet.data.fingerprint", "smfnet.data.parts", "smfnet.data.scenes", "smfnet.data.split"),
    *("smfnet.data.held_out", "smfnet.data.lists", "smfnet.cli", "assay.training.probe", "smfnet.training.probe"),
    *("assay.training.work", "assay.training.memory", "smfnet.study"),
    # Where a task's readers came from decides nothing: their names do.
    *("smfnet.data.sets", "smfnet.methods", "smfnet.tasks.given", "smfnet.tasks.rows"),
)
_IMAGES = ("smfnet.data.folder:FilePair", "smfnet.data.pair:pair_of")
_RULE = ("smfnet.fusion.measuring:measured_rule", *_IMAGES)
_WITHIN = ("smfnet", "assay.training")
_TEST_ALONE = ("data.test", "data.limit_test")
_SIZE = ("network.", "data.patch", "train.")
_PACE = Pace(
    step=(*_SIZE, "base.", "detail.", "graph.", "fuse.", "decoder."),
    size=_SIZE,
    samples=tuple(path for path in SCHEMA.known if path.startswith("data.") and not path.startswith(_TEST_ALONE)),
    test=("data.source", "data.root", "data.scenes.", "train.threads", "train.device", *_TEST_ALONE),
    neutral=("train.epochs", "train.stage1_epochs", "train.steps_per_epoch", "train.checkpoint_s"),
)


class SMFNetStudy(Study):
    """Infrared and visible image fusion in one or two stages."""

    name = "smfnet"
    schema = SCHEMA
    metrics = (*JUDGED, *TASK_METRICS.values())
    objective = "SCD"  # the one that no copy of a source wins: VIF, MI and SSIM, sums over both, give it the most
    rules = TITLES
    defaults_of = "paper"
    sample = "image"
    no_validation = "expected data.val_pairs of at least 1"
    suite = "table5"
    device = "train.device"
    pace = _PACE
    packages = ("smfnet",)
    code = StudyCode("smfnet.study:study")
    decisive = ("torch", "kornia", "numpy", "pillow")
    # What hands states and jobs on (`assay.training.work`) is no entry.
    training = Making(("smfnet.training.recipe:train_stage", "smfnet.data.patches:patches", *_IMAGES), _WITHIN, _BEYOND)
    measuring = Making(
        (
            *(f"smfnet.fusion.measuring:{name}" for name in ("network_of", "measured", "proof_of")),
            *("smfnet.data.patches:patches", *_RULE),
        ),
        _WITHIN,
        _BEYOND,
    )
    measuring_a_rule = Making(_RULE, _WITHIN, _BEYOND)

    @cached_property
    def published(self) -> Path:  # type: ignore[override]
        """The paper's tables."""
        return published_folder()

    @cached_property
    def pilots(self) -> Path:  # type: ignore[override]
        """An ablation by `quick`."""
        return pilots_folder()

    @cached_property
    def suites(self) -> Path:  # type: ignore[override]
        """Table 5 and others."""
        return ablations_folder()

    @cached_property
    def spaces(self) -> Path:  # type: ignore[override]
        """Parameters by group."""
        return search_spaces_folder()

    def measures(self, config: Config) -> tuple[Metric, ...]:
        """Those of the paper's tables, of the others what `metrics.table` names, and those of `metrics.tasks`."""
        measured = (*METRICS, *further_in(config.metrics.table), *measured_in(config.metrics.tasks))
        found = tuple(metric for metric in self.metrics if metric.name in measured)
        if not config.metrics.tasks:
            return found
        from smfnet.tasks.segmentation.judging import effective_pictures

        judged, worth = measured_in(config.metrics.tasks), effective_pictures(config)
        return tuple(replace(each, effective_samples=worth) if each.name in judged else each for each in found)

    def columns(self, config: Config) -> tuple[str, ...]:
        """`metrics.table`, and a column for each task."""
        return (*config.metrics.table, *measured_in(config.metrics.tasks))

    def stages(self, config: Config, seed: int, split: str = TEST) -> Sequence[Stage]:
        """Stage I and II, or the joint stage alone."""
        from smfnet.training import stages_of

        return stages_of(config, seed)

    def data(self, config: Config, split: str) -> str:
        """Of the image pairs of a split, and of their labels where a task reads these."""
        from smfnet.data import fingerprint

        pairs = fingerprint(config.data, split)
        if not config.metrics.tasks or split == TRAIN:
            return pairs
        from smfnet.tasks.segmentation.judging import labels_digest

        return labels_digest(pairs, config, split)

    def size(self, config: Config, split: str) -> int:
        """Pairs of a split."""
        from smfnet.data.split import split_of

        return len(split_of(config.data).part(split))

    def prepared(self, config: Config, splits: Sequence[str]) -> Config:
        """Look at every image, turn ranges in percentiles into values, and find the networks that read for a task."""
        from assay.config.changes import apply
        from smfnet.data import check, ranges_in_values

        check(config.data, splits)
        config = apply(config, ranges_in_values(config.data))
        if not config.metrics.tasks:
            return config
        from smfnet.tasks.segmentation.judging import check_judging, note_on_reading
        from smfnet.tasks.segmentation.readers import reading_values

        check_judging(config, split := TEST if TEST in splits else VAL)
        return apply(config, {**reading_values(config.metrics), "note": note_on_reading(config, split)})

    def train(self, stage: Stage, job: StageJob) -> StageResult:  # type: ignore[override]
        """One stage, see `smfnet.training.recipe`."""
        from assay.training.work import carried_out
        from smfnet.data import training_patches
        from smfnet.training.recipe import StageRecipe

        return carried_out(StageRecipe(stage, training_patches(job.config.data)), job)

    def model(self, config: Config, state: bytes) -> SMFNet:
        """The network."""
        from smfnet.fusion.measuring import network_of

        return network_of(config, state)

    def formats(self, network: SMFNet) -> Mapping[str, bytes]:
        """An ONNX file for images of any size, looked at beside PyTorch."""
        from smfnet.fusion.onnx_file import onnx_of

        return {"onnx": onnx_of(network)[0]}

    def measure(self, config: Config, model: SMFNet, split: str) -> Measured:
        """Fuse and measure the pairs of a split."""
        from smfnet.fusion.measuring import measured

        return measured(config, model, split)

    def measure_rule(self, config: Config, rule: str, split: str) -> Measured:
        """The same for a rule."""
        from smfnet.fusion.measuring import measured_rule

        return measured_rule(config, rule, split)

    def proof(self, config: Config, stages: Sequence[Stage], model: SMFNet) -> Mapping[str, Any]:  # type: ignore[override]
        """Of a trained network."""
        from smfnet.fusion.measuring import proof_of

        return proof_of(config, stages, model)

    def sources(self, config: Config) -> Mapping[tuple[str, str], bytes]:
        """The first test pairs."""
        from smfnet.fusion.measuring import sources_of

        return sources_of(config)

    def steps(self, config: Config, samples: int | None) -> int:
        """As many as there are batches of patches; cuts every image if nobody told how many patches there are."""
        from assay.training.steps import steps_per_epoch
        from smfnet.data import training_patches

        count = samples or len(training_patches(config.data))
        return steps_per_epoch(count, config.train.batch, config.train.steps_per_epoch)

    def probe(self, config: Config, stage: Stage) -> Cost:  # type: ignore[override]
        """On made-up patches."""
        from smfnet.training.probe import probe

        return probe(stage, config.data.patch)

    def measuring_values(self, config: Config) -> Mapping[str, Any]:
        """The test step's, which further metrics and tasks are asked for, and what reads for these."""
        metrics = config.metrics
        asked = [f"{FURTHER.path}.{name}" for name in further_in(metrics.table)]
        asked += [f"{TASKS.path}.{name}" for name in metrics.tasks]
        read_by = {"metrics.read_by": metrics.read_by} if metrics.tasks else {}
        return paths_of(config.infer) | dict.fromkeys(asked, True) | read_by

    def threads(self, config: Config) -> int:
        """`train.threads`."""
        return config.train.threads

    def circumstances(self, config: Config) -> Mapping[str, str]:
        """As of any study, and the package of the networks that read where tasks are asked for."""
        reading = {"transformers": _version("transformers")} if config.metrics.tasks else {}
        return {**super().circumstances(config), **reading}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


@cache
def study() -> SMFNetStudy:
    """The study; one object a process."""
    return SMFNetStudy()
