"""The one memory of a search: an Optuna study in a journal file, written by one process at a time."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

from assay.config.errors import UserError
from assay.metric import SMALLER, Metric
from assay.store.run.log import LOG_FILE
from assay.tuning.attributes import IDENTITY, ORIGIN, ROLE, problem_of
from assay.tuning.journal import Journal, read_journal, set_tail_aside

__all__ = [
    "STUDY_FILE",
    "STUDY_NAME",
    "check_folder",
    "direction_of",
    "ended_in",
    "open_study",
    "read_study",
    "silence",
    "taken_in",
]

STUDY_FILE, STUDY_NAME = "study.journal", "search"


def check_folder(folder: Path, identity: Mapping[str, Any]) -> None:
    """Refuse a folder that holds something else than this search; nothing is written.

    Args:
        folder: of the search; need not be there.
        identity: see `open_study`.

    Raises:
        UserError: there are other files in it, it is none, or it holds another search or a damaged one.
    """
    path = folder / STUDY_FILE
    if path.is_file():
        silence()
        _check(path, read_journal(path), _as_kept(identity))
        return
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is a file: expected a new folder or one of an earlier search")
    if any(not path.name.startswith(".") and path.name != LOG_FILE for path in folder.iterdir()):
        raise UserError(f"{folder} holds other files: expected a new folder or one of an earlier search")


def open_study(
    folder: Path,
    identity: Mapping[str, Any],
    objectives: Sequence[Metric],
    first: Sequence[tuple[str, Mapping[str, Any]]],
    told: Callable[[optuna.Study], None] = lambda study: None,
) -> optuna.Study:
    """The study of a search, made if it is not there; to be called by its sole writer.

    Args:
        folder: of the search.
        identity: what must be the same for a search to go on; values as JSON keeps them.
        objectives: what is searched by; each has a direction.
        first: role and sample of the trials that come before any that is drawn.
        told: lets the study have what there is already, before these.

    Raises:
        UserError: the folder holds a study of another search, or its file is damaged; nothing is written then.
    """
    silence()
    path, wanted = folder / STUDY_FILE, _as_kept(identity)
    folder.mkdir(parents=True, exist_ok=True)
    if path.exists() or path.is_symlink():
        journal = read_journal(path)
        _check(path, journal, wanted)
        set_tail_aside(path, journal)
    path.with_name(f"{STUDY_FILE}.lock").unlink(missing_ok=True)  # of a writer that was killed: we are the only one
    storage = JournalStorage(JournalFileBackend(str(path), lock_obj=JournalFileOpenLock(str(path))))
    study = _made(storage, objectives)
    if IDENTITY not in study.user_attrs:
        study.set_metric_names([metric.name for metric in objectives])
        study.set_user_attr(IDENTITY, wanted)
    told(study)
    roles = {trial.user_attrs.get(ROLE) for trial in study.get_trials(deepcopy=False)}
    for role, sample in first:
        if role not in roles:
            study.enqueue_trial(dict(sample), user_attrs={ROLE: role})
    return study


def read_study(folder: Path) -> optuna.Study:
    """The study of a search, to look at.

    Raises:
        UserError: there is none, or its file is damaged.
    """
    silence()
    path = folder / STUDY_FILE
    study = _searched(read_journal(path).storage) if path.is_file() else None
    if study is None:
        raise UserError(f"{folder} holds no search: expected {STUDY_FILE} in it")
    return study


def ended_in(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that a search has ended itself."""
    trials = study.get_trials(deepcopy=False)
    return [trial for trial in trials if trial.state.is_finished() and ORIGIN not in trial.user_attrs]


def taken_in(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that come from an earlier search or ablation."""
    return [trial for trial in study.get_trials(deepcopy=False) if ORIGIN in trial.user_attrs]


def direction_of(metric: Metric) -> StudyDirection:
    """Optuna's name of a metric's direction."""
    return StudyDirection.MINIMIZE if metric.better == SMALLER else StudyDirection.MAXIMIZE


def silence() -> None:
    """Optuna's log lines and warnings would tear the display; what matters is said in our own words."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    warnings.filterwarnings("ignore", message="Fixed parameter .* is out of range")


def _as_kept(identity: Mapping[str, Any]) -> Any:
    """An identity as it comes back from JSON."""
    return json.loads(json.dumps(identity))


def _made(storage: JournalStorage, objectives: Sequence[Metric]) -> optuna.Study:
    if study := _searched(storage):
        return study
    directions = [direction_of(metric) for metric in objectives]
    return optuna.create_study(study_name=STUDY_NAME, storage=storage, directions=directions)


def _searched(storage: JournalStorage) -> optuna.Study | None:
    """The study of a search, if the journal holds one."""
    if STUDY_NAME not in optuna.get_all_study_names(storage):
        return None
    return optuna.load_study(study_name=STUDY_NAME, storage=storage)


def _check(path: Path, journal: Journal, wanted: Mapping[str, Any]) -> None:
    """Refuse a study of another search, and one that was edited so that nobody can go on with it."""
    study = _searched(journal.storage)
    known = study.user_attrs.get(IDENTITY) if study else None
    trials = study.get_trials(deepcopy=False) if study else []
    if known is None and not trials:  # its writer was killed when it had just begun
        return
    if not study or not isinstance(known, dict):
        raise UserError(f"{path} holds a study that no search began: give another output; nothing was changed")
    _compare(path.parent, known, wanted)
    for trial in trials:
        if problem := problem_of(trial, wanted["space"], len(study.directions)):
            raise UserError(
                f"{path} is damaged (trial {trial.number}: {problem}): mend it, or move it away, and the search begins "
                "anew; nothing was changed"
            )


def _compare(folder: Path, known: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse to go on with something else than what was begun."""
    different = [key for key in {**known, **wanted} if known.get(key) != wanted.get(key)]
    if not different:
        return
    key = different[0]
    there, here = _difference(known.get(key), wanted.get(key)), _difference(wanted.get(key), known.get(key))
    raise UserError(
        f"{folder} holds a search with another {key} ({there} there, {here} here): give another output; "
        "nothing was changed"
    )


def _difference(value: Any, other: Any) -> str:
    """The part of `value` that `other` does not have, in short."""
    if isinstance(value, list) and isinstance(other, list):
        return ", ".join(_short(item) for item in value if item not in other) or "less"
    if isinstance(value, dict) and isinstance(other, dict):
        rest = [f"{key}={_short(item)}" for key, item in value.items() if other.get(key) != item]
        return ", ".join(rest[:3]) or "less"
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, dict) and "name" in value:
        bounds = ",".join(map(str, value["choices"])) or f"{value['low']:g}:{value['high']:g}:{value['scale']}"
        return f"{value['name']}={bounds}"
    return str(value)
