"""`python -m platform.store`: look into the store of trained stages, check it, and tidy it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.parser import command_parser
from assay.config.errors import UserError, unknown
from assay.config.text.command_line import called

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.store.store import Entry, Store

__all__ = ["SUMMARY", "main"]

SUMMARY = "look into the store of trained stages, and tidy it"

EXAMPLES = """\
examples:
  python -m platform.store list                    what is stored, newest last
  python -m platform.store show 3f2a               how one entry was made (the first letters of its name)
  python -m platform.store verify                  hold every file, checkpoints too, against its checksum; moves nothing
  python -m platform.store verify --set-aside      and move what is damaged to damaged/, as a run that needs it does
  python -m platform.store gc --older-than 7       remove what no result refers to
  python -m platform.store list storage=DIR        another store (default: runs/store)
"""

_LONGEST_DAYS = 100 * 365
_FEW = 5  # IDs that are named in a line


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 1 if `verify` found damage."""
    options = _parser().parse_intermixed_args(argv)
    names = [word for word in options.words if "=" not in word]
    for word in options.words:
        if "=" in word and not word.startswith("storage="):
            raise UserError(f"{word!r}: the only key here is storage=DIR")
    named = next((word.partition("=")[2] for word in options.words if "=" in word), None)
    if named == "":
        raise UserError("storage: expected a folder or a URL; got '' (. is the current folder)")
    if named is not None and "://" not in named and not Path(named).expanduser().exists():
        raise UserError(f"storage={named} is not there: expected the folder of a store")
    storage = named or "runs/store"
    if not 0 <= options.older_than <= _LONGEST_DAYS:  # not a number compares as false
        raise UserError(f"--older-than: expected a number of days in 0..{_LONGEST_DAYS}; got {options.older_than:g}")
    if (options.action == "show") != (len(names) == 1) or len(names) > 1:
        raise UserError("expected: list, show ID, verify or gc")
    from assay.store.store import Store

    store = Store.to_read(storage)
    if options.set_aside:
        store = Store(storage)
    if options.action == "show":
        return _show(store, names[0])
    if options.action == "gc":
        return _collect_garbage(store, options.older_than, options.dry_run)
    return _verify(store, set_aside=options.set_aside) if options.action == "verify" else _list(store)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("store", SUMMARY, EXAMPLES)
    parser.add_argument("action", choices=["list", "show", "verify", "gc"])
    parser.add_argument("words", nargs="*", metavar="ID | storage=DIR")
    parser.add_argument("--set-aside", action="store_true", help="verify moves what is damaged to damaged/")
    parser.add_argument("--older-than", type=float, default=7.0, metavar="DAYS", help="gc spares newer ones (7)")
    parser.add_argument("--dry-run", action="store_true", help="gc only tells")
    return parser


def _entries(store: Store) -> list[Entry]:
    found = [entry for kind in store.kinds() for entry in store.entries(kind)]
    return sorted(found, key=lambda entry: entry.record.made)


def _list(store: Store) -> Answer:
    entries = _entries(store)
    damaged = sum(len(store.fingerprints(kind)) for kind in store.kinds()) - len(entries)

    def result() -> Result:
        from assay.documents.kept import Entries, entry_part

        return Entries(storage=store.files.root, entries=list(map(entry_part, entries)), damaged=damaged)

    told = [f"{damaged} more have a damaged record: `{called('store')} verify` names them"] if damaged else []
    return Answer(partial(_print_list, entries, store.files.root), result, told=told)


