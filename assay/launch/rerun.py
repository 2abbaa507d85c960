"""Train one stored trial again in this process, without Ray, and compare the numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.errors import UserError, unknown
from assay.config.text.command_line import called

if TYPE_CHECKING:
    import pandas as pd

    from assay.experiment.trial import Trial
    from assay.stage import Progress
    from assay.store.run.folder import RunFolder
    from assay.store.store import Entry, Store
    from assay.study import Study

__all__ = ["Again", "rerun", "trial_again"]


@dataclass(frozen=True)
class Again:
    """A trial beside its stored measurement.

    Attributes:
        trial: its id.
        numbers: that were compared.
        largest: metric -> the largest difference; none that has none.
        differing: how many numbers differ.
        not_compared: samples and metrics that the stored trial lacks.
        failure: why it fails now; empty if it does not.
    """

    trial: str
    numbers: int = 0
    largest: Mapping[str, float] = field(default_factory=dict)
    differing: int = 0
    not_compared: tuple[str, ...] = ()
    failure: str = ""


def rerun(
    study: Study,
    name: str,
    storage: str | None,
    warned: Callable[[str], None],
    progressed: Callable[[Progress], None] | None = None,
) -> Again:
    """Train, measure and compare.

    Args:
        study: whose trial it is.
        name: a trial of a run (`runs/RUN/ours-seed2025`), of the newest run that has one of this name
            (`ours-seed2025`), or the first letters of its ID in the store.
        storage: root of the store; None: the one that the run names, or the default.
        warned: is told beforehand why numbers may differ.
        progressed: is told how far it is.

    Raises:
        UserError: there is no such trial, it is of a training-free row, or its results are damaged.
    """
    from assay.experiment.execution import TrialFailed, execute_trial
    from assay.store.store import TRIALS, Store

    store, entry = _find(study, name, storage)
    if not entry.record.stages or entry.record.seed is None:
        raise UserError(f"{entry.record.row} is a training-free row: there is nothing to train again")
    trial = trial_again(study, entry)
    for reason in _reasons(study, entry, trial.config, same=trial.fingerprint == entry.fingerprint):
        warned(reason)
    with tempfile.TemporaryDirectory(prefix="assay-rerun-") as scratch:
        fresh = Store(scratch)
        try:
            execute_trial(study, trial, fresh, progressed)
        except TrialFailed as error:
            return Again(trial.id, failure=str(error))
        again = fresh.find(TRIALS, trial.fingerprint)
        assert again is not None
        return _compare(_table(store, entry), _table(fresh, again), trial.id)


def trial_again(study: Study, entry: Entry) -> Trial:
    """The trial that a stored measurement of a trained row is of, as it would be begun now."""
    from assay.experiment.trained import config_of
    from assay.experiment.trial import variant_trial

    assert entry.record.seed is not None
    return variant_trial(study, entry.record.row, config_of(study, entry), entry.record.seed)


def _find(study: Study, name: str, storage: str | None) -> tuple[Store, Entry]:
    """The store and the entry that a name means."""
    from assay.store.run.folder import RunFolder
    from assay.store.store import TRIALS, Store

    folder, _, trial_id = name.rpartition("/")
    run = RunFolder(folder) if folder else _newest_with(trial_id)
    if run:
        record = run.record
        known = {trial.id: trial for trial in record.trials}
        if trial_id not in known:
            raise unknown("trial", trial_id, known)
        store = run.store(storage, known[trial_id])
        entry = store.find(TRIALS, known[trial_id].fingerprint)
        if entry is None:
            raise UserError(f"{name} was not measured, or is no longer in {store.files.root}: nothing to compare with")
        return store, entry
    store = Store.to_read(str(study.schema.known["storage"]) if storage is None else storage)
    matching = [entry for entry in store.entries(TRIALS) if entry.fingerprint.startswith(name)]
    if len(matching) != 1:
        found = "no stored trial" if not matching else f"{len(matching)} stored trials"
        raise UserError(
            f"--rerun {name}: found {found}; expected RUN/TRIAL (runs/NAME/ours-seed2025) or an ID of "
            f"`{called('store')} list`"
        )
    return store, matching[0]


def _newest_with(trial_id: str) -> RunFolder | None:
    """The newest run under runs/ that has a trial of this name."""
    from assay.store.run.folder import RunFolder

    records = sorted(Path("runs").glob("*/run.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in records:
        try:
            if any(trial.id == trial_id for trial in RunFolder(path.parent).record.trials):
                return RunFolder(path.parent)
        except UserError:
            continue
    return None


def _reasons(study: Study, entry: Entry, config: Any, *, same: bool) -> Iterator[str]:
    """Why the numbers may differ."""
    from assay.experiment.naming.circumstances import made_with

    if not same:
        yield "code or data are not those of the stored trial; the numbers may differ"
    now = made_with(study, config)
    for what, then in entry.record.made_with.items():
        if then != now.get(what):
            yield f"stored with {what} {then}, now it is {now.get(what)}; the last digits may differ"


def _table(store: Store, entry: Entry) -> pd.DataFrame:
    from assay.store.tables import MEASURED, read_table

    data = store.read(entry, "results.parquet")
    try:
        values = read_table(data or b"", MEASURED)
        return values.set_index(["image", "metric"])["value"].unstack("metric")
    except ValueError as error:
        message = f"the stored results of {entry.fingerprint[:12]} are damaged ({error}): nothing to compare with"
        raise UserError(message) from error


def _compare(stored: pd.DataFrame, again: pd.DataFrame, trial: str) -> Again:
    new = [*again.index.difference(stored.index), *again.columns.difference(stored.columns)]
    again = again.reindex(index=stored.index, columns=stored.columns)
    same = (stored == again) | (stored.isna() & again.isna())
    worst = (stored - again).abs().max()
    largest = {str(metric): float(size) for metric, size in worst[worst > 0].items()}
    return Again(trial, int(same.size), largest, int((~same).sum().sum()), tuple(map(str, new)))
