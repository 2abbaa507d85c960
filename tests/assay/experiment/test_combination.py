"""A design makes a suite of another one: rows that combine its rows, or the reason why they cannot be combined."""

from __future__ import annotations

from typing import Any

import pytest

from assay.config.errors import UserError
from assay.experiment.combination import designed
from assay.experiment.suite import Suite, Variant, load_suite
from smfnet.folders import ablations_folder


def _suite(*rows: Variant, base: Variant | None = None) -> Suite:
    return Suite("small", "Small", "ours", None, (base or Variant("ours", "Ours"), *rows), ("mean",))


A, B, C = (Variant(f"no_{name}", f"w/o {name.upper()}", {name: False}) for name in "abc")


def test_rows_are_the_combinations_with_readable_names_and_titles() -> None:
    suite = designed(_suite(A, B, C), "factorial")
    assert suite.name == "small-factorial"
    assert suite.baselines == ()
    assert [row.name for row in suite.variants][:5] == ["ours", "no_a", "no_b", "no_c", "no_a+no_b"]
    both = next(row for row in suite.variants if row.name == "no_a+no_c")
    assert (both.title, dict(both.changes)) == ("w/o A + w/o C", {"a": False, "c": False})
    assert suite.design is not None
    assert suite.design.cells["no_a+no_c"] == (0, 1, 0)
    assert [part.title for part in suite.design.parts] == ["A", "B", "C"]


def test_parts_are_named_in_any_order_and_the_base_is_none() -> None:
    suite = designed(_suite(A, B, C), "pairs", ["no_c", "ours", "no_a"])
    assert [row.name for row in suite.variants] == ["ours", "no_a", "no_c", "no_a+no_c"]


def test_a_row_that_the_suite_has_already_keeps_its_name() -> None:
    both = Variant("bare", "Bare", {"b": False, "a": False}, "printed", alternative=True)
    suite = designed(_suite(A, B, C, both), "factorial", ["no_a", "no_b"])
    assert [row.name for row in suite.variants] == ["ours", "no_a", "no_b", "bare"]
    assert [row.name for row in suite.default] == ["ours", "no_a", "no_b", "bare"]


def test_what_no_title_says_is_without_it_is_there_where_it_does_not_stand() -> None:
    frozen = Variant("frozen", "encoder frozen", {"f": True})
    design = designed(_suite(A, frozen), "factorial").design
    assert design is not None
    assert design.parts[1].title == "not “encoder frozen”"


def test_long_combinations_have_short_titles() -> None:
    many = [Variant(f"no_{n}", f"w/o part {n}", {f"p{n}": 0}) for n in range(5)]
    suite = designed(_suite(*many), "add-one")
    assert [row.title for row in suite.variants][-2:] == ["all changes but “w/o part 0”", "all 5 changes"]


def test_many_parts_are_a_fraction_and_shares_by_drawn_orders() -> None:
    many = [Variant(f"no_{n}", f"w/o part {n}", {f"p{n}": 0}) for n in range(7)]
    fraction = designed(_suite(*many), "factorial").design
    assert fraction is not None
    assert (len(fraction.cells), fraction.generators) == (16, ("E = ABC", "F = ABD", "G = ACD"))
    shares = designed(_suite(*many), "shapley", orders=10).design
    assert shares is not None
    assert len(shares.orders) == 10
    assert len(shares.cells) < 2**7
    assert designed(_suite(*many[:5]), "shapley").design.orders == ()  # type: ignore[union-attr]


CHANGED_BASE = Variant("ours", "Ours", {"wide": True})
CLASH = Variant("one_a", "one A", {"a": 1})


@pytest.mark.parametrize(
    ("suite", "arguments", "reason"),
    [
        (_suite(A, CLASH), {"kind": "pairs"}, "no_a and one_a cannot be combined: one sets a to False, the other to 1"),
        (_suite(A, B), {"kind": "cube"}, "unknown design 'cube'"),
        (_suite(A, B), {"kind": "pairs", "parts": ["no_a", "no_z"]}, "unknown row 'no_z'"),
        (_suite(A, B), {"kind": "pairs", "parts": ["no_a", "ours"]}, "2 to 10 parts, .*; got 1"),
        (_suite(A, B, C), {"kind": "factorial", "cells": 6}, "with 3 parts expected one of 4, 8; got 6"),
        (_suite(A, B, C), {"kind": "pairs", "cells": 4}, "cells belong to a factorial design; got them with pairs"),
        (_suite(A, B, C), {"kind": "shapley", "orders": 5}, "an even number from 10 on; got 5"),
        (
            _suite(A, B, C),
            {"kind": "factorial", "orders": 4},
            "orders belong to a shapley design",
        ),
        (
            _suite(A, B, base=CHANGED_BASE),
            {"kind": "pairs"},
            "base ours sets wide to True, which this row does not",
        ),
        (_suite(A, Variant("no_a+no_b", "x", {"c": 2}), B), {"kind": "factorial"}, "would be called 'no_a\\+no_b'"),
    ],
)
def test_what_cannot_be_combined_is_refused_with_the_reason(
    suite: Suite, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        designed(suite, **arguments)


def test_changes_of_the_base_are_in_every_combination() -> None:
    rows = [Variant(row.name, row.title, {"wide": True, **row.changes}) for row in (A, B)]
    suite = designed(_suite(*rows, base=CHANGED_BASE), "factorial")
    assert [dict(row.changes) for row in suite.variants][-1] == {"wide": True, "a": False, "b": False}


def test_every_two_rows_of_table_5_can_be_combined() -> None:
    suite = designed(load_suite("table5", ablations_folder()), "pairs")
    assert len(suite.variants) == 1 + 7 + 21
