"""The folder of one run: what was asked for, what came out, and nothing that needs torch to be read.

DIR/run.json              what was asked for, where and with which code; the state of every trial
DIR/config.yaml           the resolved configuration of the base
DIR/results/TRIAL.parquet one line per image x metric: row, seed, image, metric, value
DIR/curves/TRIAL.parquet  one line per stage x epoch x term: row, seed, stage, epoch, term, weight, value
DIR/proof/TRIAL.json      what the trial's network and losses did (parameters, FLOPs, gradient shares, ...)
DIR/images/...            a few fused images and their sources
DIR/errors/TRIAL.txt      the traceback of a failed trial
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from assay.config.errors import UserError
from assay.metric import Metric, metric_named, metrics_from
from assay.store.atomic import write_bytes, write_text
from assay.store.names import file_name, is_file_name

__all__ = ["FORMAT", "Damaged", "RowRecord", "Run", "RunRecord", "TrialRecord"]

FORMAT = 1
_DERIVED = ("report.html", "report.ipynb", "table.md", "table.csv", "table.tex")
_FIGURES = ("forest", "paired", "radar", "resources", "gallery-*", "shares-*", "curves-*", "search-*")
CURVES = ["row", "seed", "stage", "epoch", "term", "weight", "value"]
RESULTS = ["row", "seed", "image", "metric", "value"]


@dataclass(frozen=True)
class RowRecord:
    """A row of the suite as it was asked for.

    Attributes:
        name: what the user types ("no_graph").
        title: what the table shows ("w/o GNN").
        published: the row's name in the published table, or None.
        changes: dotted configuration path -> value.
        baseline: a training-free row (no seed, no trial).
    """

    name: str
    title: str
    published: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    baseline: bool = False


@dataclass(frozen=True)
class TrialRecord:
    """One variant under one seed.

    Attributes:
        id: row and seed, safe as a file name.
        status: `pending`, `running`, `finished` or `failed`.
        reason: why it failed, one line.
        fingerprint: under which the store has its measurements.
        stages: fingerprints of the stages it is made of, in order.
        reused: those of them that this run did not train.
        seconds: wall seconds this run spent on it.
        made_with: versions, processor and the like -> those with which its stages were trained and measured; more than
            one where these differ.
    """

    id: str
    row: str
    seed: int
    status: str = "pending"
    reason: str = ""
    fingerprint: str = ""
    stages: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()
    seconds: float = 0.0
    made_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRecord:
    """What run.json holds.

    Attributes:
        kind: `ablation` or `search`.
        suite: name of the suite.
        command: what was typed.
        columns: metrics of the table, in order.
        metrics: what the study says of every metric that it measures; empty in a run of an early version.
        published: the printed table that the rows answer, see `assay.evidence.published`; None if there is none.
        base_row: the row that all others are compared with ("ours").
        provenance: git commit, versions, machine, time, preset, data set and its fingerprint.
    """

    kind: str
    suite: str
    command: tuple[str, ...]
    rows: tuple[RowRecord, ...]
    trials: tuple[TrialRecord, ...]
    columns: tuple[str, ...]
    base_row: str = "ours"
    metrics: tuple[Metric, ...] = ()
    published: Mapping[str, Any] | None = None
    note: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def metric(self, name: str) -> Metric:
        """What the study says of a metric."""
        return metric_named(name, self.metrics)

    @property
    def shown(self) -> tuple[Metric, ...]:
        """The metrics of the table, in order."""
        return tuple(self.metric(name) for name in self.columns)


class Damaged(UserError):
    """A file of a run cannot be read."""


class Run:
    """A run folder, to write and to read.

    Args:
        folder: the folder; made when something is written.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def record(self) -> RunRecord:
        """The content of run.json.

        Raises:
            UserError: not a run folder, damaged, or written by a newer version.
        """
        path = self.folder / "run.json"
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if int(raw.get("format", 0)) > FORMAT:
                raise UserError(
                    f"{path} has format {raw['format']}, this version reads up to {FORMAT}: update assay to read it"
                )
            return _parse(raw)
        except FileNotFoundError as error:
            raise UserError(
                f"{self.folder} is no run: expected a folder with run.json, as an ablation writes"
            ) from error
        except UserError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(f"{path} is damaged ({error}); give the run's command again to write it anew") from error

    def check_writable(self, kind: str) -> None:
        """Refuse a folder that holds something else; a damaged run is written anew.

        Args:
            kind: of the run that will be written.

        Raises:
            UserError: a run of a newer version or of another kind is there, or files that are no run.
        """
        if not self.folder.exists():
            return
        if not (self.folder / "run.json").exists():
            if not self.folder.is_dir() or any(not path.name.startswith(".") for path in self.folder.iterdir()):
                raise UserError(f"{self.folder} holds other files: expected a new folder or one of an earlier run")
            return
        try:
            found = self.record.kind
        except Damaged:
            return
        if found != kind:
            raise UserError(f"{self.folder} holds a run of kind {found}, not {kind}: give another folder")

    def write_record(self, record: RunRecord) -> None:
        """Write run.json."""
        write_text(self.folder / "run.json", _encoded(record))

    def write_config(self, text: str) -> None:
        """Write config.yaml, the resolved configuration."""
        write_text(self.folder / "config.yaml", text)

    def config(self) -> dict[str, Any]:
        """The base's values by dotted path; empty if there is no config.yaml.

        Raises:
            UserError: it is damaged.
        """
        path = self.folder / "config.yaml"
        try:
            return dict(_flat(yaml.safe_load(path.read_text(encoding="utf-8")) or {}))
        except FileNotFoundError:
            return {}
        except (yaml.YAMLError, ValueError, AttributeError) as error:
            raise Damaged(f"{path} is damaged ({str(error).splitlines()[0]})") from error

    def drop_derived(self, *, figures: bool = True) -> None:
        """Remove what was made of results that are about to change: report, notebook, tables; nothing of the user's.

        Args:
            figures: these too; a search has made its own before its confirmation changes the rest.
        """
        drawn = [path for name in _FIGURES for path in self.folder.glob(f"figures/{name}.p[nd][gf]")] if figures else []
        for path in (*(self.folder / name for name in _DERIVED), *drawn):
            path.unlink(missing_ok=True)

    def drop_pictures(self) -> None:
        """Remove the images: a row that fails now, or is named otherwise, must not keep those of an earlier plan."""
        for path in self.folder.glob("images/*/*.png"):
            path.unlink(missing_ok=True)

    def write_results(self, trial_id: str, rows: Iterable[tuple[str, int, str, str, float]]) -> None:
        """Write a trial's metrics: (row, seed, image, metric, value)."""
        self._write_table("results", trial_id, pd.DataFrame(list(rows), columns=RESULTS))

    def write_curves(self, trial_id: str, rows: Iterable[tuple[str, int, str, int, str, float, float]]) -> None:
        """Write a trial's losses: (row, seed, stage, epoch, term, weight, value)."""
        self._write_table("curves", trial_id, pd.DataFrame(list(rows), columns=CURVES))

    def write_proof(self, trial_id: str, proof: Mapping[str, Any]) -> None:
        """Write what a trial's network and losses did."""
        write_text(self._path("proof", trial_id, "json"), json.dumps(proof) + "\n")

    def write_error(self, trial_id: str, traceback: str) -> Path:
        """Keep the traceback of a failed trial; returns its path."""
        path = self._path("errors", trial_id, "txt")
        write_text(path, traceback)
        return path

    def results(self) -> pd.DataFrame:
        """All metrics: columns row, seed, image, metric, value; empty if nothing has finished yet."""
        return self._read_tables("results", RESULTS)

    def curves(self) -> pd.DataFrame:
        """All losses: columns row, seed, stage, epoch, term, weight, value."""
        return self._read_tables("curves", CURVES)

    def proofs(self) -> dict[str, dict[str, Any]]:
        """Trial id -> what its network and losses did."""
        files = sorted((self.folder / "proof").glob("*.json"))
        try:
            return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
        except ValueError as error:
            raise Damaged(f"{self.folder / 'proof'} is damaged ({error}); give the run's command again") from error

    def _write_table(self, kind: str, trial_id: str, table: pd.DataFrame) -> None:
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False, write_page_checksum=True)
        write_bytes(self._path(kind, trial_id, "parquet"), buffer.getvalue())

    def _path(self, kind: str, trial_id: str, suffix: str) -> Path:
        if not is_file_name(trial_id):
            raise UserError(f"{self.folder}: expected a trial's id that is safe as a file name; got {trial_id!r}")
        return self.folder / kind / f"{trial_id}.{suffix}"

    def _read_tables(self, kind: str, columns: list[str]) -> pd.DataFrame:
        tables, record = [], self.record
        ids = {trial.id for trial in record.trials} | {file_name(row.name) for row in record.rows if row.baseline}
        for path in sorted((self.folder / kind).glob("*.parquet")):
            if path.stem not in ids:  # an earlier version gave the same trial another id
                continue
            try:
                tables.append(pd.read_parquet(path, page_checksum_verification=True))
            except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
                raise Damaged(f"{path} is damaged ({error}); remove it and give the run's command again") from error
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _encoded(record: RunRecord) -> str:
    """JSON with a line for every row and trial: quick to write for thousands of them, and to be read by people."""
    parts = []
    for name, value in vars(record).items():
        lines = [_line(item) for item in value] if name in ("rows", "trials") else None
        parts.append(f' "{name}": ' + ("[\n  " + ",\n  ".join(lines) + "\n ]" if lines else _line(value)))
    return "{\n" + ",\n".join(parts) + "\n}\n"


_line = json.JSONEncoder(default=lambda other: vars(other) if is_dataclass(other) else str(other)).encode


def _parse(raw: dict[str, Any]) -> RunRecord:
    """Unknown keys are dropped: an older format may have had others."""
    rows = tuple(RowRecord(**_known(RowRecord, row)) for row in raw.get("rows", ()))
    trials = tuple(
        replace(
            record,
            stages=tuple(record.stages),
            reused=tuple(record.reused),
            made_with={name: tuple(values) for name, values in record.made_with.items()},
        )
        for record in (TrialRecord(**_known(TrialRecord, trial)) for trial in raw.get("trials", ()))
    )
    values = _known(RunRecord, raw) | {"rows": rows, "trials": trials, "metrics": metrics_from(raw.get("metrics", ()))}
    return RunRecord(**values | {"command": tuple(raw["command"]), "columns": tuple(raw["columns"])})


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _known(kind: type, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: raw[name] for name in kind.__dataclass_fields__ if name in raw}  # type: ignore[attr-defined]
