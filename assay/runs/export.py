"""A run as one file that works elsewhere: results, configuration, report, and the weights that are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay import __version__
from assay.config.errors import UserError, unknown
from assay.config.reading import MIB, read_file
from assay.config.text.command_line import typed
from assay.store.disk.written import wrote
from assay.store.received.inside import inside
from assay.store.received.names import file_name, is_file_name
from assay.store.received.packed import pack
from assay.store.run.folder import RunFolder
from assay.store.run.record import RunRecord, TrialRecord
from assay.store.run.trained import finished_trial, no_weights
from assay.store.run.whereabouts import PACKED
from assay.store.store import STAGES, Store

if TYPE_CHECKING:
    from assay.study import Study

__all__ = ["Exported", "export_run"]

# What a run or a search writes; whatever else a user keeps in its folder stays there.
_FILES = (
    *("run.json", "config.yaml", "search.json", "best.yaml", "study.journal", "summary.md", "trials.csv", "values.csv"),
    *("importance.csv", "table.md", "table.csv", "table.tex", "effects.md", "effects.csv", "report.html"),
)
_FOLDERS = ("results", "curves", "proof", "images", "figures", "logs", "errors")
_MOST = 1024 * MIB  # of a file


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: the zip file.
        files: how many are in it.
        weights: the trials whose weights are in it.
        unfinished: those of the run that have none, as they did not finish.
        models: names of the files for other programs.
    """

    path: Path
    files: int
    weights: tuple[TrialRecord, ...]
    unfinished: tuple[TrialRecord, ...]
    models: tuple[str, ...] = ()


def export_run(
    folder: Path,
    path: Path,
    rows: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    *,
    every: bool = False,
    storage: str | None = None,
    study: Study | None = None,
) -> Exported:
    """Write a run as a zip file, whole or not at all; the same run gives the same bytes.

    Args:
        folder: of the run. Its report and tables are made anew first.
        path: of the zip file.
        rows: whose weights go with it; the base row's if None, none if empty.
        seeds: of these trainings; the first finished one of each row if None.
        every: the weights of every finished training instead.
        storage: where the weights are, if not where the run says.
        study: whose networks go with it as files for other programs too, below `models/`; none do if None.

    Raises:
        UserError: the folder is no run, a row or seed is not there or has no weights, or weights are not in the
            storage; says with which command they are made. Or the study makes no such files.
    """
    from assay.evidence.report.report import write_report

    run = RunFolder(folder)
    record = run.record if (folder / "run.json").is_file() or not (folder / "search.json").is_file() else None
    trials = _meant(record, rows, seeds, every) if record else []
    if record is None and rows:
        raise UserError(f"{folder} is a search that was not confirmed: it has no rows with weights")
    stages = {trial.stages[-1]: trial for trial in trials}
    stores = {stage: _with_weights(run, trial, storage) for stage, trial in stages.items()}
    models = {name: data for trial in trials for name, data in _models(study, run, trial, storage)} if study else {}
    write_report(run)
    about = {"assay": __version__, "weights": [trial.id for trial in trials]}
    count = pack(path, file_name(folder.resolve().name), _all(run, stores, models), about)
    wrote(path)
    left = [trial for trial in record.trials if trial.status != "finished"] if record else []
    return Exported(path, count, tuple(trials), tuple(left), tuple(sorted(models)))


def _meant(
    record: RunRecord, rows: Sequence[str] | None, seeds: Sequence[int] | None, every: bool
) -> list[TrialRecord]:
    """The trials whose weights are meant."""
    if not every:
        return _named(record, rows, seeds)
    free = {row.name for row in record.rows if row.baseline}
    return [each for each in record.trials if each.status == "finished" and each.stages and each.row not in free]


def _named(record: RunRecord, rows: Sequence[str] | None, seeds: Sequence[int] | None) -> list[TrialRecord]:
    """The trials that are meant, each once, in the order of the run."""
    known = {row.name: row for row in record.rows}
    wanted = _default_rows(record) if rows is None else list(rows)
    for name in wanted:
        if name not in known:
            raise unknown("row", name, known)
        if known[name].baseline:
            raise UserError(f"{name} is a training-free row: it has no weights, and works without any")
    numbers: list[int | None] = [*dict.fromkeys(seeds)] if seeds else [None]
    return [_finished(record, name, seed) for name in dict.fromkeys(wanted) for seed in numbers]


def _default_rows(record: RunRecord) -> list[str]:
    """The base row, if it is trained."""
    return [row.name for row in record.rows if row.name == record.base_row and not row.baseline]


def _finished(record: RunRecord, row: str, seed: int | None) -> TrialRecord:
    try:
        trial = finished_trial(record, row, seed)
    except UserError as error:
        raise UserError(f"{error}; the run's command is: {typed(record.command)}") from error
    if not trial.stages:
        raise UserError(f"the run does not say of which stages {trial.id} is made: {typed(record.command)}")
    return trial


def _with_weights(run: RunFolder, trial: TrialRecord, storage: str | None) -> Store:
    """The store that has the last stage of a trial, whole."""
    store = run.store(storage, trial)
    entry = store.find(STAGES, trial.stages[-1])
    if entry is None or store.damage(STAGES, trial.stages[-1]):
        raise no_weights(trial, store, run.record.command)
    return store


def _models(study: Study, run: RunFolder, trial: TrialRecord, storage: str | None) -> Iterator[tuple[str, bytes]]:
    """A trial's network as files for other programs, each with its name."""
    from assay.experiment.trained import trained_model

    files = study.formats(trained_model(study, run, trial.row, trial.seed, storage))
    if not files:
        raise UserError(f"the study {study.name} makes no files for other programs: expected it to have `formats`")
    yield from ((f"{trial.id}.{ending}", data) for ending, data in files.items())


def _all(run: RunFolder, stores: Mapping[str, Store], models: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Every file with its path in the folder, in the order of these."""
    yield from ((name, _content(run.folder, name)) for name in sorted(_of_the_run(run.folder)))
    for name, data in sorted(models.items()):
        if not is_file_name(name):
            raise UserError(f"models/{name}: expected a name that is safe as a file's")
        yield f"models/{name}", data
    for stage, store in sorted(stores.items()):
        for path in store.files.list(f"{STAGES}/{stage}"):
            yield f"{PACKED}/{path}", store.files.read(path)


def _of_the_run(folder: Path) -> Iterator[str]:
    """What it has written itself; a link, and what is not named as a run names it, stays behind."""
    yield from (name for name in _FILES if (folder / name).is_file())
    for name in _FOLDERS:
        for path in inside(folder, name).rglob("*"):
            parts = path.relative_to(folder).parts
            if path.is_file() and not path.is_symlink() and all(map(is_file_name, parts)) and len(parts) <= 3:
                yield "/".join(parts)


def _content(folder: Path, name: str) -> bytes:
    try:
        return read_file(inside(folder, name), _MOST)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {folder / name}: {getattr(error, 'strerror', None) or error}") from error
