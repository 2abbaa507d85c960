"""A name for a table that does not change with its seeds: of its rows, and of what decides their results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from assay.experiment.naming.fingerprint import measuring_code, stage_fingerprint, training_code, trial_fingerprint
from assay.stage import Stage
from assay.study import TEST, TRAIN, Study

__all__ = ["table_fingerprint"]


def table_fingerprint(
    study: Study, rows: Mapping[str, Any], columns: Iterable[str], margins: Mapping[str, float | None]
) -> str:
    """Name of the question that a table answers: runs of one name that differ in seeds and folders ask the same one.

    Args:
        study: what is studied.
        rows: name of each trained row -> its configuration.
        columns: metrics of the table.
        margins: of them.
    """
    content = {
        "rows": {name: _row(study, config) for name, config in rows.items()},
        "columns": sorted(columns),
        "margins": {name: margins.get(name) for name in sorted(columns)},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _row(study: Study, config: Any) -> str:
    """As a trial of the row is named, without a seed."""
    parent, stages = None, study.stages(config, config.seed, TEST)
    for stage in stages:
        parent = stage_fingerprint(_Unseeded(stage), parent, study.data(config, TRAIN), training_code(study, stage))
    code = measuring_code(study, stages, None, config)
    return trial_fingerprint(study, parent, None, study.data(config, TEST), config, code)


class _Unseeded:
    """A stage whatever its seed."""

    def __init__(self, stage: Stage) -> None:
        self.kind, self.seed, self.config = stage.kind, 0, stage.config
        self.first_epoch, self.last_epoch = stage.first_epoch, stage.last_epoch
