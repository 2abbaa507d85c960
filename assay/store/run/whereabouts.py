"""Where the store of a run is, from wherever it is asked for, and after folders have moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from assay.config.errors import UserError
from assay.store.received.inside import inside
from assay.store.run.record import TrialRecord
from assay.store.store import STAGES, TRIALS, Store

__all__ = ["PACKED", "packed_store", "store_with"]

PACKED = "store"  # the folder of a run that travels with it


def packed_store(folder: Path, trials: Iterable[TrialRecord]) -> Store | None:
    """What came with an exported run, if it has something of these trials.

    Raises:
        UserError: it is a link that leads elsewhere.
    """
    place = inside(folder, PACKED)
    store = Store.to_read(str(place)) if place.is_dir() else None
    return store if store and any(_has(store, trial) for trial in trials) else None


def store_with(trials: Iterable[TrialRecord], folder: Path, root: str, absolute: object = None) -> Store:
    """The first of the places where a run's store may be that has something of its trials; else the one that it names.

    That is, in this order: as it is named, from the current folder; where it was when the run began; and as it is
    named, from the folders around the run, which may have moved together.

    Args:
        trials: of the run; of these something must be there.
        folder: of the run.
        root: as the run names it, without credentials.
        absolute: where it was, if the run says it.

    Raises:
        UserError: what the run names cannot be read.
    """
    wanted, named = [*trials], Store.to_read(root)
    for place in _places(folder, root, absolute, named):
        store = named if place == root else _readable(place)
        if store and any(_has(store, trial) for trial in wanted):
            return store
    return named


def _places(folder: Path, root: str, absolute: object, named: Store) -> Iterator[str]:
    yield root
    local = named.files.local
    if local is None:
        return
    if isinstance(absolute, str) and Path(absolute).is_absolute():
        yield absolute
    if not local.is_absolute():
        yield from (str(above / local) for above in folder.resolve().parents if (above / local).is_dir())


def _readable(place: str) -> Store | None:
    try:
        return Store.to_read(place)
    except UserError:
        return None


def _has(store: Store, trial: TrialRecord) -> bool:
    """Whether its last stage is there, or what was measured of it."""
    named = [(STAGES, each) for each in trial.stages[-1:]] + [(TRIALS, each) for each in (trial.fingerprint,) if each]
    return any(store.files.exists(f"{kind}/{name}/record.json") for kind, name in named)
