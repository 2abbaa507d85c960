"""How often words are wrong where seeds are added until it is decided, on tables whose truth is known."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from analysis.calibration.__main__ import FALSE_QUESTION, LOOKED_AT, SAVED_QUESTION
from analysis.calibration.looks import FALSE, FIXED, SAVED, TRUE, Saved, false_words, saved, sequence
from analysis.calibration.rates import judged, resolved, shifted
from analysis.calibration.scenarios import RESTLESS, SCENARIOS, simulate
from assay.store.run.looks import Look

TABLES = 500
NOMINAL = 0.05
ERROR = 3 * np.sqrt(NOMINAL * (1 - NOMINAL) / TABLES)
FULL = [f"{name}, {rows} rows" for name in RESTLESS for rows in (2, 7)]


@cache
def _false(name: str, question: str, tables: int = TABLES) -> float:
    return false_words(SCENARIOS[name], question, tables, np.random.default_rng(7))


@cache
def _saved(effects: tuple[int, ...]) -> Saved:
    return saved(effects, TABLES, np.random.default_rng(7))


@pytest.mark.slow
@pytest.mark.parametrize("name", FULL)
def test_a_false_word_at_any_look_is_as_rare_as_in_a_table_that_is_looked_at_once(name: str) -> None:
    assert _false(name, "shares of the 5 %") <= NOMINAL + ERROR


@pytest.mark.slow
@pytest.mark.parametrize("question", ["one row null, others stopped", "the same, with margins"])
@pytest.mark.parametrize("name", [f"{name}, {rows} rows" for name in ("equal rows", "one row x 10") for rows in (2, 7)])
def test_rows_that_are_resolved_and_stopped_early_do_not_make_the_one_that_is_null_different(
    name: str, question: str
) -> None:
    assert _false(name, question) <= NOMINAL + ERROR


@pytest.mark.slow
@pytest.mark.parametrize("rows", [2, 7])
def test_without_shares_a_look_after_every_seed_would_be_wrong(rows: int) -> None:
    """Peeking: normal seeds, and nothing that differs."""
    assert _false(f"equal rows, {rows} rows", "5 % after every seed, 3 to 11", 2000) > 0.10
    assert _false(f"equal rows, {rows} rows", "5 % at each", 2000) > NOMINAL + ERROR / 2


@pytest.mark.slow
@pytest.mark.parametrize(("effects", "most"), [(TRUE[0], 0.75), (TRUE[1], 0.85)])
def test_looks_save_trainings_and_find_what_ten_seeds_find(effects: tuple[int, ...], most: float) -> None:
    found = _saved(effects)
    assert found.with_margins <= most
    assert found.found >= found.found_fixed - 0.02


@pytest.mark.slow
def test_without_margins_rows_that_do_not_differ_run_to_the_last_look() -> None:
    assert _saved(TRUE[2]).without == pytest.approx(1.1, abs=0.01)
    assert _saved(TRUE[2]).with_margins < 0.85


def test_one_look_with_the_whole_error_is_a_table_with_so_many_seeds() -> None:
    scenario = SCENARIOS["one row x 10, 7 rows"]
    values, margin = simulate(scenario, 5, 50, np.random.default_rng(3)), 6 * scenario.errors(5)
    true = margin * (np.arange(7) % 3)
    words = sequence(values, [Look(5, 1.0)], true, margin)
    differs, same = resolved(shifted(judged(values), true), 5, margin)
    assert ((words.words != 0) == (differs | same)).all()
    assert ((words.words == 2) == same).all()
    assert (words.trainings == 8 * 5).all()


def test_a_row_that_has_its_words_takes_no_part_in_further_rounds() -> None:
    scenario = SCENARIOS["equal rows, 2 rows"]
    values = simulate(scenario, 8, 20, np.random.default_rng(3))
    words = sequence(values, [Look(6, 0.5), Look(8, 0.5)], np.array([0.0, 60.0]) * scenario.errors(5))
    assert (words.words[..., 1] == 1).all()
    assert set(words.trainings) == {3 * 6 + 2 * 2}  # the first row and the base go on
    assert FIXED == 10


def _printed(text: str) -> dict[str, dict[str, list[float]]]:
    """Question -> line -> a rate for every column."""
    tables: dict[str, dict[str, list[float]]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells and cells[0] in (FALSE_QUESTION, SAVED_QUESTION):
            table = tables.setdefault(cells[0], {})
        elif cells and tables and cells[0] in {*LOOKED_AT, *(" ".join(map(str, each)) for each in TRUE)}:
            table[cells[0]] = [float(cell.removesuffix(" %")) / 100 for cell in cells[1:]]
    return tables


def test_the_docs_have_every_line_and_column(root: Path) -> None:
    printed = _printed((root / "docs" / "calibration.md").read_text(encoding="utf-8"))
    assert list(printed[FALSE_QUESTION]) == list(LOOKED_AT)
    assert all(len(line) == len(FALSE) for line in printed[FALSE_QUESTION].values())
    assert list(printed[SAVED_QUESTION]) == [" ".join(map(str, each)) for each in TRUE]
    assert all(len(line) == len(SAVED) for line in printed[SAVED_QUESTION].values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["equal rows, 2 rows", "one row x 10, 7 rows"])
def test_the_docs_show_what_the_simulation_gives(name: str, root: Path) -> None:
    printed = _printed((root / "docs" / "calibration.md").read_text(encoding="utf-8"))
    for question, told in zip(FALSE, printed[FALSE_QUESTION][name], strict=True):
        assert _false(name, question) == pytest.approx(told, abs=3 * np.sqrt(max(told, 0.01) / TABLES) + 0.01)
    for effects in TRUE[:2]:
        for of, told in zip(SAVED.values(), printed[SAVED_QUESTION][" ".join(map(str, effects))], strict=True):
            assert of(_saved(effects)) == pytest.approx(told, abs=0.03)
