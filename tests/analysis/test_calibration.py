"""How often the verdicts are wrong, on tables whose truth is known; docs/calibration.md has the longer version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.calibration import SCENARIOS, SEEDS, error_rates, main, power, simulate
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.variance import crossed
from assay.evidence.statistics.verdict import verdicts_of

TABLES = 200
NOMINAL = 0.05
# Three standard errors of a rate of 5 % among TABLES independent tables; cells of one table are not independent.
ERROR = 3 * np.sqrt(NOMINAL * (1 - NOMINAL) / TABLES)


@pytest.fixture(scope="module")
def documented(root: Path) -> dict[tuple[str, int], list[float]]:
    """Scenario and seeds -> the rates that docs/calibration.md prints."""
    lines = (root / "docs" / "calibration.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")][2:]
    return {(name, int(seeds)): [_rate(cell) for cell in rates] for name, seeds, *rates in cells}


def _rate(cell: str) -> float:
    return float("nan") if cell == "none" else float(cell.removesuffix(" %")) / 100


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize(
    "name",
    [
        "images matter most",
        "images, skewed (skewness 2)",
        "images and seeds alike",
        "seeds matter most",
        "seeds, base three times as restless",
        "seeds, one row three times as restless",
        "seeds, a single row",
    ],
)
def test_false_words_and_intervals_stay_at_their_nominal_rate_and_at_what_the_docs_say(
    name: str, seeds: int, documented: dict[tuple[str, int], list[float]]
) -> None:
    covered, false = error_rates(SCENARIOS[name], seeds, TABLES, np.random.default_rng([7, seeds]))
    assert false == pytest.approx(documented[name, seeds][1], abs=ERROR)
    assert covered == pytest.approx(documented[name, seeds][0], abs=ERROR, nan_ok=True)
    assert false <= (NOMINAL + ERROR if seeds > 1 else 0)
    assert np.isnan(covered) if seeds == 1 else covered >= 1 - NOMINAL - ERROR


@pytest.mark.parametrize("name", ["images matter most", "seeds matter most"])
def test_a_true_difference_is_found_more_often_with_more_seeds(name: str) -> None:
    found = [power(SCENARIOS[name], seeds, 40, np.random.default_rng(8)) for seeds in (1, 3, 10)]
    assert found == sorted(found)
    assert found[0] == 0
    assert found[2] > 0.85


def test_images_alone_as_evidence_would_be_wrong_in_most_tables() -> None:
    """The simulation can tell a bad method: a paired t test over images, blind to seeds, is false nearly always."""
    values = simulate(SCENARIOS["seeds matter most"], 3, 100, np.random.default_rng(9))
    over_images = (values[:, :, 1:] - values[:, :, :1]).mean(-2)
    p = stats.ttest_1samp(over_images, 0.0, axis=-1).pvalue
    assert (p.reshape(100, -1).min(-1) < NOMINAL / p[0].size).mean() > 0.9


def test_satterthwaite_would_be_wrong_with_two_seeds() -> None:
    """Why the interval is Banerjee's: one t with combined degrees of freedom covers far too seldom."""
    values = simulate(SCENARIOS["seeds, a single row"], 2, 2000, np.random.default_rng(11))
    parts = crossed(values[:, :, 1] - values[:, :, 0])
    seeds, images = parts.seeds / 2, parts.images / 50
    df = (seeds + images) ** 2 / (seeds**2 / 1 + images**2 / 49)
    p = 2 * stats.t.sf(np.abs(parts.mean) / np.sqrt(seeds + images), df)
    covered, _ = error_rates(SCENARIOS["seeds, a single row"], 2, 2000, np.random.default_rng(11))
    assert (p < NOMINAL).mean() > 2 * NOMINAL
    assert covered > 1 - NOMINAL - 0.01


def test_the_simulation_judges_as_a_measured_run_is_judged(measured_from: Callable[[np.ndarray], Measurements]) -> None:
    from analysis.calibration import _judged, _resolved

    values = simulate(SCENARIOS["images and seeds alike"], 3, 4, np.random.default_rng(10))
    values[:, :, 2] += 1.0
    judged = _judged(values)
    words, differences = _resolved(judged), judged.mean
    for table in range(4):
        data = verdicts_of(measured_from(values[table])).data.set_index(["metric", "row"])
        metrics, rows = ("EN", "SD", "VIF", "SSIM"), [f"row{n}" for n in range(1, 8)]
        ours = [[data.loc[(metric, row)] for row in rows] for metric in metrics]
        np.testing.assert_allclose([[line["difference"] for line in lines] for lines in ours], differences[table])
        assert [[line["verdict"] != "not resolved" for line in lines] for lines in ours] == words[table].tolist()


def test_the_docs_show_a_line_for_every_scenario_and_number_of_seeds(
    documented: dict[tuple[str, int], list[float]],
) -> None:
    assert list(documented) == [(name, seeds) for name in SCENARIOS for seeds in SEEDS]


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 4 * len(SCENARIOS)
    assert all(line.count("|") == 6 for line in lines)


@pytest.mark.parametrize("arguments", [["0"], ["x"], ["1", "2"]])
def test_misuse_of_the_command_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
