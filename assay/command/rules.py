"""What the parts of a command's YAML file must have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from assay.command.configuration import GIVEN
from assay.command.document import Document
from assay.command.results import SUFFIXES
from assay.command.words import names_in, split_command
from assay.config.errors import UserError, unknown

__all__ = ["check_together"]


def check_together(written: Document, words: Sequence[str], place: str) -> None:
    """Refuse a command that could not do what the file says.

    Raises:
        UserError: one line.
    """
    asked = names_in(words, (*written.parameters, *GIVEN))
    for name, why in (("seed", "every training has its own"), ("output", "the metrics are looked for there")):
        if name not in asked:
            raise UserError(f"{place}: the command has no {{{name}}}: {why}")
    if unused := [name for name in written.parameters if name not in asked]:
        raise UserError(f"{place}: the command has no {{{unused[0]}}}, which is a parameter: a change would do nothing")
    if (written.checkpoint is None) == ("resume" in asked):
        raise UserError(f"{place}: `checkpoint:` and {{resume}} in the command go together; one of them is missing")
    if written.validation is not None and "split" in asked:
        raise UserError(f"{place}: expected `validation:` or {{split}} in the command; got both")
    for name in filter(None, (written.results, written.validation)):
        if PurePath(name).suffix.lower() not in SUFFIXES:
            raise UserError(f"{place}: {name}: expected a file whose name ends in {', '.join(SUFFIXES)}")
    if written.sample in written.metrics:
        raise UserError(f"{place}: {written.sample} is the column of the samples' names: it cannot be a metric too")
    _check_epochs(written, place)
    for name, baseline in written.all_baselines.items():
        if wrong := names_in(split_command(baseline.command, place), ("seed", "resume")):
            raise UserError(f"{place}: baseline {name} has no seed and trains nothing; got {{{wrong.pop()}}} in it")


def _check_epochs(written: Document, place: str) -> None:
    if written.epochs is None:
        return
    parameters = written.all_parameters
    if written.epochs not in parameters:
        raise unknown(f"parameter in epochs of {place}", written.epochs, parameters)
    default = parameters[written.epochs].default
    if written.progress is None or type(default) is not int or default < 1:
        raise UserError(f"{place}: epochs: expected a parameter that is a whole number, at least 1, and `progress:`")
