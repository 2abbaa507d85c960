"""A gate asks only what verdicts answer, and is met by their word alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.config.errors import UserError
from assay.evidence.measurements import measurements
from assay.evidence.statistics.gate import CLAIMS, answered, gate_of
from assay.evidence.statistics.verdict import Verdicts, verdicts_of
from assay.metric import SMALLER, Metric
from tests.synthetic_runs import Plan, write_run

METRICS = (Metric("SD", margin=3.0), Metric("MSE", better=SMALLER), Metric("bias", better="none"), Metric("top.1"))
ROWS = ("ours", "no_graph", "a.b", "max")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """`no_graph` far worse than `ours`, `swap_fusion` far better in all metrics, `cai_to_inn` as good."""
    effects = {"no_graph": -2.0, "swap_fusion": 2.0}
    rows = ("ours", "no_graph", "swap_fusion", "cai_to_inn")
    return verdicts_of(measurements(write_run(tmp_path_factory.mktemp("gate"), Plan(6, effects=effects, rows=rows))))


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("no_graph.SD better than ours", "no_graph", {"better"}),
        ("no_graph.MSE  worse than  ours", "no_graph", {"worse"}),
        ("no_graph.SD not worse than ours", "no_graph", {"better", "equivalent"}),
        ("no_graph.SD equivalent to ours", "no_graph", {"equivalent"}),
        ("ours.SD better than max", "max", {"worse"}),
        ("ours.SD not worse than max", "max", {"worse", "equivalent"}),
        ("a.b.top.1 better than ours", "a.b", {"better"}),
    ],
)
def test_a_claim_of_the_base_asks_for_the_mirrored_word(text: str, row: str, words: set[str]) -> None:
    gate = gate_of(text, ROWS, "ours", METRICS)
    assert (gate.row, gate.words) == (row, words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no_graph.SD better ours", "expected one of 'ROW.METRIC better than ROW'"),
        ("no_graph.SD different than ours", "expected one of"),
        ("no_graph better than ours", "expected ROW.METRIC better than ROW; got 'no_graph'"),
        ("no_grahp.SD better than ours", "Did you mean no_graph?"),
        ("no_graph.SDD better than ours", "Did you mean SD?"),
        ("no_graph.SD better than our", "Did you mean ours?"),
        ("no_graph.SD better than max", "verdicts hold each row against ours, and these are no_graph and max"),
        ("ours.SD better than ours", "name ours and one other row"),
        ("no_graph.bias better than ours", "of bias neither value is better"),
        ("no_graph.MSE equivalent to ours", "MSE has no margin"),
    ],
)
def test_what_no_verdict_can_answer_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError) as raised:
        gate_of(text, ROWS, "ours", METRICS)
    assert said in str(raised.value)


def test_seeds_that_resolve_nothing_are_refused_beforehand() -> None:
    with pytest.raises(UserError, match="expected 3 seeds or more, fewer resolve nothing; got 2"):
        gate_of("no_graph.SD better than ours", ROWS, "ours", METRICS, seeds=2)


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("row", ["no_graph", "swap_fusion", "cai_to_inn"])
def test_it_is_met_by_the_word_of_the_table_and_by_nothing_else(claim: str, row: str, verdicts: Verdicts) -> None:
    metrics = [replace(metric, margin=3.0) for metric in verdicts.metrics]
    line = verdicts.cell(row, "SD")
    assert line is not None
    assert line["verdict"] == {"no_graph": "worse", "swap_fusion": "better"}.get(row, line["verdict"])
    answer = answered(gate_of(f"{row}.SD {claim} ours", ["ours", row], "ours", metrics), verdicts)
    assert answer.verdict == line["verdict"]
    assert answer.met == (line["verdict"] in CLAIMS[claim])
    mirrored = {"better": "worse", "worse": "better"}.get(line["verdict"], line["verdict"])
    assert answered(gate_of(f"ours.SD {claim} {row}", ["ours", row], "ours", metrics), verdicts).met == (
        mirrored in CLAIMS[claim]
    )


def test_the_line_has_the_difference_and_its_interval(verdicts: Verdicts) -> None:
    gate = gate_of("no_graph.SD better than ours", ["ours", "no_graph"], "ours", verdicts.metrics)
    line = answered(gate, verdicts).line
    assert line.startswith("gate no_graph.SD better than ours: not met; no_graph less ours: SD \N{MINUS SIGN}1")
    assert " (95 % by itself \N{MINUS SIGN}" in line
    assert line.endswith("; p corrected < 0.0001), worse")


def test_the_p_value_is_that_of_the_claim(verdicts: Verdicts) -> None:
    gate = gate_of("no_graph.SD equivalent to ours", ["ours", "no_graph"], "ours", METRICS)
    data = verdicts.data.assign(p_equal_adjusted=0.2468)
    assert "; p of the margin or more, corrected, 0.2468), worse" in answered(gate, replace(verdicts, data=data)).line


def test_a_training_free_row_answers_and_one_without_values_does_not(verdicts: Verdicts) -> None:
    gate = gate_of("ours.SD better than max", ["ours", "max"], "ours", verdicts.metrics)
    assert answered(gate, verdicts).verdict == verdicts.cell("max", "SD")["verdict"]  # type: ignore[index]
    gone = gate_of("best2.SD better than ours", ["ours", "best2"], "ours", verdicts.metrics)
    assert (answered(gone, verdicts).met, answered(gone, verdicts).verdict) == (False, "not resolved")
    assert "best2 has no verdict" in answered(gone, verdicts).line
