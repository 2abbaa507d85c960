"""What an agent gets, beside the documents of the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.documents.envelope import Number, Part, Plain, Text
from assay.documents.plans import Parameters, Rows

if TYPE_CHECKING:
    from assay.mcp.ledger import Proposal

__all__ = ["KeptRow", "Listed", "PlanShown", "ProposalPart", "RunPart", "Started"]


class RunPart(Part):
    """A run of the folder."""

    name: Text
    search: bool


class ProposalPart(Part):
    """A proposal that has begun."""

    place: int
    run: Text
    rows: list[Text]
    seeds: list[int]
    kept: list[Text]
    """ROW.METRIC of what was kept."""

    @classmethod
    def of(cls, proposal: Proposal) -> ProposalPart:
        """A line of the ledger."""
        return cls(
            place=proposal.place,
            run=proposal.run,
            rows=list(proposal.rows),
            seeds=list(range(proposal.seed, proposal.next_seed)),
            kept=[f"{each.row}.{each.metric}" for each in proposal.kept],
        )


class Listed(Part):
    """What there is."""

    rows: Rows
    parameters: Parameters
    runs: list[RunPart]
    proposals: list[ProposalPart]
    next_level: float
    """What the next proposal may spend of the 5 %."""


class PlanShown(Part):
    """A plan, which nothing has begun."""

    token: Text
    """For `ablate` or `search`; it holds as long as what would be run is exactly this."""
    run: Text
    """The name that the run will have."""
    lines: list[Text]
    place: int | None
    """Of the proposal; null of a search."""
    level: Number
    """What it may spend of the 5 %: its rows are kept if they are better at this level."""
    seeds: list[int] | None
    """That nothing has used before."""


class Started(Part):
    """How far a run is."""

    run: Text | None
    """Its name, for `verdicts` and `keep`; null while it goes on."""
    state: Text
    """`running` or `ended`."""
    unfinished: list[Text]
    """What was asked for and has not finished."""


class KeptRow(Part):
    """A row that is kept."""

    run: Text
    row: Text
    metric: Text
    p: Number
    level: Number
    changes: dict[Text, Plain]
    """Of the configuration: path -> value."""
