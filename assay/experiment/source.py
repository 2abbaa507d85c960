"""Where trials come from: a fixed list (ablation), or a sampler that learns on the way (search)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from assay.experiment.trial import NamedStage, Trial, missing_stages

__all__ = ["Finished", "Source", "StageGate", "Stop", "Waiting"]


class Finished:
    """There are no more trials."""


class Waiting:
    """Every trial that is left waits for a stage that another one is making."""


class Stop(Enum):
    """Whether a running trial goes on."""

    NO = False
    YES = True


class Source(Protocol):
    """What the driver asks for trials and tells about them. All calls come from one thread."""

    def next(self) -> Trial | type[Finished] | type[Waiting]:
        """The next trial to start, when a worker is free."""
        ...

    def progressed(self, trial: Trial, report: Mapping[str, Any]) -> Stop:
        """A running trial reported: what its task passed to `report`. Says whether to stop it."""
        ...

    def finished(self, trial: Trial, outcome: Any) -> None:
        """A trial came to its end: what its task returned."""
        ...

    def failed(self, trial: Trial, reason: str, traceback: str, again: bool = False) -> None:
        """A trial gave up; the reason is one line. `again`: it lay outside of the trial (a full disk)."""
        ...


class StageGate:
    """Lets one trial make a stage while the others that need it wait, without holding a worker.

    Args:
        stored: fingerprints of stages that are in the store.
    """

    def __init__(self, stored: Iterable[str] = ()) -> None:
        self._stored = set(stored)
        self._maker: dict[str, str] = {}

    def is_open(self, trial: Trial) -> bool:
        """Whether nobody else is making a stage that this trial lacks."""
        return all(self._maker.get(stage, trial.id) == trial.id for stage in self._missing(trial))

    def enter(self, trial: Trial) -> tuple[NamedStage, ...]:
        """The trial starts, and makes what it lacks; these stages."""
        missing = missing_stages(trial, self._stored)
        self._maker |= {named.fingerprint: trial.id for named in missing}
        return missing

    def stored(self, fingerprints: Iterable[str]) -> None:
        """These stages are in the store now."""
        for stage in fingerprints:
            self._stored.add(stage)
            self._maker.pop(stage, None)

    def leave(self, trial: Trial) -> None:
        """The trial has ended, one way or the other: nobody waits for it any longer."""
        self._maker = {stage: maker for stage, maker in self._maker.items() if maker != trial.id}

    def in_order(self, trials: Iterable[Trial]) -> list[Trial]:
        """Trials with those first whose stages most others wait for; otherwise in the given order."""
        listed = list(trials)
        users = Counter(named.fingerprint for trial in listed for named in trial.stages)
        makers: set[str] = set()

        def rank(trial: Trial) -> int:
            fresh = [stage for stage in self._missing(trial) if stage not in makers and users[stage] > 1]
            makers.update(fresh)
            return -max((users[stage] for stage in fresh), default=0)

        return [trial for _, _, trial in sorted((rank(t), index, t) for index, t in enumerate(listed))]

    def _missing(self, trial: Trial) -> list[str]:
        return [named.fingerprint for named in missing_stages(trial, self._stored)]
