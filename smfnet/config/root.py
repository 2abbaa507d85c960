"""The whole configuration of one trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from assay.config.errors import UserError
from assay.config.root import RootConfig
from smfnet.config.data import DataConfig
from smfnet.config.earlier_layout import RENAMED
from smfnet.config.loss import LossConfig
from smfnet.config.model import DecoderConfig, ModelConfig, NetworkConfig
from smfnet.config.slots import BaseConfig, DetailConfig, FuseConfig, GraphConfig
from smfnet.config.term import declared_terms
from smfnet.config.test_step import InferConfig, MetricsConfig
from smfnet.config.training import OptimConfig, SchedConfig, TrainConfig

__all__ = ["Config"]


@dataclass(frozen=True)
class Config(RootConfig):
    """Everything that decides a trial of SMFNet, beside what every study has."""

    renamed: ClassVar[Mapping[str, tuple[str, ...]]] = RENAMED

    network: NetworkConfig = field(default_factory=NetworkConfig)
    base: BaseConfig = field(default_factory=BaseConfig)
    detail: DetailConfig = field(default_factory=DetailConfig)
    graph: GraphConfig = field(default_factory=GraphConfig)
    fuse: FuseConfig = field(default_factory=FuseConfig)
    decoder: DecoderConfig = field(default_factory=DecoderConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    data: DataConfig = field(default_factory=DataConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    sched: SchedConfig = field(default_factory=SchedConfig)
    infer: InferConfig = field(default_factory=InferConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        for stage, terms in (("stage1", self.loss.stage1.decomp_terms), ("stage2", self.loss.stage2.decomp_terms)):
            if "G" in terms and not self.graph.enabled:
                kept = ",".join(term for term in terms if term != "G")
                raise UserError(
                    f"loss.{stage}.decomp_terms names G, the graph's features, but graph.enabled is false: "
                    f"add loss.{stage}.decomp_terms=[{kept}]"
                )
        self._check_weights()
        if self.train.freeze_encoder_stage2 and not self.train.stage1_epochs:
            raise UserError("train.freeze_encoder_stage2 needs a stage I: expected train.stage1_epochs > 0; got 0")

    def _check_weights(self) -> None:
        """A stage whose loss has no term could not be trained."""
        loss, first, second = self.loss, self.loss.stage1, self.loss.stage2
        semantic = loss.semantic.weight if loss.semantic.mode != "off" else 0.0
        terms = {
            "stage1": (first.w_tv, first.w_ssim, first.w_grad, loss.gram.weight, semantic),
            "stage2": (second.w_intensity, second.w_grad),
        }
        for stage, weights in terms.items():
            section = getattr(loss, stage)
            needed = stage == "stage2" or self.train.stage1_epochs
            declared = any(declared_terms(loss, stage))
            if needed and not (any(weights) or declared) and not (section.w_decomp and section.decomp_terms):
                raise UserError(f"loss.{stage}: every weight is 0, there is nothing to train; expected one above 0")

    @property
    def model(self) -> ModelConfig:
        """The part that the model factory reads."""
        return ModelConfig(
            network=self.network,
            base=self.base,
            detail=self.detail,
            graph=self.graph,
            fuse=self.fuse,
            decoder=self.decoder,
        )
