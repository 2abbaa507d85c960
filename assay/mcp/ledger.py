"""The ledger of a folder's proposals: which places were given, with which seeds, and what was kept.

    FOLDER/proposals/proposals.json

A place is given before anything of its proposal is trained, and never again; see
`assay.evidence.statistics.online.level_of`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from assay.config.errors import UserError
from assay.config.reading import MIB, read_file
from assay.store.disk.atomic import write_text
from assay.store.disk.lock import sole_writer
from assay.store.received.inside import inside
from assay.store.received.typed import FileName, Newer, Text, Values, read_typed

__all__ = ["FOLDER", "Kept", "Ledger", "Proposal"]

FOLDER = "proposals"
_FILE, _FORMAT = "proposals.json", 1


@dataclass(frozen=True)
class Kept:
    """A row that was kept.

    Attributes:
        row, metric: for which it is better.
        p: corrected over its table.
        changes: of the configuration.
        made: when, in ISO 8601.
    """

    row: Text
    metric: Text
    p: float
    changes: Values
    made: Text


@dataclass(frozen=True)
class Proposal:
    """An ablation that an agent was allowed to run.

    Attributes:
        place: 1 of the first; decides its level.
        run: name of its folder.
        request: what was asked for, as a digest.
        seed, seeds: the first of its seeds, and how many; no other proposal has one of them.
        rows: names, the base included.
        made: when the place was given.
        token: of the plan that it began with.
        kept: of its rows.
    """

    place: int
    run: FileName
    request: Text
    seed: int
    seeds: int
    rows: tuple[Text, ...]
    made: Text
    token: Text = ""
    kept: tuple[Kept, ...] = ()

    @property
    def next_seed(self) -> int:
        """The first that it does not use."""
        return self.seed + self.seeds


@dataclass(frozen=True)
class _Ledger:
    proposals: tuple[Proposal, ...]
    format: int = _FORMAT


class Ledger:
    """The proposals of a folder, whichever process made them.

    Args:
        folder: with the runs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """All of them, in order.

        Raises:
            UserError: the file is damaged: without it nobody knows what was spent.
        """
        path = self.folder / _FILE
        if not path.exists():
            return ()
        data = read_file(inside(self.folder, _FILE), 64 * MIB)
        try:
            found = read_typed(_Ledger, data, _FORMAT).proposals
        except (Newer, ValueError) as error:  # of another version of assay, or of nobody's
            raise UserError(f"{path} cannot be read ({error}), and says what was spent: put a copy back") from error
        if [each.place for each in found] != list(range(1, len(found) + 1)):
            raise UserError(f"{path} cannot be read (places: expected 1, 2, ...): put a copy back")
        return found

    def of_run(self, run: str) -> Proposal | None:
        """The proposal whose run has this name."""
        return next((each for each in self.proposals if each.run == run), None)

    def of_token(self, token: str) -> Proposal | None:
        """The proposal that began with the plan of this token."""
        return next((each for each in self.proposals if each.token == token), None)

    def begin(self, proposal: Proposal) -> Proposal:
        """Give a proposal its place, on the disk before this returns; one that has it already keeps it.

        Raises:
            UserError: the place was given to another one meanwhile, or seeds of it were used.
        """
        with sole_writer(self.folder):
            there = self.proposals
            if (known := self.of_run(proposal.run)) and replace(known, made="", kept=()) == replace(
                proposal, made="", kept=()
            ):
                return known
            if known or proposal.place != len(there) + 1 or any(proposal.seed < each.next_seed for each in there):
                raise UserError("another proposal was begun since this plan was shown: plan again")
            begun = replace(proposal, made=_now())
            self._write((*there, begun))
        return begun

    def keep(self, place: int, row: str, metric: str, p: float, changes: Mapping[str, object]) -> Proposal:
        """Write down that a row is kept; once."""
        with sole_writer(self.folder):
            there = list(self.proposals)
            proposal = there[place - 1]
            if not any((each.row, each.metric) == (row, metric) for each in proposal.kept):
                kept = Kept(row, metric, p, dict(changes), _now())
                proposal = there[place - 1] = replace(proposal, kept=(*proposal.kept, kept))
                self._write(tuple(there))
        return proposal

    def _write(self, proposals: tuple[Proposal, ...]) -> None:
        write_text(self.folder / _FILE, json.dumps(asdict(_Ledger(proposals)), indent=1) + "\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
