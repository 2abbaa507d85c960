"""The suite of a design: rows that combine what the rows of another suite take out or change."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.config.errors import UserError, unknown
from assay.design.cells import Cell, add_one, drawn_orders, every, pairs, passed
from assay.design.design import FEWEST_ORDERS, KINDS, Design, Kind, Part
from assay.design.fraction import MOST_PARTS, fraction, generators, letters
from assay.experiment.suite import Suite, Variant
from assay.store.received.names import file_name

if TYPE_CHECKING:
    from assay.experiment.trial import Trial

__all__ = ["check_apart", "designed", "refusing"]

FULL_PARTS, FULL_SHARES = 4, 5  # parts up to which all combinations are trained where nothing else is said
FRACTION_CELLS, LARGER_PARTS = 16, 8  # of a fraction, up to so many parts; twice the cells above
ORDERS = 20
_MANY = 4  # titles that are too long in a row
_OUT = ("w/o ", "without ")


def designed(
    suite: Suite, kind: str, parts: Iterable[str] | None = None, cells: int | None = None, orders: int | None = None
) -> Suite:
    """A suite whose rows are the combinations of a design, of parts that are rows of another suite.

    A combination that the suite has a row for is that row. What a row is called decides nothing in the store, where its
    configuration names it: what is there is not trained again.

    Args:
        suite: whose rows take something out or change it.
        kind: of the design, see `assay.design.design.Design`.
        parts: names of such rows; None: all but the base and the alternatives.
        cells: of a factorial: how many combinations, a power of two; None: all up to four parts, else 16 or 32.
        orders: of Shapley shares: how many orders of adding the parts, even; None: all up to five parts, else 20.

    Raises:
        UserError: there are no such rows, two of them cannot be combined, or the design cannot be made.
    """
    base = next(variant for variant in suite.variants if variant.name == suite.base)
    picked = suite.default if parts is None else suite.pick(parts)
    chosen = [variant for variant in picked if variant is not base]
    kind = _checked(kind, len(chosen), cells, orders)
    own = [_own_changes(base, variant) for variant in chosen]
    _check_combine(chosen, own)
    levels, made_of, drawn = _levels(kind, len(chosen), cells, orders)
    rows = [_row(suite, base, chosen, own, cell) for cell in levels]
    _check_names(rows)
    design = Design(
        kind,
        tuple(Part(variant.name, _thing(variant.title)) for variant in chosen),
        {row.name: cell for row, cell in zip(rows, levels, strict=True)},
        made_of,
        drawn,
    )
    title = f"{suite.title}: {kind} of {len(chosen)} parts"
    return replace(suite, name=f"{suite.name}-{kind}", title=title, variants=tuple(rows), baselines=(), design=design)


@contextmanager
def refusing(suite: Suite) -> Iterator[None]:
    """Around the making of a suite's trials: what the configuration refuses is an impossible combination of a design.

    Raises:
        UserError: as it was raised, of a design with what to do.
    """
    try:
        yield
    except UserError as error:
        if suite.design is None:
            raise
        raise UserError(
            f"{error}; the design {suite.design.kind} needs this row: leave out one of its parts"
        ) from error


def check_apart(suite: Suite, trials: Iterable[Trial]) -> None:
    """Refuse a design two of whose combinations would be one and the same training.

    Raises:
        UserError: so it is: in one of them a part changes nothing.
    """
    titles = {variant.name: variant.title for variant in suite.variants}
    seen: dict[tuple[int, str], str] = {}
    for trial in trials if suite.design else ():
        first = seen.setdefault((trial.seed, trial.fingerprint), trial.row)
        if first != trial.row:
            raise UserError(f"{titles[trial.row]!r} would be the same training as {titles[first]!r}")


def _own_changes(base: Variant, variant: Variant) -> Mapping[str, Any]:
    """What a row changes beside what the base row does.

    Raises:
        UserError: it leaves out some of that, so that nobody knows what a combination should have.
    """
    for path, value in base.changes.items():
        if path not in variant.changes:
            raise UserError(
                f"{variant.name} cannot be combined: the base {base.name} sets {path} to {value!r}, which this row "
                "does not; give it the base's changes too"
            )
    return {path: value for path, value in variant.changes.items() if (path, value) not in base.changes.items()}


def _checked(kind: str, parts: int, cells: int | None, orders: int | None) -> Kind:
    found = next((known for known in KINDS if known == kind), None)
    if found is None:
        raise unknown("design", kind, KINDS)
    if not 2 <= parts <= MOST_PARTS:
        raise UserError(f"a design has 2 to {MOST_PARTS} parts, which are rows other than the base; got {parts}")
    if cells is not None:
        _check_cells(found, parts, cells)
    if orders is not None and found != "shapley":
        raise UserError(f"orders belong to a shapley design; got them with {found}")
    if orders is not None and (orders < FEWEST_ORDERS or orders % 2):
        raise UserError(f"orders: expected an even number from {FEWEST_ORDERS} on; got {orders}")
    return found


def _check_cells(kind: Kind, parts: int, cells: int) -> None:
    if kind != "factorial":
        raise UserError(f"cells belong to a factorial design; got them with {kind}")
    possible = [2**power for power in range(2, parts + 1) if 2**power > parts]
    if cells not in possible:
        raise UserError(f"cells: with {parts} parts expected one of {', '.join(map(str, possible))}; got {cells}")


def _check_combine(parts: Sequence[Variant], changes: Sequence[Mapping[str, Any]]) -> None:
    """Two rows that set one path to two values have no combination."""
    for (one, ours), (other, theirs) in itertools.combinations(zip(parts, changes, strict=True), 2):
        for path in ours.keys() & theirs.keys():
            if ours[path] != theirs[path]:
                raise UserError(
                    f"{one.name} and {other.name} cannot be combined: one sets {path} to {ours[path]!r}, the other to "
                    f"{theirs[path]!r}; leave one out"
                )


def _check_names(rows: Sequence[Variant]) -> None:
    names = Counter(file_name(row.name).casefold() for row in rows)
    if twice := [row.name for row in rows if names[file_name(row.name).casefold()] > 1]:
        raise UserError(f"two combinations would be called {twice[0]!r}: leave out one of the parts")


def _levels(
    kind: Kind, parts: int, cells: int | None, orders: int | None
) -> tuple[list[Cell], tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Cells, generators and orders."""
    if kind == "factorial":
        return _factorial(parts, cells or _default_cells(parts))
    if kind == "shapley" and (orders or parts > FULL_SHARES):
        drawn = drawn_orders(parts, orders or ORDERS)
        return passed(drawn), (), drawn
    return {"pairs": pairs, "add-one": add_one, "shapley": every}[kind](parts), (), ()


