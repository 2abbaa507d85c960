"""A loss term that its weight declares: what computes it, and in which stages it is added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from assay.config.section import Section, at_least
from smfnet.config.stages import STAGE1, STAGE2

__all__ = ["DeclaredTerm", "declared_terms", "term"]


def term(
    function: str,
    *stages: str,
    weight: float = 0.0,
    searched: tuple[float, float, str] = (0.0, 10.0, "linear"),
) -> Any:
    """The weight of a loss term, as a field of `LossConfig` or of a section below it that has further values.

        edges: float = term("smfnet.losses.edges:edge_distance", STAGE2)

    The term is then there by the field's name; `python -m platform.search loss.edges` searches its weight.

    Args:
        function: `package.module:name`; it takes what it reads by the names of its parameters, see
            `smfnet.losses.declared`.
        stages: in whose loss it is: `stage1`, `stage2`, or both.
        weight: 0 is off: then all is as it was without the term, and nothing that is stored gets another name.
        searched: low, high and scale of a search, unless it is told otherwise.
    """
    ignored_by = tuple(kind for kind in (STAGE1, STAGE2) if kind not in stages)
    return at_least(0, weight, as_before=0.0, ignored_by=ignored_by, builder=function, searched=searched)


@dataclass(frozen=True)
class DeclaredTerm:
    """A term's name, its weight, and what computes it."""

    name: str
    weight: float
    function: str


def declared_terms(loss: Section, stage: str) -> Iterator[DeclaredTerm]:
    """The declared terms of a stage whose weight is not 0, in the order of the fields.

    Args:
        loss: the `LossConfig`; a stage's may lack the weights of terms that are not in its loss.
        stage: `stage1` or `stage2`.
    """
    yield from _below(loss, stage, "")


def _below(section: Section, stage: str, prefix: str) -> Iterator[DeclaredTerm]:
    for item in (each for each in fields(section) if each.name not in section.lacks):
        if stage in item.metadata.get("ignored_by", ()):
            continue
        value = getattr(section, item.name)
        if isinstance(value, Section):
            yield from _below(value, stage, f"{prefix}{item.name}.")
        elif value and "builder" in item.metadata:
            yield DeclaredTerm((prefix + item.name).removesuffix(".weight"), value, item.metadata["builder"])
