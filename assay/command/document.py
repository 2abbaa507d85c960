"""What the YAML file of a command says, by types: unknown keys and wrong values are one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from assay.config.errors import UserError, one_line
from assay.config.mistakes.interpolation import check_plain
from assay.config.reading import parse_yaml, typed
from assay.config.section import MOST_SEEDS
from assay.metric import Metric

__all__ = ["Baseline", "Document", "Parameter", "Value", "document"]

Value = bool | int | float | str


def _inside(name: str) -> str:
    """The name of a file below a folder."""
    path = PurePosixPath(name)
    if not name.strip() or path.is_absolute() or ".." in path.parts or "\\" in name or not name.isprintable():
        raise ValueError(f"expected the name of a file in its folder; got {name!r}")
    return path.as_posix()


def _one_line(text: str) -> str:
    if one_line(text) != text or not text:
        raise ValueError(f"expected one line of text; got {text!r}")
    return text


Inside = Annotated[str, AfterValidator(_inside)]
Line = Annotated[str, AfterValidator(_one_line)]


@dataclass(frozen=True)
class Parameter:
    """A value of the command, and where a search may look for better ones.

    Attributes:
        default: of the base.
        low, high: of a range, both included.
        log: the range is searched on a logarithmic scale.
        choices: instead of a range.
        title: what it means, for `--list`.
    """

    default: Value
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: list[Value] | None = None
    title: Line = "a parameter of the command"


@dataclass(frozen=True)
class Baseline:
    """A command without a seed, whose results stand beside the trained rows."""

    command: str
    title: Line = ""


@dataclass(frozen=True)
class _Metric:
    better: Literal["larger", "smaller", "none"]
    unit: str = ""
    convention: str = ""
    decimals: Annotated[int, Field(ge=0, le=12)] = 4
    margin: Annotated[float, Field(gt=0)] | None = None


@dataclass(frozen=True)
class Document:
    """The whole file.

    Attributes:
        command: of a training, with `{parameters}`, `{seed}`, `{output}` and perhaps `{split}`, `{resume}`, `{device}`.
        results: file in `{output}` with the metrics, JSON, CSV or Parquet by its suffix.
        metrics: name -> which way is better, unit, convention, decimals, margin.
        parameters: name -> a default, or a default with a range or choices.
        title: of the suite.
        validation: file in `{output}` with the metrics of the validation split, where `{split}` does not ask for them.
        sample: column of the samples' names, and what a sample is called; empty: one value a training.
        progress: file in `{output}` to which the script appends lines of JSON.
        epochs: parameter that says how many steps the progress file tells of, so that a search can stop early.
        checkpoint: file in `{output}` that is offered as `{resume}` after a kill.
        keep: files in `{output}` that are stored; patterns.
        files: files that decide the results, beside those of the command and every *.py; patterns.
        environment: variables of the command, beside those of the shell.
        baselines: name -> a command without a seed.
        seeds: of a row, unless the command line says.
        base, rows, published: see `assay.experiment.suite`.
    """

    command: str
    results: Inside
    metrics: Annotated[dict[Line, _Metric], Field(min_length=1)]
    parameters: dict[str, Parameter | Value] = field(default_factory=dict)
    title: str = ""
    validation: Inside | None = None
    sample: Line | None = None
    progress: Inside | None = None
    epochs: str | None = None
    checkpoint: Inside | None = None
    keep: list[Inside] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    environment: dict[Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")], str] = field(default_factory=dict)
    baselines: dict[str, Baseline | str] = field(default_factory=dict)
    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = 1
    base: str = "ours"
    rows: dict[str, Any] = field(default_factory=lambda: {"ours": {}})
    published: str | None = None

    @property
    def measured(self) -> tuple[Metric, ...]:
        """The metrics as the engine has them."""
        return tuple(Metric(name, **vars(each)) for name, each in self.metrics.items())

    @property
    def all_parameters(self) -> dict[str, Parameter]:
        """Every parameter; of one that is a value alone, the default."""
        return {
            name: each if isinstance(each, Parameter) else Parameter(each) for name, each in self.parameters.items()
        }

    @property
    def all_baselines(self) -> dict[str, Baseline]:
        """Every baseline; of one that is a command alone, with its name as title."""
        found = {name: each if isinstance(each, Baseline) else Baseline(each) for name, each in self.baselines.items()}
        return {name: Baseline(each.command, each.title or name) for name, each in found.items()}


def document(text: str, place: str) -> Document:
    """The file, checked as far as it can be by itself.

    Args:
        text: of the file.
        place: its name, for messages.

    Raises:
        UserError: it is no YAML, or says what it cannot.
    """
    try:
        raw = parse_yaml(text)
        if not isinstance(raw, Mapping):
            raise ValueError(f"expected keys and values (command, results, metrics, ...); got {type(raw).__name__}")
        check_plain("it", raw)
        return typed(Document, raw)
    except ValueError as error:
        raise UserError(f"{place} is no study: {error}") from error