def _factorial(parts: int, cells: int) -> tuple[list[Cell], tuple[str, ...], tuple[tuple[int, ...], ...]]:
    if cells == 2**parts:
        return every(parts), (), ()
    chosen = {tuple(map(int, cell)) for cell in fraction(parts, cells)}
    basic = cells.bit_length() - 1
    made_of = [f"{letters(1 << basic + n)} = {letters(each)}" for n, each in enumerate(generators(parts, cells))]
    return [cell for cell in every(parts) if cell in chosen], tuple(made_of), ()


def _default_cells(parts: int) -> int:
    if parts <= FULL_PARTS:
        return 2**parts
    return FRACTION_CELLS if parts <= LARGER_PARTS else 2 * FRACTION_CELLS


def _row(
    suite: Suite, base: Variant, parts: Sequence[Variant], own: Sequence[Mapping[str, Any]], cell: Cell
) -> Variant:
    """The base or a part as it is, the suite's own row of these changes, or a new one."""
    out = [number for number, there in enumerate(cell) if not there]
    changes = {**base.changes, **{path: value for number in out for path, value in own[number].items()}}
    name, title = "+".join(parts[number].name for number in out), _title(parts, out)
    made = base if not out else parts[out[0]] if len(out) == 1 else Variant(name, title, changes)
    same = (row for row in suite.variants if row not in (*parts, base) and dict(row.changes) == changes)
    return replace(next(same, made) if len(out) > 1 else made, alternative=False)


def _title(parts: Sequence[Variant], out: Sequence[int]) -> str:
    """What is out; in short where that is nearly all of many."""
    left = [part.title for number, part in enumerate(parts) if number not in out]
    if len(out) < _MANY or len(left) > 1:
        return " + ".join(parts[number].title for number in out)
    return f"all {len(parts)} changes" if not left else f"all changes but “{left[0]}”"


def _thing(title: str) -> str:
    """What a part is called where it is there: `w/o GNN` is without `GNN`."""
    for prefix in _OUT:
        if title.lower().startswith(prefix):
            return title[len(prefix) :]
    return f"not “{title}”"
