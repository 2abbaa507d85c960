"""What trackers are told of a run, from what its folder holds."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from assay.config.errors import one_line
from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.config.text.credentials import redacted
from assay.experiment.planning.continuation import is_free
from assay.runs import Run
from assay.store.received.inside import inside
from assay.store.received.names import original_name
from assay.store.run.folder import RunFolder
from assay.store.run.record import RunRecord, TrialRecord
from assay.track.tracked import TrackedSummary, TrackedTrial

__all__ = ["TrackedRun", "finite", "parameters_of", "plain"]

_FILES = ("table.md", "table.csv", "table.tex", "effects.md", "effects.csv", "summary.md", "trials.csv", "best.yaml")
_VERDICTS = ["row", "metric", "difference", "low", "high", "p_adjusted", "margin", "verdict", "n_seeds"]


def parameters_of(config: RootConfig) -> dict[str, Any]:
    """The values of a configuration that decide something, by path; secrets are hidden, lists are texts."""
    return {path: _scalar(value) for path, value in paths_of(config).items() if not is_free(path)}


class TrackedRun:
    """Tells of the trials of a run, and of its end.

    Args:
        run: the folder.
        parameters: of the base.
    """

    def __init__(self, run: RunFolder, parameters: Mapping[str, Any]) -> None:
        self._run, self.parameters = run, parameters

    def trial(self, record: RunRecord, trial: TrialRecord, means: Mapping[str, float] | None = None) -> TrackedTrial:
        """A trial that has ended.

        Args:
            record: of the run.
            trial: as it is now.
            means: of its metrics, over samples that all trials have; over all of its own if None.
        """
        changes = {row.name: row.changes for row in record.rows}
        finished = trial.status == "finished"
        values = self._run.results_of(trial.id).sort_values("image") if finished else pd.DataFrame()
        own = values.groupby("metric")["value"].mean().to_dict() if len(values) else {}
        changed = {path: _scalar(value) for path, value in changes[trial.row].items()}
        seed = {"seed": trial.seed} if trial.seed >= 0 else {}
        return TrackedTrial(
            id=trial.id,
            row=trial.row,
            seed=trial.seed,
            fingerprint=trial.fingerprint,
            state=trial.status,
            reason=one_line(redacted(trial.reason)),
            seconds=trial.seconds,
            parameters={**self.parameters, **changed, **seed},
            varied=tuple(dict.fromkeys(path for each in changes.values() for path in each)),
            metrics=finite({**own, **(means or {})}),
            curves=self._curves(trial) if finished else {},
        )

    def trials(self, run: Run) -> Iterator[TrackedTrial]:
        """Those of a run that have ended, with the numbers that its table is made of."""
        measured = run.measurements().groupby(["row", "seed", "metric"])["value"].mean().reset_index()
        means: dict[tuple[str, int], dict[str, float]] = {}
        for row, seed, metric, value in measured.itertuples(index=False):
            means.setdefault((row, int(seed)), {})[metric] = float(value)
        for trial in run.record.trials:
            if trial.status in ("finished", "failed"):
                yield self.trial(run.record, trial, means.get((trial.row, trial.seed)))

    def summary(self, run: Run) -> TrackedSummary:
        """The end of an ablation, or of a search's confirmation."""
        cells = list(run.evidence.data.itertuples(index=False))
        metrics: dict[str, Any] = {}
        for cell in cells:
            name = f"{cell.metric}/{cell.row}"
            metrics |= {name: cell.mean, f"{name}/spread": cell.spread, f"{name}/difference": cell.difference}
        verdicts = run.verdicts()
        tables = {"table": run.table().reset_index(), "verdicts": verdicts[_VERDICTS], "seeds": _by_seed(run)}
        return TrackedSummary(
            parameters=self.parameters,
            about=_about(run.record.provenance),
            metrics=finite(metrics),
            words={f"{cell.metric}/{cell.row}": str(cell.verdict) for cell in cells if cell.verdict},
            tables={name: plain(table) for name, table in tables.items()},
            **self.written,
        )

    @cached_property
    def written(self) -> dict[str, Any]:
        """Texts, images and files that the folder has, for a summary; to be asked for when all is written."""
        folder = self._run.folder
        files = {name: path for name in _FILES if (path := inside(folder, name)).is_file()}
        found = [*inside(folder, "images").glob("*/*.png"), *inside(folder, "figures").glob("*.png")]
        images = {f"{path.parent.name}/{original_name(path.stem)}": path for path in sorted(found)}
        texts = {path.stem: path.read_text(encoding="utf-8") for path in files.values() if path.suffix == ".md"}
        digest = hashlib.sha256()
        for path in (*files.values(), *images.values()):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return {
            "texts": texts,
            "images": {name: str(path.resolve()) for name, path in images.items()},
            "files": {name: str(path.resolve()) for name, path in files.items()},
            "contents": digest.hexdigest(),
        }

    def _curves(self, trial: TrialRecord) -> dict[str, tuple[tuple[int, float], ...]]:
        lines = self._run.curves_of(trial.id)
        return {
            f"{stage}/{term}": tuple(
                (int(epoch), float(value))
                for epoch, value in zip(part["epoch"], part["value"], strict=True)
                if math.isfinite(value)
            )
            for (stage, term), part in lines.groupby(["stage", "term"], sort=False)
        }


def plain(table: pd.DataFrame) -> dict[str, Any]:
    """A table as JSON has it; what is not finite is None."""
    return {"columns": [str(name) for name in table.columns], "lines": json.loads(table.to_json(orient="values"))}


def finite(values: Mapping[Any, Any]) -> dict[str, float]:
    """Those values that are finite numbers."""
    return {str(name): float(value) for name, value in values.items() if math.isfinite(value)}


def _by_seed(run: Run) -> pd.DataFrame:
    """A line per row and seed, a column per metric: means over the samples."""
    means = run.measurements().groupby(["row", "seed", "metric"])["value"].mean()
    return means.unstack("metric").rename_axis(columns=None).reset_index()


def _about(provenance: Mapping[str, Any]) -> dict[str, str]:
    """Commit and versions."""
    versions = {f"version/{name}": str(version) for name, version in provenance.get("versions", {}).items()}
    return {f"git/{name}": str(value) for name, value in provenance.get("git", {}).items()} | versions


def _scalar(value: Any) -> Any:
    hidden = redacted(value)
    return hidden if isinstance(hidden, str | int | float | bool | None) else json.dumps(hidden, default=str)
