"""SMFNet as a study of the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.section import paths_of
from assay.metric import Metric, Score
from assay.study import Making, Study
from smfnet.config.metrics import METRICS, TABLE5
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA
from smfnet.folders import ablations_folder, published_folder, search_spaces_folder
from smfnet.fusion.titles import TITLES

if TYPE_CHECKING:
    from smfnet.training import Stage

__all__ = ["SMFNetStudy", "study"]

_ROW = "Ours"

# Which pairs there are, and every pixel of a generated one, is in the data's own fingerprint; a probe only tries.
_BEYOND = (
    *("smfnet.data.check", "smfnet.data.fingerprint", "smfnet.data.parts", "smfnet.data.scenes", "smfnet.data.split"),
    *("smfnet.data.held_out", "smfnet.data.lists", "smfnet.cli", "assay.training.probe"),
)
_IMAGES = ("smfnet.data.folder:FilePair", "smfnet.data.pair:pair_of")
_RULE = (
    *("smfnet.fusion.test_step:measure_pairs", "smfnet.fusion.rules:fusion_of", "smfnet.data.images:png"),
    *("assay.training.precision:device_of", "assay.training.precision:numeric_mode"),
    *_IMAGES,
)
_WITHIN = ("smfnet", "assay.training", "assay.experiment.execution", "assay.experiment.proof")


class SMFNetStudy(Study):
    """Infrared and visible image fusion in one or two stages."""

    name = "smfnet"
    schema = SCHEMA
    metrics = tuple(METRICS.values())
    rules = TITLES
    device = "train.device"
    packages = ("smfnet",)
    # How a trial is carried out (`assay.experiment.execution`) is no entry: it hands states, patches and pairs on.
    training = Making(
        ("assay.training.loop:train_stage", "smfnet.data.patches:patches", *_IMAGES), _WITHIN[:2], _BEYOND
    )
    measuring = Making(
        (
            *("assay.experiment.execution:network_of", "assay.experiment.proof:measure_proof"),
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
    def suites(self) -> Path:  # type: ignore[override]
        """Table 5 and others."""
        return ablations_folder()

    @cached_property
    def spaces(self) -> Path:  # type: ignore[override]
        """Parameters by group."""
        return search_spaces_folder()

    @cached_property
    def score(self) -> Score:  # type: ignore[override]
        """Mean over the columns of Table 5 of the value divided by what the paper prints for "Ours"; 1 is its equal."""
        about = 'mean over EN, SD, VIF and SSIM of the value divided by the paper\'s "Ours"'
        return Score(Metric("score", convention=about), _score)

    def columns(self, config: Config) -> tuple[str, ...]:
        """`metrics.table`."""
        return config.metrics.table

    def stages(self, config: Config, seed: int) -> Sequence[Stage]:
        """Stage I and II, or the joint stage alone."""
        from smfnet.training import stages_of

        return stages_of(config, seed)

    def data(self, config: Config, split: str) -> str:
        """Of the image pairs of a split."""
        from smfnet.data import fingerprint

        return fingerprint(config.data, split)

    def size(self, config: Config, split: str) -> int:
        """Pairs of a split."""
        from smfnet.data.split import split_of

        return len(split_of(config.data).part(split))

    def prepared(self, config: Config, splits: Sequence[str]) -> Config:
        """Look at every image, and turn ranges in percentiles into values."""
        from assay.config.changes import apply
        from smfnet.data import check, ranges_in_values

        check(config.data, splits)
        return apply(config, ranges_in_values(config.data))

    def measuring_values(self, config: Config) -> Mapping[str, Any]:
        """The test step's."""
        return paths_of(config.infer)

    def threads(self, config: Config) -> int:
        """`train.threads`."""
        return config.train.threads


@cache
def study() -> SMFNetStudy:
    """The study; one object a process."""
    return SMFNetStudy()


def _score(metrics: Mapping[str, float]) -> float:
    return math.fsum(metrics[name] / printed for name, printed in _printed().items()) / len(TABLE5)


@cache
def _printed() -> Mapping[str, float]:
    from assay.evidence.published import published_table

    table = published_table("table5", published_folder())
    return {name: table.value(_ROW, name) for name in TABLE5}
