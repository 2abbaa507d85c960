"""How much a search may try."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.errors import UserError

__all__ = ["SearchBudget"]

BEST = 2  # trials that meet the test split
_BOUNDS = {"trials": (1, 100_000), "seeds_per_trial": (1, 1000), "best": (1, 1000), "confirm": (0, 1000)}


@dataclass(frozen=True)
class SearchBudget:
    """How much a search may try.

    Attributes:
        trials: in all, those of earlier commands included; 1 to 100,000.
        within_s: seconds of wall-clock time for all of it, the confirmation included; as long as it takes if None.
        seeds_per_trial: of each trial, whose value is their mean; 1 to 1,000.
        best: how many of the best meet the test split; 1 to 1,000.
        confirm: fresh seeds for each of them, 0 to 1,000: none; None: as many as the configuration has seeds.
        named: which of best and confirm somebody asked for.

    Raises:
        UserError: a number is out of its bounds.
    """

    trials: int = 12
    within_s: float | None = None
    seeds_per_trial: int = 1
    best: int = BEST
    confirm: int | None = None
    named: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            value, option = getattr(self, name), name.replace("_", " ")
            if value is not None and not isinstance(value, int):
                raise UserError(f"{option}: expected a whole number; got {value!r}")
            if value is not None and value < low:
                raise UserError(f"{option}: expected at least {low}; got {value}")
            if value is not None and value > high:
                raise UserError(f"{option}: expected at most {high}; got {value}")

    @classmethod
    def of(
        cls, trials: int, within_s: float | None, seeds_per_trial: int, best: int | None, confirm: int | None
    ) -> SearchBudget:
        """With the default for what is None, and a note of what is not."""
        named = tuple(name for name, value in (("best", best), ("confirm", confirm)) if value)
        return cls(trials, within_s, seeds_per_trial, BEST if best is None else best, confirm, named)
