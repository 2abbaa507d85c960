"""The line of a plan that says which differences its seeds could resolve."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from assay.config.root import RootConfig
    from assay.experiment.planning.plan import Plan
    from assay.experiment.trial import Trial
    from assay.store.run.folder import RunRecord
    from assay.store.store import Store
    from assay.study import Study

__all__ = ["smallest_effects"]

_MOST_SEEDS = 10  # of a row that are read: enough for its spread
_UNKNOWN = "smallest difference that would be resolved: unknown"


def smallest_effects(study: Study, planned: Plan, record: RunRecord, config: RootConfig, store: Store) -> str:
    """What the number of seeds could resolve, if they vary as those that are measured, or as a preset's pilot did."""
    from assay.evidence.statistics.correction import FEWEST_SEEDS
    from assay.experiment.planning.pilot import pilot_of

    if config.seeds < FEWEST_SEEDS:
        return f"{_UNKNOWN}; fewer than {FEWEST_SEEDS} seeds resolve nothing, give --seeds {FEWEST_SEEDS} or more"
    if (values := _stored(planned, record, store)) is not None:
        return _told(record, config.seeds, values)
    until = f"{_UNKNOWN} until {record.base_row} and another row are measured under two seeds"
    pilot = pilot_of(study, record.provenance.get("choices", {}))
    if pilot is None or record.base_row not in set(pilot.values["row"]):
        return until
    if changed := pilot.changed(study, config):
        return f"{until} (preset {pilot.preset}'s own are known, but not with another {changed[0]})"
    return f"{_told(record, config.seeds, pilot.values)} (as {pilot.trained} trainings of preset {pilot.preset} varied)"


def _stored(planned: Plan, record: RunRecord, store: Store) -> pd.DataFrame | None:
    """What the store has of the rows with two seeds; None if these are not the base and another."""
    measured: dict[str, list[Trial]] = defaultdict(list)
    for trial in planned.trials:
        if trial.fingerprint in planned.measured and not trial.rule:
            measured[trial.row].append(trial)
    rows = [row for row, trials in measured.items() if len(trials) > 1]
    if len(rows) < 2 or record.base_row not in rows:
        return None
    return _values([trial for row in rows for trial in measured[row][:_MOST_SEEDS]], store)


def _told(record: RunRecord, seeds: int, values: pd.DataFrame) -> str:
    from assay.evidence.measurements import Measurements
    from assay.evidence.statistics.budget import smallest_effect
    from assay.evidence.statistics.correction import first_alpha
    from assay.evidence.statistics.differences import row_differences
    from assay.store.run.folder import RowRecord

    known = dict.fromkeys(values["row"])
    asked = [row.name for row in record.rows if row.name in known]
    rows = tuple(RowRecord(name, name) for name in (asked if len(asked) > 1 else known))
    pilot = Measurements(replace(record, rows=rows), values, tuple(sorted({*values["image"]} - {""})), ())
    cells = (sum(not row.baseline for row in record.rows) - 1) * len(record.columns)
    share = record.looks[-1].share if record.looks else 1.0
    alpha = share * first_alpha(cells, seeds, margins=any(metric.margin is not None for metric in record.shown))
    found = {metric: smallest_effect(part, seeds, alpha).max() for metric, part in row_differences(pilot).items()}
    effects = ", ".join(f"{metric} {value:.3g}" for metric, value in found.items())
    return f"smallest difference to {record.base_row} that {seeds} seeds would more likely than not resolve: {effects}"


def _values(trials: list[Trial], store: Store) -> pd.DataFrame:
    import pandas as pd

    from assay.store.store import TRIALS
    from assay.store.tables import MEASURED, read_table

    tables = [pd.DataFrame(columns=["row", "seed", "image", "metric", "value"])]
    for trial in trials:
        entry = store.find(TRIALS, trial.fingerprint)
        data = store.read(entry, "results.parquet") if entry else None
        if data:
            tables.append(read_table(data, MEASURED).assign(row=trial.row, seed=trial.seed))
    return pd.concat(tables[1:] or tables, ignore_index=True)
