"""`--plan`: what would be done, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.answer import Answer

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.launch.ablation import PlannedAblation
    from assay.launch.search import PlannedSearch

__all__ = ["previewed"]


def previewed(planned: PlannedAblation | PlannedSearch, *, probe: bool) -> Answer:
    """The answer of a command that does nothing.

    Args:
        planned: what would be done.
        probe: try a few steps where nothing is known of the time.
    """

    def shown() -> None:
        for line in planned.lines(probe=probe):
            print(line)

    def result() -> Result:
        from assay.documents.plans import plan_of

        return plan_of(planned, probe=probe)

    return Answer(shown, result)
