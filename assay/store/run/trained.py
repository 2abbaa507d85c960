"""What a run has trained: which trial is meant, and the state of its last stage."""

from __future__ import annotations

from collections.abc import Sequence

from assay.config.errors import UserError, unknown
from assay.config.text.command_line import typed
from assay.store.run.record import RunRecord, TrialRecord
from assay.store.store import STAGES, Store

__all__ = ["finished_trial", "no_weights", "trained_state"]


def finished_trial(record: RunRecord, row: str, seed: int | None) -> TrialRecord:
    """The finished trial of a row under a seed, or under the first one.

    Raises:
        UserError: there is no such row, or it has no such trial yet.
    """
    if row not in (rows := {each.name for each in record.rows}):
        raise unknown("row", row, rows)
    finished = {each.seed: each for each in record.trials if each.row == row and each.status == "finished"}
    if not finished:
        raise UserError(f"row {row} has no finished trial yet: give the run's command again to finish it")
    if seed is not None and seed not in finished:
        raise UserError(f"row {row} has no finished trial under seed {seed}; there is {', '.join(map(str, finished))}")
    return finished[min(finished) if seed is None else seed]


def trained_state(trial: TrialRecord, store: Store, state_file: str, command: Sequence[str] = ()) -> bytes:
    """The state that the last stage of a trial left.

    Args:
        trial: of a run.
        store: that the run's stages are in.
        state_file: of the study.
        command: of the run, for the message.

    Raises:
        UserError: it is not there.
    """
    if not trial.stages:
        raise UserError(f"the run does not say of which stages {trial.id} is made: give its command again")
    entry = store.find(STAGES, trial.stages[-1])
    data = store.read(entry, state_file) if entry else None
    if data is None:
        raise no_weights(trial, store, command)
    return data


def no_weights(trial: TrialRecord, store: Store, command: Sequence[str]) -> UserError:
    """The error for weights that are not where the run's store is, with the command that makes them."""
    stage = f" (stage {trial.stages[-1][:12]})" if trial.stages else ""
    again = f": {typed(command)}" if command else ""
    return UserError(
        f"the weights of {trial.id}{stage} are not in the storage {store.files.root}: say where they are (storage), or "
        f"give the run's command again with another storage=DIR, which trains them anew{again}"
    )
