"""An agent that proposes 50 changes which alter nothing keeps any of them in at most one sequence of twenty."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.calibration.proposals import EFFECTS, kept, main
from analysis.calibration.scenarios import IMAGES, RESTLESS, Scenario
from assay.evidence.statistics.correction import ALPHA

SEQUENCES = 200
MOST = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / SEQUENCES)  # what chance makes of a rate of 5 %


@pytest.mark.parametrize(
    "scenario", [RESTLESS["equal rows"], IMAGES["images matter most"]], ids=["trainings", "images"]
)
def test_null_proposals_are_kept_in_one_sequence_of_twenty_at_most(scenario: Scenario) -> None:
    found = kept(replace(scenario, rows=1, images=8), 5, SEQUENCES, np.random.default_rng(7))
    assert found.any <= MOST
    assert found.without > 2 * MOST  # the agent finds a false word where each is judged by itself


def test_a_real_improvement_among_them_is_kept_more_often_the_larger_it_is() -> None:
    scenario = replace(RESTLESS["equal rows"], rows=1, images=8)
    found = kept(scenario, 8, SEQUENCES, np.random.default_rng(8)).real
    assert sorted(found.values()) == list(found.values())
    assert found[EFFECTS[-1]] > 0.8


def test_more_than_a_number_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["many"]) == 2
    assert "usage: python -m analysis.calibration.proposals" in capsys.readouterr().err
