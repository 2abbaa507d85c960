"""A study as it is handed over in Python: by its name, as a class, or as an object."""

from __future__ import annotations

import inspect
import sys
from os import PathLike
from typing import Any, TypeAlias

from assay.config.errors import UserError
from assay.studies import load_study
from assay.study import Study

__all__ = ["GivenStudy", "study_given", "word_for"]

GivenStudy: TypeAlias = str | PathLike[str] | Study | type[Study]

_scripts: list[str] = []  # that are being imported for their study


def study_given(study: GivenStudy) -> Study:
    """The study, with the place of its code, so that workers have it too.

    Args:
        study: a file or a name, as `--study` takes it; a class of a study; or an object that has a name in its module.

    Raises:
        UserError: there is no such study, or workers could not import it.
    """
    if isinstance(study, Study) and _is_anywhere(study):
        return study
    word = word_for(study)
    if word in _scripts:
        raise UserError(f"{word} begins its work when it is imported: put that below `if __name__ == '__main__':`")
    _scripts.append(word)
    try:
        return load_study(word)
    finally:
        _scripts.remove(word)


def word_for(study: GivenStudy) -> str:
    """What `--study` is to be given to have it.

    Raises:
        UserError: nothing can.
    """
    if isinstance(study, str | PathLike):
        return str(study)
    if isinstance(study, Study) and _is_anywhere(study):
        return study.name
    if not isinstance(study, Study) and not (inspect.isclass(study) and issubclass(study, Study)):
        raise UserError(
            f"expected a study: FILE.py, FILE.yaml, MODULE:NAME, a class of Study or an object of one; got {study!r}"
        )
    place = type(study).__module__ if isinstance(study, Study) else study.__module__
    module = sys.modules[place]
    file = getattr(module, "__file__", None)
    if place == "__main__" and file is None:
        raise UserError(
            "workers cannot import what is defined in a notebook: write it to a file, with `%%writefile my_study.py` "
            "as the first line of its cell, and give 'my_study.py'"
        )
    return f"{place if '.' in place else file}:{_name_in(module, study)}"


def _is_anywhere(study: Study) -> bool:
    """Whether workers can have it as it is: its files go with it, or it is of a package."""
    code = getattr(study, "code", None)
    return code is not None and bool(code.sources or code.arguments or "." in code.place.partition(":")[0])


def _name_in(module: Any, study: Study | type[Study]) -> str:
    """What a module calls a study."""
    if found := next((name for name, each in vars(module).items() if each is study), None):
        return found
    if code := getattr(study, "code", None):
        return str(code.place.partition(":")[2])
    kind = type(study).__name__ if isinstance(study, Study) else study.__qualname__
    raise UserError(f"workers cannot find this {kind}: give it a name in its module, such as STUDY = {kind}(...)")
