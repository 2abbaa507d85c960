"""What a call asks for, in the words that a command would have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.errors import UserError
from assay.launch.request.given import GivenStudy, word_for

if TYPE_CHECKING:
    from assay.store.run.looks import Look

__all__ = ["Place", "as_called", "base_words", "given_options", "looks_asked", "parameter_words", "path_or_none"]

Place = str | PathLike[str]


def looks_asked(seeds: int | Sequence[int] | None, *, until_decided: bool, timed: bool) -> tuple[Look, ...]:
    """The looks that are asked for; none where a number of seeds is, unless time may end it before."""
    from assay.evidence.statistics.correction import FEWEST_SEEDS
    from assay.evidence.statistics.looks import DEFAULT_LOOKS, declared_looks

    if until_decided and seeds is not None:
        raise UserError(f"until decided means seeds {', '.join(map(str, DEFAULT_LOOKS))}: give one of the two")
    if until_decided:
        return declared_looks()
    if timed and isinstance(seeds, int):
        if seeds < FEWEST_SEEDS:
            raise UserError(f"within a time: expected {FEWEST_SEEDS} seeds or more, fewer resolve nothing; got {seeds}")
        return declared_looks([seeds])
    return declared_looks(list(seeds)) if isinstance(seeds, Sequence) else ()


def parameter_words(parameter: object) -> list[str]:
    """A parameter, or several with their ranges, as the command has them."""
    from assay.tuning.spaces.ranges import word_of

    if isinstance(parameter, str):
        return [parameter]
    if isinstance(parameter, Mapping):
        return [word_of(name, asked) for name, asked in parameter.items()]
    raise UserError(f"expected a parameter's name, or a dict of names and ranges; got {parameter!r}")


def given_options(**options: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in options.items() if value is not None}


def as_called(
    name: str, study: GivenStudy, options: Mapping[str, Any], parameters: Sequence[object] = ()
) -> tuple[str, ...]:
    """The call as it may be written in Python, in place of a command."""
    words = [repr(word_for(study)), *map(repr, parameters)]
    words += [f"{key}={value!r}" for key, value in options.items() if key.isidentifier()]
    dotted = {key: value for key, value in options.items() if not key.isidentifier()}
    words += [f"**{dotted!r}"] if dotted else []
    return (f"assay.{name}({', '.join(words)})",)


def base_words(base: Place | None) -> list[str]:
    """A YAML file of values, as a command has it."""
    return [] if base is None else [f"base={Path(base)}"]


def path_or_none(place: Place | None) -> Path | None:
    """A place as a path, if one is given."""
    return None if place is None else Path(place)
