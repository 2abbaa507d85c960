"""The folder of one run: what was asked for, what came out, and nothing that needs torch to be read.

    DIR/run.json              what was asked for, where and with which code; the state of every trial
    DIR/config.yaml           the resolved configuration of the base
    DIR/results/TRIAL.parquet one line per image x metric: row, seed, image, metric, value
    DIR/curves/TRIAL.parquet  one line per stage x epoch x term: row, seed, stage, epoch, term, weight, value
    DIR/proof/TRIAL.json      what the trial's network and losses did (parameters, FLOPs, gradient shares, ...)
    DIR/images/...            a few fused images and their sources
    DIR/logs/TRIAL.txt        the end of what a trial printed when it was trained, if it printed anything
    DIR/errors/TRIAL.txt      the traceback of a failed trial, and what it printed
    DIR/log.txt               every command that worked here: what was typed, said and came of it, with times

Tables, figures and reports beside these are made of them. What was exported and unpacked has also:

    DIR/export.json           what came with it, and the checksum of every file
    DIR/store/                the weights that came with it, as the storage has them
    DIR/models/               files that were made of them
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from assay.config.errors import UserError
from assay.config.reading import MIB, read_file, read_yaml
from assay.config.text.credentials import HIDDEN
from assay.store.disk.atomic import write_bytes, write_text
from assay.store.received.inside import Outside, inside
from assay.store.received.names import file_name, is_file_name
from assay.store.received.typed import Newer, read_typed
from assay.store.run.log import LOG_FILE
from assay.store.run.proof import TrialProof
from assay.store.run.record import FORMAT, RowRecord, RunRecord, TrialRecord, encoded, line_of, read_run_record
from assay.store.run.whereabouts import packed_store, store_with
from assay.store.store import Store
from assay.store.tables import read_table

__all__ = ["FORMAT", "Damaged", "RowRecord", "RunFolder", "RunRecord", "TrialRecord"]

_DERIVED = (
    *("report.html", "report.ipynb", "comparison.html"),
    *("table.md", "table.csv", "table.tex", "effects.md", "effects.csv"),
)
_FIGURES = (
    *("forest", "trainings", "paired", "radar", "resources", "gallery-*", "shares-*", "curves-*", "search-*"),
    *("effects", "interactions", "part-shares"),
)
CURVES = ["row", "seed", "stage", "epoch", "term", "weight", "value"]
RESULTS = ["row", "seed", "image", "metric", "value"]

T = TypeVar("T")
_MOST = 256 * MIB  # of a file of JSON


class Damaged(UserError):
    """A file of a run cannot be read."""


class RunFolder:
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
            return read_run_record(read_file(inside(self.folder, "run.json"), _MOST))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UserError(
                f"{self.folder} is no run: expected a folder with run.json, as an ablation writes"
            ) from error
        except Newer as error:
            raise UserError(f"{path} {error}: update assay to read it") from error
        except Outside:
            raise
        except ValueError as error:
            raise Damaged(f"{path} is damaged ({error}); give the run's command again to write it anew") from error

    def store(self, elsewhere: str | None = None, wanted: TrialRecord | None = None) -> Store:
        """The store that has the run's stages and measurements, to be read; with an exported run, or see `store_with`.

        Args:
            elsewhere: where it is, if not where the run says.
            wanted: the trial of which something is wanted; any of the run's if None.

        Raises:
            UserError: the run does not say it, or only without the credentials that open it; or it cannot be read.
        """
        if elsewhere is not None:
            return Store.to_read(elsewhere)
        record = self.record
        trials = record.trials if wanted is None else (wanted,)
        if packed := packed_store(self.folder, trials):
            return packed
        root = record.provenance.get("storage")
        if not isinstance(root, str) or not root:
            raise UserError(f"{self.folder} does not say where its storage is: expected it with the command")
        if HIDDEN in root:
            raise UserError(f"{self.folder} keeps no credentials of its storage {root}: expected it with the command")
        return store_with(trials, self.folder, root, record.provenance.get("storage_path"))

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
            if not self.folder.is_dir():
                raise UserError(f"{self.folder} is a file: expected a new folder or one of an earlier run")
            if any(map(_is_strange, self.folder.iterdir())):
                raise UserError(f"{self.folder} holds other files: expected a new folder or one of an earlier run")
            return
        try:
            found = self.record.kind
        except Damaged:
            return
        if found != kind:
            raise UserError(f"{self.folder} holds a run of kind {found}, not {kind}: give another folder")

    def write_record(self, record: RunRecord, line: Callable[[Any], str] = line_of) -> None:
        """Write run.json; see `encoded`."""
        write_text(self.folder / "run.json", encoded(record, line))

    def write_config(self, text: str) -> None:
        """Write config.yaml, the resolved configuration."""
        write_text(self.folder / "config.yaml", text)

    def config(self) -> dict[str, Any]:
        """The base's values by dotted path; empty if there is no config.yaml.

        Raises:
            UserError: it is damaged.
        """
        path = inside(self.folder, "config.yaml")
        try:
            return dict(_flat(read_yaml(path) or {}))
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError) as error:
            raise Damaged(f"{path} is damaged ({error})") from error

    def drop_derived(self, *, figures: bool = True) -> None:
        """Remove what was made of results that are about to change: report, notebook, tables; nothing of the user's.

        Args:
            figures: these too; a search has made its own before its confirmation changes the rest.
        """
        folder = inside(self.folder, "figures")
        drawn = [path for name in _FIGURES for path in folder.glob(f"{name}.p[nd][gf]")] if figures else []
        for path in (*(self.folder / name for name in _DERIVED), *drawn):
            path.unlink(missing_ok=True)

    def drop_pictures(self) -> None:
        """Remove the images: a row that fails now, or is named otherwise, must not keep those of an earlier plan."""
        for path in inside(self.folder, "images").glob("*/*.png"):
            (inside(self.folder, "images", path.parent.name) / path.name).unlink(missing_ok=True)

    def write_results(self, trial_id: str, rows: Iterable[tuple[str, int, str, str, float]]) -> None:
        """Write a trial's metrics: (row, seed, image, metric, value)."""
        self._write_table("results", trial_id, pd.DataFrame(list(rows), columns=RESULTS))

    def write_curves(self, trial_id: str, rows: Iterable[tuple[str, int, str, int, str, float, float]]) -> None:
        """Write a trial's losses: (row, seed, stage, epoch, term, weight, value)."""
        self._write_table("curves", trial_id, pd.DataFrame(list(rows), columns=CURVES))

    def write_image(self, group: str, name: str, png: bytes) -> None:
        """Keep a picture of a row, or of the sources; both names as those of files."""
        write_bytes(inside(self.folder, "images", group, name), png)

    def write_proof(self, trial_id: str, proof: Mapping[str, Any]) -> None:
        """Write what a trial's network and losses did."""
        write_text(self._path("proof", trial_id, "json"), json.dumps(proof) + "\n")

    def drop_logs(self, trial_id: str) -> None:
        """Remove what a trial printed and why it failed: it begins anew."""
        for kind in ("logs", "errors"):
            self._path(kind, trial_id, "txt").unlink(missing_ok=True)

    def write_log(self, trial_id: str, text: str) -> None:
        """Keep what a trial printed."""
        write_text(self._path("logs", trial_id, "txt"), text)

    def write_error(self, trial_id: str, traceback: str) -> Path:
        """Keep the traceback of a failed trial, and what it printed if that is known; returns the file's path."""
        path, log = self._path("errors", trial_id, "txt"), self._path("logs", trial_id, "txt")
        printed = f"\n\nIt printed:\n{log.read_text(encoding='utf-8')}" if log.is_file() else ""
        write_text(path, f"{traceback.rstrip()}{printed.rstrip()}\n")
        return path

    def results(self) -> pd.DataFrame:
        """All metrics: columns row, seed, image, metric, value; empty if nothing has finished yet."""
        return self._read_tables("results", RESULTS)

    def curves(self) -> pd.DataFrame:
        """All losses: columns row, seed, stage, epoch, term, weight, value."""
        return self._read_tables("curves", CURVES)

    def results_of(self, trial_id: str) -> pd.DataFrame:
        """A trial's metrics, as `results` has them; empty if there are none."""
        return self._read_table("results", trial_id, RESULTS)

    def curves_of(self, trial_id: str) -> pd.DataFrame:
        """A trial's losses, as `curves` has them; empty if there are none."""
        return self._read_table("curves", trial_id, CURVES)

    def proofs(self) -> dict[str, TrialProof]:
        """Trial id -> what its network and losses did; of a training-free row there is nothing to tell."""
        found = {path.stem: self._read(path, _proof) for path in self._files("proof", "*.json")}
        return {trial_id: proof for trial_id, proof in found.items() if proof != TrialProof()}

    def _files(self, folder: str, pattern: str) -> list[Path]:
        """Those in a folder of the run, sorted; nothing outside of it."""
        return sorted(inside(self.folder, folder, path.name) for path in inside(self.folder, folder).glob(pattern))

    def _read(self, path: Path, read: Callable[[Path], T]) -> T:
        try:
            return read(path)
        except (OSError, ValueError) as error:
            raise Damaged(f"{path} is damaged ({error}); remove it and give the run's command again") from error

    def _write_table(self, kind: str, trial_id: str, table: pd.DataFrame) -> None:
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False, write_page_checksum=True)
        write_bytes(self._path(kind, trial_id, "parquet"), buffer.getvalue())

    def _path(self, kind: str, trial_id: str, suffix: str) -> Path:
        if not is_file_name(trial_id):
            raise UserError(f"{self.folder}: expected a trial's id that is safe as a file name; got {trial_id!r}")
        return inside(self.folder, kind, f"{trial_id}.{suffix}")

    def _read_table(self, kind: str, trial_id: str, columns: list[str]) -> pd.DataFrame:
        path = self._path(kind, trial_id, "parquet")
        return (
            self._read(path, lambda file: read_table(file, columns)) if path.exists() else pd.DataFrame(columns=columns)
        )

    def _read_tables(self, kind: str, columns: list[str]) -> pd.DataFrame:
        record = self.record
        ids = {trial.id for trial in record.trials} | {file_name(row.name) for row in record.rows if row.baseline}
        paths = [path for path in self._files(kind, "*.parquet") if path.stem in ids]  # an earlier version had others
        tables = [self._read(path, lambda file: read_table(file, columns)) for path in paths]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _is_strange(path: Path) -> bool:
    """Whether no run has written it before its record."""
    return not path.name.startswith(".") and path.name != LOG_FILE


def _proof(path: Path) -> TrialProof:
    return read_typed(TrialProof, read_file(path, _MOST))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
