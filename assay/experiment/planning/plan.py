"""What a run will do before it does it: trials, shared stages, what is there already, and how long it may take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from assay.config.errors import UserError
from assay.experiment.trial import NamedStage, Trial, missing_stages
from assay.store.store import STAGES, TRIALS, Store
from assay.training.state import State

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """Trials against the store.

    Attributes:
        trials: all that were asked for.
        measured: fingerprints of trials whose measurements are stored.
        stored: fingerprints of stages of the other trials that are stored.
        begun: fingerprint -> epoch, of stages to train that go on from a checkpoint.
    """

    trials: tuple[Trial, ...]
    measured: frozenset[str]
    stored: frozenset[str]
    begun: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def open(self) -> tuple[Trial, ...]:
        """Trials that are left to do."""
        return tuple(trial for trial in self.trials if trial.fingerprint not in self.measured)

    @cached_property
    def stages(self) -> dict[str, NamedStage]:
        """Every stage of every trial, once."""
        return {named.fingerprint: named for trial in self.trials for named in trial.stages}

    @cached_property
    def to_train(self) -> tuple[NamedStage, ...]:
        """Stages that have to be trained, each once."""
        return tuple({n.fingerprint: n for trial in self.open for n in missing_stages(trial, self.stored)}.values())

    @property
    def work(self) -> dict[str, dict[str, int]]:
        """Trial -> kind of stage -> epochs to train, for open trials; a shared stage is the first one's work."""
        taken: set[str] = set()
        work: dict[str, dict[str, int]] = {}
        for trial in self.open:
            mine = [named for named in missing_stages(trial, self.stored) if named.fingerprint not in taken]
            taken.update(named.fingerprint for named in mine)
            work[trial.id] = {named.stage.kind: named.epochs for named in mine}
        return work

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """Stage -> ids of the trials that use it."""
        users: dict[str, list[str]] = defaultdict(list)
        for trial in self.trials:
            for named in trial.stages:
                users[named.fingerprint].append(trial.id)
        return users

    @property
    def shared(self) -> dict[str, int]:
        """Stage -> number of trials, for those that more than one trial uses."""
        return {stage: len(trials) for stage, trials in self.users.items() if len(trials) > 1}

    @property
    def epochs_asked(self) -> int:
        """Epochs if every trial trained all its stages itself."""
        return sum(named.epochs for trial in self.trials for named in trial.stages)

    @property
    def epochs_to_train(self) -> int:
        """Epochs that are left when what is stored or shared is trained once, and what was begun is gone on with."""
        return sum(map(self.epochs_left, self.to_train))

    def epochs_left(self, named: NamedStage) -> int:
        """Epochs of a stage that is to be trained, from its checkpoint if there is one."""
        return named.stage.last_epoch - self.begun.get(named.fingerprint, named.stage.first_epoch)


def plan(trials: Iterable[Trial], store: Store, *, verify: bool = True) -> Plan:
    """Hold trials against the store.

    What is damaged is put aside, with a line in the log, and counts as missing.

    Args:
        trials: that are asked for.
        store: what is there.
        verify: hold every file that will be used against its checksum, for which it is read; else a record is enough.
    """
    listed = tuple(trials)

    def whole(kind: str, name: str) -> bool:
        entry = store.find(kind, name)
        return entry is not None and (not verify or store.verify(entry))

    measured = {name for name in dict.fromkeys(trial.fingerprint for trial in listed) if whole(TRIALS, name)}
    unmeasured = [trial for trial in listed if trial.fingerprint not in measured]
    needed = {named.fingerprint for trial in unmeasured for named in trial.stages}
    stored = {name for name in needed if whole(STAGES, name)}
    made = Plan(listed, frozenset(measured), frozenset(stored))
    saved = {named.fingerprint: store.read_checkpoint(named.fingerprint) for named in made.to_train}
    return replace(made, begun={name: _epochs(store, name, data) for name, data in saved.items() if data})


def _epochs(store: Store, name: str, checkpoint: bytes) -> int:
    try:
        return State.from_bytes(checkpoint).epoch
    except UserError as error:
        where = f"{store.files.root}/checkpoints/{name}"
        raise UserError(f"{where}: {error}; remove it, and the stage is begun anew") from error
