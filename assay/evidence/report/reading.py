"""A run, each of its files read once, and what follows from them worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from assay.evidence.figures.radar import spokes_of
from assay.evidence.measurements import Measurements, measurements
from assay.evidence.statistics.parts.contrasts import Contrasts, contrasts_of
from assay.evidence.statistics.verdict import Verdicts, verdicts_of
from assay.evidence.tables.table import Table, table_of
from assay.store.run.folder import RunFolder, RunRecord
from assay.store.run.proof import TrialProof

__all__ = ["Reading"]


@dataclass(frozen=True)
class Reading:
    """A run as its report needs it; whatever is asked for raises a UserError if the folder is no run or is damaged."""

    run: RunFolder

    @cached_property
    def record(self) -> RunRecord:
        """What was asked for."""
        return self.run.record

    @cached_property
    def results(self) -> pd.DataFrame:
        """All values."""
        return self.run.results()

    @cached_property
    def measured(self) -> Measurements:
        """The metrics of the table."""
        return measurements(self.run, results=self.results)

    @cached_property
    def spokes(self) -> Measurements:
        """The metrics of the radar."""
        return measurements(self.run, spokes_of(self.record), self.results)

    @cached_property
    def table(self) -> Table:
        """The table."""
        return table_of(self.measured)

    @cached_property
    def verdicts(self) -> Verdicts:
        """On every row."""
        return verdicts_of(self.measured)

    @cached_property
    def contrasts(self) -> Contrasts | None:
        """Effects of the parts of a design; None if the rows are of none."""
        return contrasts_of(self.measured)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """All losses."""
        return self.run.curves()

    @cached_property
    def proofs(self) -> dict[str, TrialProof]:
        """What networks and losses did."""
        return self.run.proofs()
