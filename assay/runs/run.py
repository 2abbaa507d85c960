"""What came out of an ablation, for Python."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.errors import UserError, unknown
from assay.runs.shown import ShownFolder
from assay.store.run.folder import RunFolder, RunRecord

if TYPE_CHECKING:
    import pandas as pd

    from assay.evidence.measurements import Measurements
    from assay.evidence.proof import Proof
    from assay.evidence.statistics.forecast import Forecast
    from assay.evidence.statistics.parts.contrasts import Contrasts
    from assay.evidence.statistics.verdict import Verdicts
    from assay.evidence.tables.table import Table
    from assay.study import Study

__all__ = ["Run"]

OF = (
    *("mean", "spread", "published", "difference", "low", "high", "bound", "p_adjusted", "margin", "p_equal_adjusted"),
    *("effect", "verdict", "n_seeds"),
)


class Run(ShownFolder):
    """An ablation's results, finished or not. Reading them needs neither torch nor Ray.

    They are read when they are first asked for, and then kept: `load_run` the folder again to see later ones.

    Args:
        folder: of the run.
        study: what was studied, for its networks.

    Raises:
        UserError: at any call: the folder is no run, or a file in it is damaged.
    """

    def __init__(self, folder: str | PathLike[str], study: Study | None = None) -> None:
        super().__init__(folder)
        self.study = study

    @cached_property
    def record(self) -> RunRecord:
        """What was asked for, and the state of every trial."""
        return RunFolder(self.folder).record

    @property
    def unfinished(self) -> list[str]:
        """Trials that did not finish, why, and where the traceback is: how many, then a line each; empty if all did.

        Rows that a time left without any training come first.
        """
        begun = {trial.row for trial in self.record.trials}
        late = [row.name for row in self.record.rows if not row.baseline and row.name not in begun]
        told = [f"no time was left for {', '.join(late)}"] if late else []
        return told + self._stopped

    @property
    def _stopped(self) -> list[str]:
        left = [trial for trial in self.record.trials if trial.status != "finished"]
        lines = [f"{trial.id}: {trial.status}{'; ' if trial.reason else ''}{trial.reason}" for trial in left]
        paths = [self.folder / "errors" / f"{trial.id}.txt" for trial in left]
        told = [f"{line} ({path})" if path.is_file() else line for line, path in zip(lines, paths, strict=True)]
        return [f"{len(left)} of {len(self.record.trials)} trials did not finish", *told] if left else []

    def table(self, of: str = "mean") -> pd.DataFrame:
        """The table: a line per row, trained rows first, a column per metric.

        Args:
            of: which number of each cell: `mean` (over samples, then over seeds), `spread` (standard deviation over
                seeds), `published` (the printed one), `n_seeds`; or `difference` to the base (row less base), its
                interval's `low` and `high`, `bound` (how large the true one may be), `p_adjusted` (corrected over the
                table), `margin`, `p_equal_adjusted` (of a difference of the margin or more), `effect` (standardised),
                `verdict`.

        Returns:
            Index `row`; the first column `title`.

        Raises:
            UserError: `of` is something else.
        """
        if of not in OF:
            raise unknown("of", of, OF)
        data = self.evidence.data
        wide = data.pivot(index="row", columns="metric", values=of)
        titles = data.drop_duplicates("row").set_index("row")["title"]
        wide = wide.loc[titles.index, list(self.evidence.columns)].rename_axis(columns=None)
        wide.insert(0, "title", titles)
        return wide

    def verdicts(self) -> pd.DataFrame:
        """The difference of every row to the base, and the word for it: a line per row and metric.

        Returns:
            Trained rows, then training-free ones; columns as `assay.evidence.statistics.verdict.Verdicts.data` has
            them, and `baseline`.
        """
        import pandas as pd

        parts = [("data", False), ("baselines", True)]
        tables = [getattr(self.judged, name).assign(baseline=free) for name, free in parts]
        return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)

    def forecast(self, seeds: int) -> Forecast | None:
        """How many cells so many seeds would decide; None where nothing is known. See `Forecast`."""
        from assay.evidence.statistics.forecast import forecast

        return forecast(self._measured, seeds)

    def effects(self) -> pd.DataFrame:
        """What the parts of a design do: a line per effect and metric; empty if the rows are of no design.

        Returns:
            Columns as `assay.evidence.statistics.parts.contrasts.Contrasts.data` has them.
        """
        import pandas as pd

        return pd.DataFrame() if self.contrasts is None else self.contrasts.data

    def measurements(self) -> pd.DataFrame:
        """Every value of finished trials that can be compared: row, seed (-1 of a training-free row), sample, metric,
        value. A metric of the whole split has a sample without a name."""
        return self._measured.values.rename(columns={"image": "sample"})

    def noise(self) -> pd.DataFrame:
        """How far the means of two sets of trainings of the base lie apart; a line per metric."""
        return self.evidence.noise

    def curves(self) -> pd.DataFrame:
        """The losses of every training: row, seed, stage, epoch, term, weight, value."""
        return RunFolder(self.folder).curves()

    @cached_property
    def proof(self) -> Proof:
        """What shows that each row ablated something."""
        from assay.evidence.proof import proof_of

        return proof_of(RunFolder(self.folder), self._measured)

    def network(self, row: str, seed: int | None = None, *, storage: str | None = None) -> Any:
        """What a row has trained, as the study measures it: of a study of torch the network, in evaluation mode.

        Args:
            row: its name.
            seed: of the training; the first finished one if None.
            storage: where the weights are, if not where the run says.

        Raises:
            UserError: the run has no such trial, its weights are not in the storage, or the study was not given.
        """
        from assay.experiment.trained import trained_model

        return trained_model(self._known_study, RunFolder(self.folder), row, seed, storage)

    def config(self, row: str) -> Any:
        """The configuration of a row, on a device that is here.

        Args:
            row: its name; of a training-free row it is the base's.

        Raises:
            UserError: there is no such row, the run is of another study, or the study was not given.
        """
        from assay.experiment.trained import row_config

        return row_config(self._known_study, RunFolder(self.folder), row)

    def seeds(self, row: str) -> list[int]:
        """Under which seeds the trainings of a row have finished, rising; [-1] of a training-free row."""
        return sorted(each.seed for each in self.record.trials if each.row == row and each.status == "finished")

    def report(self, *, notebook: bool = False) -> Path:
        """Write report.html, figures and tables, and an executed notebook if wanted; returns the page's path."""
        from assay.evidence.report.report import write_report

        folder = RunFolder(self.folder)
        path = write_report(folder)
        if notebook:
            from assay.evidence.report.notebook import write_notebook

            write_notebook(folder)
        return path

    def write_tables(self) -> list[Path]:
        """Write the files of `tables`; returns their paths."""
        from assay.evidence.tables.render import write_tables

        return write_tables(RunFolder(self.folder), self.evidence, self.contrasts)

    @property
    def tables(self) -> list[Path]:
        """The table as files: table.md, table.csv and table.tex; of a design effects.md and effects.csv too."""
        effects = ("effects.md", "effects.csv") if self.record.design else ()
        return [self.folder / name for name in ("table.md", "table.csv", "table.tex", *effects)]

    @property
    def _known_study(self) -> Study:
        if self.study is None:
            raise UserError("which study is it? say load_run(FOLDER, study=...): its code makes the network")
        return self.study

    @cached_property
    def evidence(self) -> Table:
        """The table with all its numbers, which can be drawn in any format."""
        from assay.evidence.tables.table import table_of

        return table_of(self._measured)

    @cached_property
    def contrasts(self) -> Contrasts | None:
        """The effects of a design's parts, with notes; None if the rows are of no design."""
        from assay.evidence.statistics.parts.contrasts import contrasts_of

        return contrasts_of(self._measured)

    @cached_property
    def _measured(self) -> Measurements:
        from assay.evidence.measurements import measurements

        return measurements(RunFolder(self.folder))

    @cached_property
    def judged(self) -> Verdicts:
        """The verdicts with what they mean; `verdicts()` has them as one table."""
        from assay.evidence.statistics.verdict import verdicts_of

        return verdicts_of(self._measured)

    def print_to(self, console: Any) -> None:
        self.print_table(console)
        if self.contrasts is not None:
            from assay.evidence.tables.effects import effects_terminal

            console.print(effects_terminal(self.contrasts, console.width))
        below = " ".join(self.evidence.notes)
        for alarm in self.proof.alarms.itertuples():
            if (line := f"{alarm.title}: {alarm.alarm}") not in below:  # the table's notes tell those of its values
                console.print(f"alarm: {line}", markup=False, highlight=False, soft_wrap=True)

    def print_table(self, console: Any) -> None:
        """Print with rich the table alone."""
        from assay.evidence.tables.render import terminal

        console.print(terminal(self.evidence, console.width))