def _print_list(entries: Sequence[Entry], root: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in ("ID", "kind", "row or stage", "seed", "made", "seconds"):
        table.add_column(name, no_wrap=True)
    for entry in entries:
        record = entry.record
        seconds = "" if record.seconds is None else f"{record.seconds:.1f}"
        seed = "" if record.seed is None else str(record.seed)
        cells = (entry.fingerprint[:12], entry.kind[:-1], record.row or record.kind, seed, record.made, seconds)
        table.add_row(*map(Text, cells))
    if not entries:
        print(f"{root}: nothing stored yet")
        return
    console = Console()
    console.width = max(console.width, 100)
    console.print(table)


def _show(store: Store, prefix: str) -> Answer:
    entries = _entries(store)
    matching = [entry for entry in entries if entry.fingerprint.startswith(prefix)]
    if not matching:
        known = unknown("ID", prefix, [entry.fingerprint[:12] for entry in entries], most=_FEW)
        raise UserError(f"{known} `{called('store')} list` shows them")
    if len(matching) > 1:
        few = ", ".join(entry.fingerprint[:12] for entry in matching[:_FEW])
        more = f" and {len(matching) - _FEW} more" if len(matching) > _FEW else ""
        raise UserError(f"{prefix} is not unique: {few}{more}: give more of its letters")
    (entry,) = matching

    def shown() -> None:
        print(json.dumps({"id": entry.fingerprint, "entry": entry.kind, **asdict(entry.record)}, indent=1))

    def result() -> Result:
        from assay.documents.kept import store_entry_of

        return store_entry_of(entry)

    return Answer(shown, result)


def _verify(store: Store, *, set_aside: bool) -> Answer:
    from assay.store.store import CHECKPOINTS

    entries = [(kind, fingerprint) for kind in store.kinds() for fingerprint in store.fingerprints(kind)]
    checkpoints = [(CHECKPOINTS, fingerprint) for fingerprint in store.checkpoints()]
    damaged = [(*name, reason) for name in entries + checkpoints if (reason := store.damage(*name))]
    if set_aside:
        for name in damaged:
            store.put_aside(*name)

    def result() -> Result:
        from assay.documents.kept import Damage, Verified

        found = [Damage(id=fingerprint, entry=kind, reason=reason) for kind, fingerprint, reason in damaged]
        return Verified(entries=len(entries), checkpoints=len(checkpoints), damaged=found, set_aside=set_aside)

    counts = len(entries), len(checkpoints)
    return Answer(partial(_print_damage, damaged, counts, set_aside=set_aside), result, FAILED if damaged else 0)


def _print_damage(damaged: Sequence[tuple[str, str, str]], counts: tuple[int, int], *, set_aside: bool) -> None:
    from assay.store.store import CHECKPOINTS

    entries, checkpoints = counts
    for kind, fingerprint, reason in damaged:
        print(f"{kind[:-1]} {fingerprint[:12]}: damaged, {reason}{'; put aside under damaged/' if set_aside else ''}")
    torn = sum(kind == CHECKPOINTS for kind, *_ in damaged)
    told = f"; {checkpoints - torn} of {checkpoints} checkpoints are" if checkpoints else ""
    print(f"{entries - len(damaged) + torn} of {entries} entries are whole{told}")
    if damaged:
        print("a run that needs what is damaged makes it again" + ("" if set_aside else "; nothing was moved"))


def _collect_garbage(store: Store, days: float, dry_run: bool) -> Answer:
    """Remove stages that no result refers to, and what killed writers and damage have left."""
    from assay.store.store import STAGES

    before = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    entries = _entries(store)
    kept = {stage for entry in entries for stage in entry.record.stages}
    stages = [entry for entry in entries if entry.kind == STAGES]
    unused = [entry for entry in stages if entry.fingerprint not in kept and "" < entry.record.made < before]
    files = _leftovers(store, {entry.fingerprint for entry in stages}, days)
    freed = sum(map(store.files.size, files))
    for entry in unused:
        freed += sum(store.files.size(path) for path in store.files.list(f"{entry.kind}/{entry.fingerprint}"))
    if not dry_run:
        for entry in unused:
            store.remove(entry)
        for path in files:
            store.files.delete(path)

    def shown() -> None:
        verb = "would remove" if dry_run else "removed"
        print(f"{verb} {len(unused)} stages and {len(files)} other files, {freed / 2**20:.1f} MiB")

    def result() -> Result:
        from assay.documents.kept import Collected

        names = [entry.fingerprint for entry in unused]
        return Collected(stages=names, files=len(files), bytes=freed, removed=not dry_run)

    return Answer(shown, result)


def _leftovers(store: Store, finished: set[str], days: float) -> list[str]:
    """Checkpoints of finished stages; and if they are old enough, other checkpoints, parts and damaged files."""
    checkpoints = store.checkpoints()
    over = [path for fingerprint, path in checkpoints.items() if fingerprint in finished]
    left = {*checkpoints.values(), *store.leftovers()} - {*over}
    return over + sorted(path for path in left if store.files.age_s(path) >= days * 86400)


if __name__ == "__main__":
    raise SystemExit(main())
