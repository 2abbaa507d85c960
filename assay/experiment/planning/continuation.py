"""Whether a command goes on with the run that a folder holds, or would turn it into another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.config.errors import UserError
from assay.config.layout import by_present_paths
from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.store.run.folder import Damaged, RunFolder, RunRecord

__all__ = ["check_continues", "is_free"]

# Where things are, on what they run, who is told, and what the table shows of the results.
_FREE = ("storage", "seeds", "note", "track", "metrics.table", "train.checkpoint_s", "train.recompute")


def is_free(path: str) -> bool:
    """Whether a run goes on where this value of the configuration is another one."""
    return path in _FREE or path.startswith("cluster.")


def check_continues(run: RunFolder, record: RunRecord, config: RootConfig) -> None:
    """Refuse to write another run into the folder of one that is there; further rows and seeds are welcome.

    Args:
        run: the folder.
        record, config: of the run that is to be written.

    Raises:
        UserError: it has another suite or configuration, or lacks rows or seeds of the run that is there.
    """
    try:
        there = run.record if (run.folder / "run.json").exists() else None
    except Damaged:  # written anew
        return
    if there is None:
        return
    values = by_present_paths(run.config(), type(config))
    problem = (
        _other_rows(there, record, type(config))
        or _other_values(values, paths_of(config))
        or _fewer_seeds(there, record)
        or _other_margins(there, record)
    )
    if problem:
        raise UserError(f"{run.folder} holds a run {problem}, or give another output; nothing was changed")


def _other_rows(there: RunRecord, record: RunRecord, config: type[RootConfig]) -> str:
    if there.suite != record.suite:
        return f"of the suite {there.suite}, not {record.suite}: give its command again"
    rows = {row.name: row for row in record.rows}
    left_out = [row.name for row in there.rows if row.name not in rows and not row.baseline]
    if left_out:
        return f"that has rows which are not named now ({', '.join(left_out)}): name them too"
    before = {row.name: by_present_paths(row.changes, config) for row in there.rows if row.name in rows}
    changed = [name for name, changes in before.items() if changes != dict(rows[name].changes)]
    return f"whose row {changed[0]} had other changes: give that row another name" if changed else ""


def _other_values(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    for path, value in there.items():
        wanted = here.get(path, value)  # a version may have had other fields
        if value != (list(wanted) if isinstance(wanted, tuple) else wanted) and not is_free(path):
            return f"with another configuration ({path}: {value} there, {wanted} here): give the same"
    return ""


def _other_margins(there: RunRecord, record: RunRecord) -> str:
    """Margins are fixed before a run; one of an early version has none and gets them."""
    before = {metric.name: metric.margin for metric in there.metrics}
    if not any(before.values()):
        return ""
    for metric in record.metrics:
        if (was := before.get(metric.name, metric.margin)) != metric.margin:
            return f"with the margin {was} of {metric.name}, which is {metric.margin} now: give the same"
    return ""


def _fewer_seeds(there: RunRecord, record: RunRecord) -> str:
    before, now = ({trial.seed for trial in each.trials if trial.seed >= 0} for each in (there, record))
    if before <= now:
        return ""
    return f"of {len(before)} seed(s), {min(before)} to {max(before)}, of which some are not asked for now: ask for all"
