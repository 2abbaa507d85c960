"""What search.json says of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from assay.config.text.credentials import redacted
from assay.config.text.note import note_of
from assay.experiment.provenance import provenance
from assay.launch.request.budget import SearchBudget
from assay.study import TRAIN, VAL
from assay.tuning.settings import SearchSettings

__all__ = ["search_record_of"]


def search_record_of(
    settings: SearchSettings,
    budget: SearchBudget,
    typed: Mapping[str, str],
    choices: Mapping[str, str],
    command: Sequence[str],
    *,
    fresh_seeds: int,
    used_up: bool,
) -> dict[str, Any]:
    """The values of search.json by name.

    Args:
        settings, budget: of the search.
        typed: parameter -> its range as it was typed, where one was.
        choices: chosen presets by group.
        command: what was typed.
        fresh_seeds: of each row of the confirmation.
        used_up: whether the space has no sample left.
    """
    base, study = settings.base, settings.study
    return {
        "command": redacted(tuple(command)),
        "asked": {
            "trials": budget.trials,
            "within_s": budget.within_s,
            "best": budget.best,
            "confirm": fresh_seeds,
            "named": list(budget.named),
            "used_up": used_up,
        },
        "objectives": settings.objective.names,
        "metrics": [asdict(metric) for metric in settings.objective.metrics],
        "sampler": settings.sampler,
        "pruning": settings.pruning,
        "space": [
            {**each.identity(), "meaning": each.meaning, "group": each.group, "typed": typed.get(each.name)}
            for each in settings.space.parameters
        ],
        "seeds": [base.seed + k for k in range(budget.seeds_per_trial)],
        "validation_pairs": study.size(base, VAL),
        "sample": study.sample,
        "defaults_of": study.defaults_of,
        "note": note_of(base),
        "provenance": provenance(study, base, choices, splits=(TRAIN, VAL)),
    }
