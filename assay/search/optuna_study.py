"""The one memory of a search: an Optuna study in a journal file, written by one process at a time."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.study import StudyDirection

from assay.config.errors import UserError

__all__ = ["IDENTITY", "ROLE", "STUDY_FILE", "STUDY_NAME", "check_folder", "open_study", "read_study"]

STUDY_FILE, STUDY_NAME = "study.journal", "search"
IDENTITY = "identity"  # user attribute of the study: what makes it this search and no other
ROLE = "role"  # user attribute of a trial that nobody drew: the paper's defaults, or the preset's


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else than a search.

    Raises:
        UserError: there are other files in it, or it is none.
    """
    if not folder.exists() or (folder / STUDY_FILE).is_file():
        return
    if not folder.is_dir() or any(not path.name.startswith(".") for path in folder.iterdir()):
        raise UserError(f"{folder} holds other files: expected a new folder or one of an earlier search")


def open_study(
    folder: Path,
    identity: Mapping[str, Any],
    objectives: Sequence[str],
    first: Sequence[tuple[str, Mapping[str, Any]]],
) -> optuna.Study:
    """The study of a search, made if it is not there; to be called by its sole writer.

    Args:
        folder: of the search.
        identity: what must be the same for a search to go on; values as JSON keeps them.
        objectives: names of what is maximised.
        first: role and sample of the trials that come before any that is drawn.

    Raises:
        UserError: the folder holds a study of another search, or its file is damaged.
    """
    _silence()
    path, wanted = folder / STUDY_FILE, json.loads(json.dumps(identity))
    folder.mkdir(parents=True, exist_ok=True)
    _mend(path)
    path.with_name(f"{STUDY_FILE}.lock").unlink(missing_ok=True)  # of a writer that was killed: we are the only one
    storage = _storage(path)
    study = _made(storage, objectives)
    known = study.user_attrs.get(IDENTITY)
    if known is None:
        study.set_metric_names(list(objectives))
        study.set_user_attr(IDENTITY, wanted)
    else:
        _compare(folder, known, wanted)
    for role, sample in first[len(study.get_trials(deepcopy=False)) :]:
        study.enqueue_trial(dict(sample), user_attrs={ROLE: role})
    return study


def read_study(folder: Path) -> optuna.Study:
    """The study of a search, to look at.

    Raises:
        UserError: there is none, or its file is damaged.
    """
    _silence()
    path = folder / STUDY_FILE
    if not path.is_file():
        raise UserError(f"{folder} holds no search: expected {STUDY_FILE} in it")
    return optuna.load_study(study_name=STUDY_NAME, storage=_storage(path))


def _made(storage: JournalStorage, objectives: Sequence[str]) -> optuna.Study:
    if STUDY_NAME in optuna.get_all_study_names(storage):
        return optuna.load_study(study_name=STUDY_NAME, storage=storage)
    directions = [StudyDirection.MAXIMIZE] * len(objectives)
    return optuna.create_study(study_name=STUDY_NAME, storage=storage, directions=directions)


def _storage(path: Path) -> JournalStorage:
    try:
        return JournalStorage(JournalFileBackend(str(path), lock_obj=JournalFileOpenLock(str(path))))
    except (ValueError, KeyError, AssertionError) as error:
        raise UserError(f"{path} is damaged ({error}): move it away, and the search begins anew") from error


def _mend(path: Path) -> None:
    """Cut off a last line that a killed writer left unfinished: with more appended, nobody could read the file."""
    if not path.is_file():
        return
    with open(path, "rb+") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)
            os.fsync(file.fileno())


def _compare(folder: Path, known: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse to go on with something else than what was begun."""
    different = [key for key in {**known, **wanted} if known.get(key) != wanted.get(key)]
    if not different:
        return
    key = different[0]
    there, here = _difference(known.get(key), wanted.get(key)), _difference(wanted.get(key), known.get(key))
    raise UserError(
        f"{folder} holds a search with another {key} ({there} there, {here} here): give another --output; "
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


def _silence() -> None:
    """Optuna's log lines and warnings would tear the display; what matters is said in our own words."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    warnings.filterwarnings("ignore", message="Fixed parameter .* is out of range")
