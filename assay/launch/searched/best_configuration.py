"""best.yaml: the values of the best trial, what the confirmation says of them, and a seed that nobody has used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optuna

    from assay.tuning.settings import SearchSettings

__all__ = ["unused_seed", "write_best_configuration"]

_OF_A_RUN = ("seed", "seeds", "storage", "cluster", "track")  # whoever begins another run has their own


def unused_seed(folder: Path, planned: int) -> int:
    """The first that neither the search has used nor any confirmation.

    Args:
        folder: of the search; an earlier command may have confirmed with more seeds than this one.
        planned: the first that this command does not use.
    """
    from assay.store.run.folder import RunFolder

    tested = [trial.seed + 1 for trial in RunFolder(folder).record.trials] if (folder / "run.json").is_file() else []
    return max(planned, *tested, 0)


def write_best_configuration(
    study: optuna.Study,
    settings: SearchSettings,
    folder: Path,
    commands: tuple[Sequence[str], Sequence[str]],
    seed: int,
) -> None:
    """Write best.yaml, or remove it where no trial inside the ranges has finished.

    Args:
        study, settings, folder: of the search.
        commands: what was typed, and how an ablation of the study is called.
        seed: see `unused_seed`.
    """
    from assay.config.text.command_line import typed
    from assay.runs import SearchRun
    from assay.tuning.record import BEST_FILE, best_trials, write_best

    path, best = folder / BEST_FILE, best_trials(study, settings.space)[:1]
    if not best:
        path.unlink(missing_ok=True)
        return
    search, ablate = map(typed, commands)
    lines = (SearchRun(folder).answer.line, f"  {search}", f"  {ablate} --all base={path}")
    kept = {"seed": seed, **_kept(settings)}
    write_best(folder, best[0], settings.space, settings.objective.names, lines, kept)


def _kept(settings: SearchSettings) -> dict[str, Any]:
    """The values of the search's base that are not the study's defaults, without those of its place and its seeds."""
    from assay.config.changes import difference

    study = settings.study
    changed = difference(study.schema.compose(), settings.base)
    return {
        path: list(now) if isinstance(now, tuple) else now
        for path, (_, now) in changed.items()
        if path.partition(".")[0] not in _OF_A_RUN and path != study.device
    }
