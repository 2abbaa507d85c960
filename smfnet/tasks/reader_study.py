"""What studies of networks that read fused images have in common: which code decides results, a look at pictures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from assay.metric import Metric
from assay.study import TEST, TRAIN, Making
from assay.torch_study import TorchStudy

__all__ = ["ReaderStudy"]

# Which files there are is in the data's own fingerprint, and no command decides a number.
_BEYOND = (
    "smfnet.cli",
    "smfnet.data.check",
    "smfnet.data.sets",
    "smfnet.methods",
    "smfnet.study",
    "smfnet.tasks.given",
)


class ReaderStudy(TorchStudy):
    """As any study of torch's, without what only finds files."""

    packages = ("smfnet",)

    def check(self, configs: Iterable[Any]) -> None:
        """Of every row the images that are learned from and those that are read, before anything starts."""
        every = list(configs)
        super().check(every)
        rows = {config.images: None for config in every}
        for images in rows:
            for part, method in ((TRAIN, images.trained_on), (TEST, images.read)):
                self.check_pictures(images, part, method)

    @abstractmethod
    def check_pictures(self, images: Any, part: str, method: str) -> None:
        """Look at the pictures of a part as a method has them.

        Raises:
            UserError: one is missing, or does not fit what a person has said of it.
        """

    @abstractmethod
    def effective_pictures(self, images: Any) -> Mapping[str, float]:
        """Name of every metric that can be counted -> how many test pictures of equal weight it rests on."""

    def measures(self, config: Any) -> tuple[Metric, ...]:
        """Of each class that can be counted, and of their means."""
        worth = self.effective_pictures(config.images)
        known = (metric for metric in self.metrics if metric.name in worth)
        return tuple(replace(metric, effective_samples=worth[metric.name]) for metric in known)

    def columns(self, config: Any) -> tuple[str, ...]:
        """All that is measured."""
        return tuple(metric.name for metric in self.measures(config))

    @cached_property
    def training(self) -> Making:  # type: ignore[override]
        """Of what trains."""
        return _narrowed(super().training)

    @cached_property
    def measuring(self) -> Making:  # type: ignore[override]
        """Of what measures."""
        return _narrowed(super().measuring)

    @cached_property
    def measuring_a_rule(self) -> Making:  # type: ignore[override]
        """Of what measures without a network."""
        return _narrowed(super().measuring_a_rule)


def _narrowed(making: Making) -> Making:
    return replace(
        making, beyond=(*making.beyond, *_BEYOND), aside=(*making.aside, "suite_of", "check", "check_pictures")
    )
