"""That the shares of a design's parts add up, in numbers."""

from __future__ import annotations

from collections.abc import Iterator

from assay.evidence.measurements import Measurements
from assay.evidence.numbers import number, signed
from assay.evidence.statistics.parts.contrasts import Contrasts, mean_without_parts

__all__ = ["sums_of"]


def sums_of(contrasts: Contrasts, measured: Measurements) -> Iterator[str]:
    """A sentence per metric: the row without any part, the shares in turn, and the base that they lead to."""
    for metric in contrasts.metrics:
        start, digits = mean_without_parts(contrasts.design, metric.name, measured), metric.decimals
        shares = contrasts.of("part", metric.name)["estimate"]
        if shares.notna().all():
            steps = " ".join(signed(share, digits) for share in shares)
            end = number(start + shares.sum(), digits)
            yield f"{metric.name}: {number(start, digits)} without the parts {steps} = {end}, {measured.base_title}."
