"""Words for methods that were measured once: as a paired t test has them where it holds, and rarely a false one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assay.evidence.statistics.methods import method_verdicts, resolved_columns
from assay.metric import SMALLER, Metric

PLAIN = (Metric("EN", margin=0.05), Metric("MSE", SMALLER))


def _values(cubes: dict[str, dict[str, np.ndarray]], group: str = "") -> pd.DataFrame:
    """metric -> method -> a value per sample."""
    lines = [
        (group, method, f"{place:03}", metric, value)
        for metric, methods in cubes.items()
        for method, values in methods.items()
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(lines, columns=["group", "method", "sample", "metric", "value"])


def _symmetric(n: int, mean: float) -> np.ndarray:
    """Differences without skewness."""
    half = np.random.default_rng(3).normal(size=n // 2)
    return mean + np.concatenate([half, -half])


def test_many_symmetric_samples_give_the_paired_t_test() -> None:
    base = np.random.default_rng(1).normal(size=4000)
    other = base + _symmetric(4000, 0.03)
    lines = method_verdicts(_values({"EN": {"A": base, "B": other}}), PLAIN[:1], "A")
    expected = stats.ttest_rel(other, base)
    (line,) = lines.to_dict("records")
    assert line["method"] == "B"
    assert line["difference"] == pytest.approx(0.03)
    assert line["p"] == pytest.approx(expected.pvalue, rel=0.25)
    assert line["p"] >= expected.pvalue
    low, high = expected.confidence_interval(0.95)
    assert (line["low"], line["high"]) == pytest.approx((low, high), rel=0.05)


def test_samples_of_unequal_weight_have_as_many_degrees_of_freedom_as_they_are_worth() -> None:
    values = _values({"EN": {"A": np.zeros(40), "B": _symmetric(40, 0.2)}})
    (plain,), (few,) = (
        method_verdicts(values, [Metric("EN", effective_samples=worth)], "A").to_dict("records") for worth in (None, 6)
    )
    assert few["difference"] == plain["difference"]
    t = 0.2 / stats.sem(_symmetric(40, 0.2))
    assert plain["p"] < 2 * stats.t.sf(t, 5) <= few["p"]
    assert few["high"] - few["low"] >= 2 * stats.t.ppf(0.975, 5) * stats.sem(_symmetric(40, 0.2))
    (none,) = method_verdicts(values, [Metric("EN", effective_samples=2.4)], "A").to_dict("records")
    assert none["reason"] == "its images are worth 2.4 of equal weight: the noise between images is unknown"
    assert np.isnan(none["p"])


def test_the_word_turns_with_the_direction_and_pairing_counts() -> None:
    scenes = 10 * np.random.default_rng(2).normal(size=40)  # far larger than what the methods differ by
    values = _values({name: {"A": scenes, "B": scenes + 1 + 0.1 * _symmetric(40, 0)} for name in ("EN", "MSE")})
    lines = method_verdicts(values, PLAIN, "A").set_index("metric")
    assert lines["verdict"].to_dict() == {"EN": "better", "MSE": "worse"}
    assert (lines["difference"] > 0).all()
    assert method_verdicts(values, PLAIN, "B").set_index("metric")["verdict"].to_dict() == {
        "EN": "worse",
        "MSE": "better",
    }


def test_the_same_images_twice_are_equivalent_where_there_is_a_margin() -> None:
    same = np.random.default_rng(2).normal(size=10)
    values = _values({name: {"A": same, "B": same} for name in ("EN", "MSE")})
    lines = method_verdicts(values, PLAIN, "A").set_index("metric")
    assert lines["verdict"].to_dict() == {"EN": "equivalent", "MSE": "not resolved"}
    assert resolved_columns(values, PLAIN) == set()


def test_two_samples_say_nothing() -> None:
    values = _values({"EN": {"A": np.array([1.0, 2.0]), "B": np.array([9.0, 10.0])}})
    (line,) = method_verdicts(values, PLAIN[:1], "A", noun="image").to_dict("records")
    assert line["verdict"] == "not resolved"
    assert line["reason"] == "2 image(s): the noise between images is unknown"
    assert np.isnan(line["low"])


def test_groups_have_lines_of_their_own_and_share_the_five_per_cent() -> None:
    rng = np.random.default_rng(5)
    base = rng.normal(size=30)
    one = _values({"EN": {"A": base, "B": base + 0.45 * rng.normal(size=30) + 0.22}}, "first")
    two = _values({"EN": {"A": base[:9], "C": base[:9] + rng.normal(size=9)}}, "second")
    lines = method_verdicts(pd.concat([one, two]), PLAIN[:1], "A")
    assert list(zip(lines["group"], lines["method"], lines["n_samples"], strict=True)) == [
        ("first", "B", 30),
        ("second", "C", 9),
    ]
    alone = method_verdicts(one, PLAIN[:1], "A")
    assert lines["p"][0] == alone["p"][0]
    assert lines["p_adjusted"][0] > alone["p_adjusted"][0]


@pytest.mark.parametrize("kind", ["normal", "lognormal"])
def test_a_false_word_is_rare_though_five_methods_and_four_metrics_are_judged(kind: str) -> None:
    """Nothing differs in truth: tables with any word, of 200 (5 % and three standard errors are 19)."""
    rng = np.random.default_rng(7)
    metrics = [Metric(name) for name in "ABCD"]
    wrong = 0
    for _ in range(200):
        draw = rng.normal if kind == "normal" else rng.lognormal
        cubes = {m.name: {method: draw(size=25) for method in "vwxyz"} for m in metrics}
        wrong += (method_verdicts(_values(cubes), metrics, "v")["verdict"] != "not resolved").any()
    assert wrong <= 19


def test_columns_are_resolved_between_any_two_methods() -> None:
    rng = np.random.default_rng(11)
    base = rng.normal(size=30)
    far = {"A": base, "B": base + 0.01 * rng.normal(size=30), "C": base + 2 + 0.1 * rng.normal(size=30)}
    near = {method: base + rng.normal(size=30) for method in "ABC"}
    assert resolved_columns(_values({"EN": far, "MSE": near}, "g"), PLAIN) == {("g", "EN")}
