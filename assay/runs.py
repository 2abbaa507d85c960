"""What came out of an ablation or a search, for Python: data frames, networks, and what a notebook shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.errors import UserError, unknown
from assay.store.run import RunFolder, RunRecord

if TYPE_CHECKING:
    import pandas as pd

    from assay.evidence.measurements import Measurements
    from assay.evidence.proof import Proof
    from assay.evidence.search_results import SearchResults
    from assay.evidence.statistics.verdict import Verdicts
    from assay.evidence.tables.table import Table
    from assay.study import Study

__all__ = ["Run", "SearchRun"]

OF = ("mean", "spread", "published", "difference", "low", "high", "p_holm", "effect", "verdict", "n_seeds")


class _Folder:
    """A folder that a command wrote, which a notebook shows as the commands do."""

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def __str__(self) -> str:
        return self._shown().export_text()

    def _repr_html_(self) -> str:
        look = "<pre style='line-height:1.25;overflow-x:auto'>{code}</pre>"
        return str(self._shown().export_html(inline_styles=True, code_format=look))

    def _shown(self, width: int = 100) -> Any:
        """A console that has printed what is to be seen, and keeps it."""
        from io import StringIO

        from rich.console import Console

        console = Console(file=StringIO(), record=True, width=width, force_terminal=True, force_jupyter=False)
        self.print_to(console)
        return console

    def print_to(self, console: Any) -> None:
        """Print with rich what the command prints of the results."""
        raise NotImplementedError


class Run(_Folder):
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
        """Trials that did not finish, why, and where the traceback is: how many, then a line each; empty if all did."""
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
                interval's `low` and `high`, `p_holm` (corrected over the table), `effect` (standardised), `verdict`.

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
        tables = [getattr(self._verdicts, name).assign(baseline=free) for name, free in parts]
        return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)

    def measurements(self) -> pd.DataFrame:
        """Every value of finished trials that can be compared: row, seed (-1 of a training-free row), sample, metric,
        value. A metric of the whole split has a sample without a name."""
        return self._measured.values.rename(columns={"image": "sample"})

    def noise(self) -> pd.DataFrame:
        """By how much two trainings of the base may differ; a line per metric."""
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

        if self.study is None:
            raise UserError("which study is it? say load_run(FOLDER, study=...): its code makes the network")
        return trained_model(self.study, RunFolder(self.folder), row, seed, storage)

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

        return write_tables(RunFolder(self.folder), self.evidence)

    @property
    def tables(self) -> list[Path]:
        """The table as files: table.md, table.csv and table.tex."""
        return [self.folder / name for name in ("table.md", "table.csv", "table.tex")]

    @cached_property
    def evidence(self) -> Table:
        """The table with all its numbers, which can be drawn in any format."""
        from assay.evidence.tables.table import table_of

        return table_of(self._measured)

    @cached_property
    def _measured(self) -> Measurements:
        from assay.evidence.measurements import measurements

        return measurements(RunFolder(self.folder))

    @cached_property
    def _verdicts(self) -> Verdicts:
        from assay.evidence.statistics.verdict import verdicts_of

        return verdicts_of(self._measured)

    def print_to(self, console: Any) -> None:
        self.print_table(console)
        for alarm in self.proof.alarms.itertuples():
            console.print(f"alarm: {alarm.title}: {alarm.alarm}", markup=False, highlight=False, soft_wrap=True)

    def print_table(self, console: Any) -> None:
        """Print with rich the table alone."""
        from assay.evidence.tables.render import terminal

        console.print(terminal(self.evidence, console.width))


class SearchRun(_Folder):
    """A search's results, finished or not.

    Args:
        folder: of the search.
        study: what was searched.
    """

    def __init__(self, folder: str | PathLike[str], study: Study | None = None) -> None:
        super().__init__(folder)
        self.study = study

    @cached_property
    def results(self) -> SearchResults:
        """All tables of the search.

        Raises:
            UserError: the folder holds no search, or a file in it is damaged.
        """
        from assay.evidence.search_results import search_results

        return search_results(self.folder)

    @property
    def trials(self) -> pd.DataFrame:
        """A line per trial: trial, role, state, the objectives, the parameters, seconds, reason, ..."""
        return self.results.trials

    @property
    def best(self) -> Mapping[str, Any]:
        """The parameters of the best trial inside the ranges, the first of a front; empty if there is none.

        Its configuration is in `best_config`.
        """
        found, names = self.results.best(1), [parameter["name"] for parameter in self.results.space]
        return {} if found.empty else {name: found[name].tolist()[0] for name in names}

    @property
    def best_config(self) -> Path:
        """The file best.yaml, for `base=`; not there if there is no best."""
        return self.folder / "best.yaml"

    @property
    def importance(self) -> pd.DataFrame:
        """How much each parameter decides: objective, parameter, importance, step, trials."""
        return self.results.importance

    @cached_property
    def confirmation(self) -> Run | None:
        """The best and the defaults under fresh seeds on the test split; None where nothing was confirmed."""
        return Run(self.folder, self.study) if (self.folder / "run.json").is_file() else None

    @property
    def unfinished(self) -> list[str]:
        """What was asked for and was not done, a line each."""
        from assay.evidence.search_shortfalls import shortfalls

        return [*shortfalls(self.results), *(self.confirmation.unfinished if self.confirmation else ())]

    @property
    def errors(self) -> Path | None:
        """The folder with the tracebacks of trials that failed, and what they printed; None if none failed."""
        folder = self.folder / "errors"
        return folder if "failed" in set(self.trials["state"]) and folder.is_dir() else None

    def report(self, *, notebook: bool = False) -> Path:
        """Write report.html and figures, and an executed notebook if wanted; returns the page's path."""
        return Run(self.folder).report(notebook=notebook)

    def write_summary(self) -> Path:
        """Write summary.md, what the commands print; returns its path."""
        from assay.evidence.tables.search import write_summary

        short = self.confirmation.unfinished if self.confirmation else []
        return write_summary(self.results, self.folder, [*self.confirmed, *short])

    @property
    def confirmed(self) -> list[str]:
        """What the confirmation says of the best, a line each; empty where nothing was confirmed."""
        from assay.evidence.tables.search import confirmation_lines

        folder = RunFolder(self.folder)
        return confirmation_lines(folder, self.results.objectives) if self.confirmation else []

    def print_to(self, console: Any) -> None:
        self.print_search(console)
        self.print_confirmation(console)

    def print_search(self, console: Any) -> None:
        """Print with rich what the trials gave."""
        from assay.evidence.tables.search import search_lines, terminal

        console.print(terminal(self.results))
        for line in search_lines(self.results):
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    def print_confirmation(self, console: Any) -> None:
        """Print with rich what fresh seeds and the test split say of the best."""
        if self.confirmation:
            self.confirmation.print_table(console)
        for line in self.confirmed:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
