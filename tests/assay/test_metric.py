"""A metric knows its direction, and everything that is said of it follows: mirror the metric, and the words mirror."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from assay.config.errors import UserError
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.agreement import agreement_of
from assay.evidence.statistics.noise import noise_floor
from assay.evidence.statistics.verdict import verdicts_of
from assay.evidence.statistics.words import BETTER, DIFFERENT, NOT_RESOLVED, WORSE
from assay.evidence.tables.latex import latex
from assay.evidence.tables.markdown import markdown
from assay.evidence.tables.table import table_of
from assay.metric import Metric, better_words, metric_named, metrics_from
from tests.synthetic_runs import measured_values

MIRRORED = {BETTER: WORSE, WORSE: BETTER, NOT_RESOLVED: NOT_RESOLVED}


def _measured(better: str, sign: int = 1) -> Measurements:
    """Four rows, the second and third truly apart from the base in opposite directions."""
    rng = np.random.default_rng(11)
    values = rng.normal(size=(1, 1, 1, 15)) + 0.01 * rng.normal(size=(1, 4, 4, 15))
    values += np.array([0.0, 0.5, -0.5, 0.001]).reshape(1, 4, 1, 1)
    measured = measured_values(sign * values)
    return replace(measured, record=replace(measured.record, metrics=(Metric("EN", better=better, decimals=3),)))


def test_images_of_unequal_weight_widen_intervals_and_are_told() -> None:
    plain = _measured("larger")
    few = (Metric("EN", decimals=3, effective_samples=4.0),)
    weighed = replace(plain, record=replace(plain.record, metrics=few))
    of_plain, of_weighed = verdicts_of(plain), verdicts_of(weighed)
    wide, narrow = (each.data["high"] - each.data["low"] for each in (of_weighed, of_plain))
    assert (wide >= narrow).all()
    assert (wide > narrow).sum() == 2  # of one row the images bring no part
    assert "Intervals rest on 4.0 images of equal weight in EN." in of_weighed.notes
    assert not any("equal weight" in note for note in of_plain.notes)
    with pytest.raises(UserError, match=r"metric EN: effective_samples: expected a number of 1 or more; got 0\.5"):
        Metric("EN", effective_samples=0.5)


def test_the_words_of_a_mirrored_metric_are_mirrored_and_its_numbers_are_not() -> None:
    larger, smaller = verdicts_of(_measured("larger")).data, verdicts_of(_measured("smaller")).data
    assert list(larger["verdict"]) == [BETTER, WORSE, NOT_RESOLVED]
    assert [MIRRORED[word] for word in larger["verdict"]] == list(smaller["verdict"])
    for column in ("difference", "low", "high", "bound", "p", "p_adjusted", "effect"):
        np.testing.assert_array_equal(larger[column], smaller[column])


def test_values_and_direction_mirrored_together_give_the_same_words() -> None:
    larger, smaller = verdicts_of(_measured("larger")).data, verdicts_of(_measured("smaller", sign=-1)).data
    assert list(larger["verdict"]) == list(smaller["verdict"])
    np.testing.assert_allclose(larger["difference"], -smaller["difference"])
    np.testing.assert_allclose(larger["low"], -smaller["high"])


def test_without_a_direction_a_resolved_row_is_different_and_nothing_is_marked() -> None:
    measured = _measured("none")
    assert list(verdicts_of(measured).data["verdict"]) == [DIFFERENT, DIFFERENT, NOT_RESOLVED]
    assert set(table_of(measured).data["mark"]) == {""}
    assert "◆ different" in " ".join(table_of(measured).notes)


def test_best_and_second_best_turn_with_the_direction() -> None:
    marks = {better: list(table_of(_measured(better)).data["mark"]) for better in ("larger", "smaller")}
    assert marks["larger"][1:3] == ["best", ""]
    assert marks["smaller"][1:3] == ["", "best"]


def test_ranks_against_a_printed_table_turn_with_the_direction() -> None:
    def ranks(better: str) -> tuple[list[float], list[float]]:
        measured = _measured(better)
        names = ("Ours", "w/o GNN", "INN<->transformer", "CAI->INN block")
        rows = [replace(row, published=name) for row, name in zip(measured.record.rows, names, strict=True)]
        data = agreement_of(replace(measured, record=replace(measured.record, rows=tuple(rows)))).data
        return list(data["rank"]), list(data["published_rank"])

    for larger, smaller in zip(ranks("larger"), ranks("smaller"), strict=True):
        assert [5 - rank for rank in larger] == smaller


def test_the_noise_floor_has_no_direction() -> None:
    numbers = [noise_floor(_measured(better)).select_dtypes("number") for better in ("larger", "smaller", "none")]
    assert numbers[0].equals(numbers[1])
    assert numbers[0].equals(numbers[2])


def test_tables_say_the_direction_where_it_is_not_the_usual_one_and_show_as_many_digits_as_the_metric_has() -> None:
    table = table_of(_measured("smaller"))
    text = markdown(table)
    assert "EN ↓" in text.splitlines()[2]
    assert f"{table.cell('row0', 'EN')['mean']:.3f} ±" in text
    assert r"EN $\downarrow$" in latex(table)
    assert "smaller is better" in text
    plain = markdown(table_of(_measured("larger")))
    assert "↑" not in plain
    assert "larger is better" in plain


def test_a_mixed_table_says_which_way_each_metric_goes() -> None:
    mixed = (Metric("PSNR"), Metric("LPIPS", better="smaller"), Metric("bias", better="none"))
    words = "larger is better in PSNR; smaller is better in LPIPS; neither is better in bias"
    assert better_words(mixed) == words
    assert better_words(mixed[1:2]) == "smaller is better"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"better": "higher"}, "larger, smaller, none"),
        ({"decimals": -1}, "0 to 12"),
        ({"margin": 0.0}, "number > 0"),
        ({"margin": float("inf")}, "number > 0"),
    ],
)
def test_a_value_that_means_nothing_is_refused(values: dict[str, object], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        Metric("EN", **values)  # type: ignore[arg-type]


def test_a_metric_is_read_back_as_it_was_written() -> None:
    metric = Metric("LPIPS", better="smaller", unit="", convention="AlexNet", decimals=3, margin=0.01)
    assert metrics_from([asdict(metric) | {"of a later version": 1}]) == (metric,)
    assert metric_named("unknown", (metric,)) == Metric("unknown")
