"""What a search writes into its folder of itself: record, tables, figures, and the best configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna

    from assay.launch.request.budget import SearchBudget
    from assay.launch.searched.confirming import PlannedConfirmation
    from assay.tuning.settings import SearchSettings

__all__ = ["SearchFiles"]


@dataclass(frozen=True)
class SearchFiles:
    """The files of one search.

    Attributes:
        folder: of the search.
        settings, budget, confirmation: of the search.
        typed: parameter -> its bounds, as they were typed.
        choices: presets and profiles of the configuration.
        command, ablate: what was typed, and how an ablation of this study is called.
        start: the line of what it starts from; empty without it.
    """

    folder: Path
    settings: SearchSettings
    budget: SearchBudget
    confirmation: PlannedConfirmation
    typed: Mapping[str, str]
    choices: Mapping[str, str]
    command: Sequence[str]
    ablate: Sequence[str]
    start: str

    def drop_results(self) -> None:
        """Remove what was made of trials that are about to be more."""
        from assay.evidence.tables.search import SUMMARY
        from assay.store.run.folder import RunFolder
        from assay.tuning.record import BEST_FILE

        RunFolder(self.folder).drop_derived()
        for name in (BEST_FILE, SUMMARY):
            (self.folder / name).unlink(missing_ok=True)

    def write_results(self, study: optuna.Study) -> None:
        """Write what follows from the study."""
        from assay.evidence.figures.search import write_search_figures
        from assay.evidence.search_results import search_results

        self.write_record(study)
        self.write_tables(study)
        self.write_best(study)
        write_search_figures(search_results(self.folder), self.folder / "figures")

    def write_best(self, study: optuna.Study) -> None:
        """Write best.yaml if a trial inside the ranges has finished."""
        from assay.launch.searched.best_configuration import unused_seed, write_best_configuration

        seed = unused_seed(self.folder, self.confirmation.first_unused_seed)
        write_best_configuration(study, self.settings, self.folder, (self.command, self.ablate), seed)

    def write_record(self, study: optuna.Study | None = None) -> None:
        """Write search.json; at the end of the search with the study, which tells whether its space is used up."""
        from assay.launch.searched.record import search_record_of
        from assay.tuning.record import write_record
        from assay.tuning.samplers.sampler import samples_left

        settings, budget = self.settings, self.budget
        used_up = study is not None and not samples_left(settings.sampler, settings.space, study)
        how, seeds = (self.typed, self.choices, self.command), self.confirmation.seeds
        record = search_record_of(settings, budget, *how, fresh_seeds=seeds, used_up=used_up)
        write_record(self.folder, {**record, "start": self.start})

    def write_tables(self, study: optuna.Study) -> None:
        """Write all trials as tables."""
        from assay.tuning.record import write_tables

        write_tables(self.folder, study, self.settings.space, self.settings.objective.metrics)
