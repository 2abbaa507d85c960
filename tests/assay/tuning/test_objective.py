"""What is maximised: metrics, several of them, or the score against the paper."""

from __future__ import annotations

import pytest

from assay.config.errors import UserError
from assay.metric import Metric
from assay.study import Study
from assay.tuning.objective import objective_of
from smfnet.study import SMFNetStudy, study

PAPER = {"EN": 7.3909, "SD": 51.7062, "VIF": 0.7328, "SSIM": 0.9554}  # Table 5, row Ours


def _other(*measured: Metric) -> Study:
    """A study with these metrics and no score."""

    class Other(SMFNetStudy):
        metrics, score = measured, None

    return Other()


def score(metrics: dict[str, float]) -> float:
    (value,) = objective_of("score", study()).values(metrics)
    return value


def test_the_score_of_the_papers_own_row_is_one() -> None:
    assert score(PAPER) == pytest.approx(1, abs=1e-12)


def test_the_score_is_the_mean_of_the_ratios() -> None:
    """SD alone is halved: the mean of 1, 0.5, 1 and 1."""
    assert score(PAPER | {"SD": PAPER["SD"] / 2}) == pytest.approx(0.875, abs=1e-12)


def test_names_are_read_in_any_case() -> None:
    assert objective_of("vif, ssim", study()).names == ("VIF", "SSIM")
    assert objective_of("VIF,Score", study()).values(PAPER) == [PAPER["VIF"], pytest.approx(1)]
    assert objective_of("VIF,SSIM", study()).values({"VIF": 0.5, "SSIM": 0.7}) == [0.5, 0.7]


def test_unless_a_name_is_given_it_is_the_score_or_else_the_first_metric() -> None:
    assert objective_of(None, study()).names == ("score",)
    assert objective_of(None, _other(Metric("PSNR"), Metric("GMSD", better="smaller"))).names == ("PSNR",)


def test_what_has_no_direction_is_no_objective() -> None:
    with pytest.raises(UserError, match="neither larger nor smaller is better in bias"):
        objective_of("bias", _other(Metric("PSNR"), Metric("bias", better="none")))


@pytest.mark.parametrize(
    ("text", "reason"),
    [("VFI", r"unknown objective 'VFI'. Did you mean VIF\?"), ("VIF,VIF", "twice"), ("", "unknown objective ''")],
)
def test_what_is_no_objective_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        objective_of(text, study())
