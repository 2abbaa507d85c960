"""What the studies of networks that read fused images have in common: which code decides their results."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from assay.study import Making
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
    return replace(making, beyond=(*making.beyond, *_BEYOND), aside=(*making.aside, "suite_of"))
