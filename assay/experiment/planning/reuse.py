"""What a run trained, and what it was spared because a stage was there already or was shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assay.store.run.folder import TrialRecord
from assay.store.store import STAGES, Store

__all__ = ["Reuse", "reuse_of"]


@dataclass(frozen=True)
class Reuse:
    """Sums over the finished trials of a run.

    Attributes:
        trained, reused: number of stages.
        epochs_trained, epochs_saved: of these stages.
        seconds_saved: what training the reused stages took when they were made.
    """

    trained: int = 0
    reused: int = 0
    epochs_trained: int = 0
    epochs_saved: int = 0
    seconds_saved: float = 0.0


def reuse_of(trials: Iterable[TrialRecord], store: Store) -> Reuse:
    """Count the stages of finished trials; one that is no longer stored counts without epochs and time."""
    finished = [trial for trial in trials if trial.status == "finished"]
    entries = {name: store.find(STAGES, name) for name in {name for trial in finished for name in trial.stages}}
    records = {name: entry.record for name, entry in entries.items() if entry}
    reused = [name for trial in finished for name in trial.reused]
    trained = [name for trial in finished for name in trial.stages if name not in trial.reused]

    def epochs(names: Iterable[str]) -> int:
        return sum(records[name].epochs for name in names if name in records)

    return Reuse(
        trained=len(trained),
        reused=len(reused),
        epochs_trained=epochs(trained),
        epochs_saved=epochs(reused),
        seconds_saved=sum(records[name].seconds or 0.0 for name in reused if name in records),
    )
