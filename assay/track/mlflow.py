"""MLflow: a run for each trial below the run of the whole, in the user's tracking server, or a file in the folder."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from assay.config.text.credentials import redacted
from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial

__all__ = ["MLflow"]

_MOST_METRICS, _MOST_OTHERS = 1000, 100  # of a request
_LONGEST_NAME, _LONGEST_PARAMETER, _LONGEST_TAG = 250, 6000, 5000
_REFUSED = re.compile(r"[^/\w.\- :]")
_ID = "assay.id"  # the tag by which a run is found again


class MLflow:
    """Logs to MLFLOW_TRACKING_URI, or to a SQLite file below the run's folder where that is not set.

    Args:
        group: whose trials they are.
    """

    environment: ClassVar[Mapping[str, str]] = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    }

    def __init__(self, group: TrackedGroup) -> None:
        from mlflow import MlflowClient

        self._group = group
        self._client = MlflowClient(tracking_uri=self._address(group))
        self._experiment = self._experiment_id()
        self._whole = self._run(group.name, (group.key,), {"assay.kind": group.kind}).info.run_id
        self._ended = False

    @staticmethod
    def _address(group: TrackedGroup) -> str:
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path(group.place) / 'mlflow' / 'mlflow.db'}"

    @staticmethod
    def where(group: TrackedGroup) -> str:
        """The tracking server or file, without secrets."""
        return str(redacted(MLflow._address(group)))

    @staticmethod
    def look(group: TrackedGroup) -> str:
        """How it is seen."""
        if os.environ.get("MLFLOW_TRACKING_URI"):
            return f"MLflow at {MLflow.where(group)}"
        return f"mlflow ui --backend-store-uri {MLflow.where(group)}"

    def trial(self, trial: TrackedTrial) -> None:
        """Log a trial as a run of its own."""
        tags = {
            "mlflow.parentRunId": self._whole,
            "assay.trial": trial.id,
            "assay.row": trial.row,
            "assay.state": trial.state,
            "assay.reason": trial.reason,
            "assay.fingerprint": trial.fingerprint,
        }
        run = self._run(trial.id, (self._group.key, trial.id, trial.fingerprint), tags, trial.seconds)
        self._log(run, trial.parameters, trial.metrics, trial.curves)
        self._tag(run, tags)
        self._client.set_terminated(run.info.run_id, "FAILED" if trial.state == "failed" else "FINISHED")

    def summary(self, summary: TrackedSummary) -> None:
        """Log the table, verdicts, files and pictures to the run of the whole."""
        run = self._client.get_run(self._whole)
        self._log(run, summary.parameters, summary.metrics, {})
        words = {f"verdict/{name}": word for name, word in summary.words.items()}
        note = summary.texts.get("summary") or summary.texts.get("table", "")
        self._tag(run, {**summary.about, **words, "mlflow.note.content": note})
        for name, table in summary.tables.items():
            self._client.log_dict(self._whole, dict(table), f"tables/{name}.json")
        for path in summary.files.values():
            self._client.log_artifact(self._whole, path)
        for name, path in summary.images.items():
            self._client.log_artifact(self._whole, path, f"images/{name.rpartition('/')[0]}")
        self._client.set_terminated(self._whole, "FINISHED")
        self._ended = True

    def close(self) -> None:
        """Say of a run that was stopped that it was."""
        if not self._ended and self._client.get_run(self._whole).info.status == "RUNNING":
            self._client.set_terminated(self._whole, "KILLED")

    def _experiment_id(self) -> str:
        """Of the experiment that the user names, or of one that is named as the study."""
        if given := os.environ.get("MLFLOW_EXPERIMENT_ID"):
            return given
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or self._group.study
        if found := self._client.get_experiment_by_name(name):
            return str(found.experiment_id)
        own = None if os.environ.get("MLFLOW_TRACKING_URI") else self._own_artifacts()
        return str(self._client.create_experiment(name, artifact_location=own))

    def _own_artifacts(self) -> str:
        return (Path(self._group.place) / "mlflow" / "artifacts").as_uri()

    def _run(self, name: str, parts: Iterable[str], tags: Mapping[str, str], seconds: float = 0.0) -> Any:
        """The run that was begun for this before, or a new one."""
        identity = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
        if found := self._client.search_runs([self._experiment], f"tags.`{_ID}` = '{identity}'", max_results=1):
            return found[0]
        begun = int(1000 * (time.time() - seconds))
        all_tags = {_ID: identity, **_texts(tags, _LONGEST_TAG)}
        return self._client.create_run(self._experiment, begun, all_tags, run_name=name)

    def _log(
        self,
        run: Any,
        parameters: Mapping[str, Any],
        metrics: Mapping[str, float],
        curves: Mapping[str, Sequence[tuple[int, float]]],
    ) -> None:
        """What the run does not have yet."""
        from mlflow.entities import Metric, Param

        now = int(1000 * time.time())
        known, there = run.data.metrics, run.data.params
        lines = [Metric(name, value, now, 0) for name, value in _named(metrics).items() if known.get(name) != value]
        for name, line in _named(curves).items():
            if name not in known:
                lines += [Metric(name, value, now, step) for step, value in line]
        texts = _texts(parameters, _LONGEST_PARAMETER)
        given = [Param(name, text) for name, text in texts.items() if name not in there]
        for part in _parts(lines, _MOST_METRICS):
            self._client.log_batch(run.info.run_id, metrics=part)
        for part in _parts(given, _MOST_OTHERS):
            self._client.log_batch(run.info.run_id, params=part)

    def _tag(self, run: Any, tags: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        for part in _parts([RunTag(*each) for each in _texts(tags, _LONGEST_TAG).items()], _MOST_OTHERS):
            self._client.log_batch(run.info.run_id, tags=part)


def _parts(values: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    return (values[begin : begin + most] for begin in range(0, len(values), most))


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same by names that MLflow takes: others' characters become `_`, and a second one of a name ends in `_2`."""
    named: dict[str, Any] = {}
    for name, value in values.items():
        plain = posixpath.normpath(_REFUSED.sub("_", name)).lstrip("/.")[:_LONGEST_NAME] or "_"
        count = 2
        while (free := plain if count == 2 else f"{plain}_{count - 1}") in named:
            count += 1
        named[free] = value
    return named


def _texts(values: Mapping[str, Any], longest: int) -> dict[str, str]:
    return {name: str(value)[:longest] for name, value in _named(values).items()}
