"""Train one stored trial again in this process, without Ray, and compare the numbers."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.exit import FAILED
from assay.config.command_line import called
from assay.config.errors import UserError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from assay.experiment.trial import Trial
    from assay.stage import Progress
    from assay.store.run import RunFolder
    from assay.store.store import Entry, Store
    from assay.study import Study

__all__ = ["rerun", "trial_again"]


def rerun(study: Study, name: str, storage: str | None) -> int:
    """Train, measure and compare.

    Args:
        study: whose trial it is.
        name: a trial of a run (`runs/RUN/ours-seed2025`), of the newest run that has one of this name
            (`ours-seed2025`), or the first letters of its ID in the store.
        storage: root of the store; None: the one that the run names, or the default.

    Returns:
        0 if every metric of every image is the same, 1 if not, or if the trial fails now.
    """
    from assay.experiment.execution import TrialFailed, execute_trial
    from assay.store.store import TRIALS, Store

    store, entry = _find(study, name, storage)
    if not entry.record.stages or entry.record.seed is None:
        raise UserError(f"{entry.record.row} is a training-free row: there is nothing to train again")
    trial = trial_again(study, entry)
    _warn(study, entry, trial.config, same=trial.fingerprint == entry.fingerprint)
    with tempfile.TemporaryDirectory(prefix="assay-rerun-") as scratch:
        fresh = Store(scratch)
        try:
            execute_trial(study, trial, fresh, _show if sys.stderr.isatty() else None)
        except TrialFailed as error:
            print(f"{trial.id} fails now, and was finished then: {error}", file=sys.stderr)
            return FAILED
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
    from assay.store.run import RunFolder
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
    store = Store.to_read(storage or str(study.schema.known["storage"]))
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
    from assay.store.run import RunFolder

    records = sorted(Path("runs").glob("*/run.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in records:
        try:
            if any(trial.id == trial_id for trial in RunFolder(path.parent).record.trials):
                return RunFolder(path.parent)
        except UserError:
            continue
    return None


def _warn(study: Study, entry: Entry, config: Any, *, same: bool) -> None:
    """Say beforehand why the numbers may differ."""
    from assay.experiment.naming.circumstances import made_with

    if not same:
        print("code or data are not those of the stored trial; the numbers may differ", file=sys.stderr)
    now = made_with(study, config)
    for what, then in entry.record.made_with.items():
        if then != now.get(what):
            print(f"stored with {what} {then}, now it is {now.get(what)}; the last digits may differ", file=sys.stderr)


def _show(progress: Progress) -> None:
    if not progress.steps:
        return
    text = f"\r{progress.stage} {progress.step}/{progress.steps} loss {progress.loss:.4f} {progress.eta_s:.0f} s left  "
    print(text, end="" if progress.step < progress.steps else "\n", file=sys.stderr, flush=True)


def _table(store: Store, entry: Entry) -> pd.DataFrame:

    from assay.store.tables import MEASURED, read_table

    data = store.read(entry, "results.parquet")
    try:
        values = read_table(data or b"", MEASURED)
        return values.set_index(["image", "metric"])["value"].unstack("metric")
    except ValueError as error:
        message = f"the stored results of {entry.fingerprint[:12]} are damaged ({error}): nothing to compare with"
        raise UserError(message) from error


def _compare(stored: pd.DataFrame, again: pd.DataFrame, trial: str) -> int:
    if new := [*again.index.difference(stored.index), *again.columns.difference(stored.columns)]:
        print(f"{trial}: not compared, since the stored trial lacks them: {', '.join(map(str, new))}")
    again = again.reindex(index=stored.index, columns=stored.columns)
    same = (stored == again) | (stored.isna() & again.isna())
    if same.all(axis=None):
        print(f"{trial}: the same numbers, {same.size} of {same.size}")
        return 0
    worst = (stored - again).abs().max()
    print(f"{trial}: {int((~same).sum().sum())} of {same.size} numbers differ; largest difference by metric:")
    print(worst[worst > 0].to_string())
    return FAILED
