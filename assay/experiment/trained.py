"""The model that a finished trial left, as its study measures it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.config.changes import apply
from assay.config.errors import UserError, unknown
from assay.config.layout import by_present_paths
from assay.store.run.folder import RunFolder
from assay.store.run.trained import finished_trial, trained_state
from assay.store.store import Entry
from assay.study import Study

__all__ = ["config_of", "row_config", "trained_model"]


def config_of(study: Study, entry: Entry) -> Any:
    """The configuration that a stored measurement was made with, as the present version has it."""
    return _as_now(study, entry.record.config)


def trained_model(study: Study, run: RunFolder, row: str, seed: int | None = None, storage: str | None = None) -> Any:
    """The model, on a device that is here.

    Args:
        study: that the run is of.
        run: the folder of an ablation, or of a search that was confirmed.
        row: name of a trained row.
        seed: of the training; the first finished one if None.
        storage: root of the store, where it is not the one that the run names.

    Raises:
        UserError: there is no such trial, its weights are not in the storage, or they do not fit the study.
    """
    config = row_config(study, run, row)
    trial = finished_trial(run.record, row, seed)
    if trial.seed < 0:
        raise UserError(f"{row} is a training-free row: it has no network")
    try:
        return study.network(
            config, trained_state(trial, run.store(storage, trial), study.state_file, run.record.command)
        )
    except RuntimeError as error:
        raise UserError(
            f"the weights of {trial.id} do not fit this version's network: use the run's version"
        ) from error


def row_config(study: Study, run: RunFolder, row: str) -> Any:
    """The configuration of a row, as the present version has it, with a device that is here.

    Raises:
        UserError: there is no such row, or the run is of another study.
    """
    changes = {each.name: each.changes for each in run.record.rows}
    if row not in changes:
        raise unknown("row", row, changes)
    try:
        return _here(study, apply(_as_now(study, run.config()), by_present_paths(changes[row], study.schema.config)))
    except UserError as error:
        short = str(error).partition(". Did you mean")[0]
        other = f"{run.folder} is a run of another study than {study.name}, or of another version"
        raise UserError(f"{other}: {short}") from error


def _as_now(study: Study, values: Mapping[str, Any]) -> Any:
    """A configuration of values by dotted path, which an earlier version may have written."""
    whole = study.schema.config
    return apply(whole(), by_present_paths(values, whole))


def _here(study: Study, config: Any) -> Any:
    """With a device that is here: a trial of a GPU can be looked at without one."""
    from assay.training.precision import device_here

    return apply(config, {study.device: device_here(study.device, "auto")}) if study.device else config
