"""Looks: words at several numbers of seeds, with one error for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.errors import UserError
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import ALPHA, corrected
from assay.evidence.statistics.looks import (
    at_look,
    covered,
    declared_looks,
    look_at,
    look_notes,
    next_look,
    open_cells,
    seeds_wanted,
    words_given,
)  # fmt: skip
from assay.evidence.statistics.verdict import verdicts_of
from assay.evidence.tables.latex import latex
from assay.evidence.tables.markdown import markdown
from assay.evidence.tables.render import csv, terminal
from assay.evidence.tables.table import table_of
from assay.store.run.looks import Look
from assay.store.run.record import encoded, read_run_record

MeasuredFrom = Callable[[np.ndarray], Measurements]
NONE = np.full(4, np.nan)


def test_the_first_of_several_looks_has_two_fifths_of_the_error_and_the_others_equal_parts_of_the_rest() -> None:
    assert [(look.seeds, round(look.share, 12)) for look in declared_looks()] == [(6, 0.4), (8, 0.3), (11, 0.3)]
    assert [round(look.share, 12) for look in declared_looks([3, 4, 5, 6, 9])] == [0.4, 0.15, 0.15, 0.15, 0.15]
    assert declared_looks([5]) == (Look(5, 1.0),)


@given(st.lists(st.integers(3, 1000), min_size=1, max_size=12, unique=True).map(sorted))
def test_shares_never_add_up_to_more_than_the_whole_error(seeds: list[int]) -> None:
    assert sum(look.share for look in declared_looks(seeds)) == pytest.approx(1)


@pytest.mark.parametrize("seeds", [[], [2, 6], [6, 6], [8, 6], [6, 2000], [6, 7.5]])
def test_looks_that_cannot_be_are_refused(seeds: list[int]) -> None:
    with pytest.raises(UserError, match="seeds: expected"):
        declared_looks(seeds)


def test_a_look_with_the_whole_error_judges_as_a_table_that_is_looked_at_once() -> None:
    p, equal = np.array([0.001, 0.02, 0.3, np.nan]), np.array([0.5, 0.01, 0.002, np.nan])
    np.testing.assert_allclose(at_look(p, equal, 6, 1.0, NONE, NONE), corrected(p, equal, 6))


def test_a_look_has_its_share_of_the_error_and_no_more() -> None:
    p = np.array([0.4 * ALPHA * 0.99 / 2, 0.9])
    assert at_look(p, p * np.nan, 6, 0.4, NONE[:2], NONE[:2])[0][0] < ALPHA
    assert at_look(p, p * np.nan, 6, 0.3, NONE[:2], NONE[:2])[0][0] > ALPHA


def test_words_of_earlier_looks_stay_and_count_as_given() -> None:
    before = np.array([0.01, 1.0])
    p = np.array([0.9, 0.3 * ALPHA * 0.99])  # as the one cell that is left; of two it would be too large
    after = at_look(p, p * np.nan, 8, 0.3, before, NONE[:2])[0]
    assert after[0] == 0.01
    assert after[1] < ALPHA
    assert at_look(p, p * np.nan, 8, 0.3, NONE[:2], NONE[:2])[0][1] > ALPHA


def _looking(values: np.ndarray, looks: tuple[Look, ...], measured_from: MeasuredFrom) -> Measurements:
    """Of rows `row0` (the base) and others, that declare looks."""
    measured = measured_from(values)
    return replace(measured, record=replace(measured.record, looks=looks, table=32 * "a"))


def _values(seeds: int, effects: tuple[float, ...]) -> np.ndarray:
    rng = np.random.default_rng(3)
    values = rng.normal(0, 0.1, (2, 1 + len(effects), seeds, 12)) + rng.normal(0, 0.1, (2, 1 + len(effects), seeds, 1))
    values[:, 1:] += np.array(effects)[:, None, None]
    return values


def _taken(measured: Measurements, look: Look) -> Measurements:
    record = measured.record
    looked = look_at(measured, look)
    return replace(measured, record=replace(record, looked=(*record.looked, looked)))


def _with_seeds(measured: Measurements, seeds: dict[str, int]) -> Measurements:
    """Of each row the first ones alone."""
    most = measured.values["row"].map(seeds)
    trials = tuple(trial for trial in measured.record.trials if trial.seed < seeds[trial.row])
    kept = measured.values[measured.values["seed"] < most].reset_index(drop=True)
    return replace(measured, values=kept, record=replace(measured.record, trials=trials))


LOOKS = declared_looks([4, 6, 7])
WHOLE = {"row0": 7, "row1": 7, "row2": 7}


def _first_two_looks(measured_from: MeasuredFrom) -> tuple[Measurements, Measurements]:
    """Row 1 differs by far, row 2 does not."""
    whole = _looking(_values(7, (2.0, 0.0)), LOOKS, measured_from)
    first = _with_seeds(whole, dict.fromkeys(WHOLE, 4))
    assert seeds_wanted(first.record) == dict.fromkeys(WHOLE, 4)
    first = _taken(first, LOOKS[0])
    wanted = seeds_wanted(first.record)
    second = _with_seeds(whole, wanted)
    second = replace(second, record=replace(second.record, looked=first.record.looked))
    return first, _taken(second, LOOKS[1])


def test_a_row_whose_cells_all_have_a_word_gets_no_further_seeds_and_the_base_does(measured_from: MeasuredFrom) -> None:
    first, second = _first_two_looks(measured_from)
    assert set(open_cells(first.record, first.record.looked[-1])["row"]) == {"row2"}
    assert seeds_wanted(first.record) == {"row0": 6, "row1": 4, "row2": 6}
    assert next_look(first.record) == LOOKS[1]
    assert seeds_wanted(second.record) == {"row0": 7, "row1": 4, "row2": 7}
    counts = verdicts_of(second).data.groupby("row")["n_seeds"].unique().map(list).to_dict()
    assert counts == {"row1": [4], "row2": [6]}


def test_between_looks_there_are_the_words_of_those_that_were_taken_and_no_others(measured_from: MeasuredFrom) -> None:
    first, _ = _first_two_looks(measured_from)
    fresh = replace(first, record=replace(first.record, looked=()))
    assert set(verdicts_of(fresh).data["verdict"]) == {"not resolved"}
    assert verdicts_of(fresh).data["p_adjusted"].isna().all()
    words = verdicts_of(first).data.groupby("row")["verdict"].unique().map(list).to_dict()
    assert words == {"row1": ["better"], "row2": ["not resolved"]}


def test_a_word_stays_whatever_comes_after(measured_from: MeasuredFrom) -> None:
    first, _ = _first_two_looks(measured_from)
    turned = first.values.assign(value=first.values["value"] - 4.0 * (first.values["row"] == "row1"))
    later = _taken(replace(first, values=turned), LOOKS[1])
    words = verdicts_of(later).data.set_index("row")["verdict"]
    assert set(words["row1"]) == {"better"}
    assert set(words_given(later.record).set_index("row").loc["row1", "looked_at"]) == {4}


def test_no_look_is_left_when_nothing_is_open_or_time_was_up(measured_from: MeasuredFrom) -> None:
    decided = _taken(_looking(_values(4, (2.0, 3.0)), LOOKS, measured_from), LOOKS[0])
    assert next_look(decided.record) is None
    assert seeds_wanted(decided.record) == dict.fromkeys(WHOLE, 4)
    first, _ = _first_two_looks(measured_from)
    ended = replace(first.record, looked=(replace(first.record.looked[0], ended_s=600.0),))
    assert next_look(ended) is None
    assert seeds_wanted(ended) == dict.fromkeys(WHOLE, 4)


def test_a_table_says_when_all_looks_were_taken_and_something_is_open(measured_from: MeasuredFrom) -> None:
    for looks, values, over in (
        ([4, 6], (2.0, 0.0), True),
        ([4, 6], (2.0, 2.0), False),
        ([4, 6, 7], (2.0, 0.0), False),
    ):
        looked = _looking(_values(7, values), declared_looks(looks), measured_from)
        for look in looked.record.looks[:2]:
            looked = _taken(looked, look)
        assert any("All of them are taken" in note for note in look_notes(looked.record)) == over


def test_a_row_that_can_have_no_word_gets_no_further_seeds(measured_from: MeasuredFrom) -> None:
    values = _values(4, (0.0, 0.0))
    values[:, 1] = values[:, 0]  # an alarm: row 1 has the base's own values
    alarmed = _taken(_looking(values, LOOKS, measured_from), LOOKS[0])
    assert seeds_wanted(alarmed.record) == {"row0": 6, "row1": 4, "row2": 6}


def test_looks_that_were_not_declared_are_not_covered_and_said_to_be(measured_from: MeasuredFrom) -> None:
    _, second = _first_two_looks(measured_from)
    assert covered(second.record)
    assert not any("Not covered" in note for note in look_notes(second.record))
    others = [
        replace(second.record, looks=declared_looks([4, 6, 7, 9])),
        replace(second.record, looks=()),
        replace(second.record, table=32 * "b"),
    ]
    for record in others:
        assert not covered(record)
        assert any(note.startswith("Not covered by the 5 %: this table was looked at with 4, 6 seeds") for note in
                   look_notes(record))  # fmt: skip
    words = verdicts_of(replace(second, record=others[0])).data.set_index("row")["verdict"]
    assert set(words["row1"]) == {"better"}  # further looks go on from what was said
    words = verdicts_of(replace(second, record=others[2])).data.set_index("row")["verdict"]
    assert set(words["row1"]) == {"not resolved"}  # and say nothing of another table


def test_every_format_shows_the_words_of_the_looks_the_seeds_of_each_row_and_the_looks(
    measured_from: MeasuredFrom,
) -> None:
    from rich.console import Console

    _, second = _first_two_looks(measured_from)
    table = table_of(second)
    console = Console(record=True, width=200, file=StringIO())
    console.print(terminal(table, 200))
    shown = [markdown(table), latex(table), console.export_text()]
    for text in shown:
        assert "taken at 4, 6" in " ".join(text.split())
        assert "row1" in text
    assert "row1 (4 seeds)" in shown[2]
    assert "row1 (4 seeds)" in shown[1]
    assert "| row1 | 4 |" in shown[0]
    assert "better" in csv(table)


def test_looks_are_written_into_run_json_and_read_back(measured_from: MeasuredFrom) -> None:
    _, second = _first_two_looks(measured_from)
    again = read_run_record(encoded(second.record).encode())
    assert again.looks == second.record.looks
    assert str(again.looked) == str(second.record.looked)  # nan and all
    assert covered(again)
    forged = encoded(second.record).replace('"word": "better"', '"word": "best of all"')
    with pytest.raises(ValueError, match="word"):
        read_run_record(forged.encode())
