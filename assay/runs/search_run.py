"""What came out of a search, for Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.runs.run import Run
from assay.runs.shown import ShownFolder
from assay.store.run.folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

    from assay.evidence.search_results import SearchResults
    from assay.evidence.tables.confirmed import Answer
    from assay.study import Study

__all__ = ["SearchRun"]


class SearchRun(ShownFolder):
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

        Its configuration is in `best_config`; `answer` says whether it is better than the defaults.
        """
        found, names = self.results.best(1), [parameter["name"] for parameter in self.results.space]
        return {} if found.empty else {name: found[name].tolist()[0] for name in names}

    @property
    def best_config(self) -> Path:
        """The file best.yaml, for `base=`; not there if there is no best."""
        return self.folder / "best.yaml"

    @property
    def importance(self) -> pd.DataFrame:
        """How much each parameter decides, beside what shuffled values give; empty below 20 trials with values.

        Columns as `assay.tuning.importance.Importance` has them: objective, parameter, importance, chance,
        chance_high, p, step, trials.
        """
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
        answer = [self.answer.line] if self.answer.line else []
        return write_summary(self.results, self.folder, [*self.confirmed, *short, *answer])

    @property
    def confirmed(self) -> list[str]:
        """What the confirmation says of the best, a line each; empty where nothing was confirmed."""
        from assay.evidence.tables.confirmed import confirmation_lines

        folder = RunFolder(self.folder)
        return confirmation_lines(folder, self.results.objectives) if self.confirmation else []

    @cached_property
    def answer(self) -> Answer:
        """Whether the best configuration is better than what the search began with (`gained`), and a line that says it.

        It is only where fresh seeds and the test split resolve a gain in the first objective.
        """
        from assay.evidence.tables.confirmed import answer_of

        return answer_of(self.results, RunFolder(self.folder))

    def print_to(self, console: Any) -> None:
        self.print_search(console)
        self.print_confirmation(console)
        console.print(self.answer.line, markup=False, highlight=False, soft_wrap=True)

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
