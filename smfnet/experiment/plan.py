"""What a run will do before it does it: trials, shared stages, what is there already, and how long it may take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from smfnet.experiment.store import STAGES, TRIALS, Store
from smfnet.experiment.trial import NamedStage, Trial

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """Trials against the store.

    Attributes:
        trials: all that were asked for.
        measured: fingerprints of trials whose measurements are stored.
        stored: fingerprints of stages that are stored.
    """

    trials: tuple[Trial, ...]
    measured: frozenset[str]
    stored: frozenset[str]

    @property
    def open(self) -> tuple[Trial, ...]:
        """Trials that are left to do."""
        return tuple(trial for trial in self.trials if trial.fingerprint not in self.measured)

    @cached_property
    def stages(self) -> dict[str, NamedStage]:
        """Every stage of every trial, once."""
        return {named.fingerprint: named for trial in self.trials for named in trial.stages}

    @property
    def to_train(self) -> tuple[NamedStage, ...]:
        """Stages that have to be trained, each once."""
        needed = {named.fingerprint for trial in self.open for named in trial.stages}
        return tuple(named for name, named in self.stages.items() if name in needed and name not in self.stored)

    @property
    def shared(self) -> dict[str, int]:
        """Stage -> number of trials, for those that more than one trial uses."""
        users = Counter(named.fingerprint for trial in self.trials for named in trial.stages)
        return {stage: count for stage, count in users.items() if count > 1}

    @property
    def epochs_asked(self) -> int:
        """Epochs if every trial trained all its stages itself."""
        return sum(_epochs(named) for trial in self.trials for named in trial.stages)

    @property
    def epochs_to_train(self) -> int:
        """Epochs that are left when what is stored or shared is trained once."""
        return sum(_epochs(named) for named in self.to_train)


def plan(trials: Iterable[Trial], store: Store) -> Plan:
    """Hold trials against the store; damaged entries are put aside and count as missing."""
    listed = tuple(trials)
    measured = {t.fingerprint for t in listed if (found := store.find(TRIALS, t.fingerprint)) and store.verify(found)}
    names = {named.fingerprint for trial in listed for named in trial.stages}
    stored = {name for name in names if store.find(STAGES, name)}
    return Plan(listed, frozenset(measured), frozenset(stored))


def _epochs(named: NamedStage) -> int:
    return named.stage.last_epoch - named.stage.first_epoch
