"""What is maximised: metrics, several of them, or the score against the paper."""

from __future__ import annotations

import pytest

from assay.config.errors import UserError
from assay.search.objective import Objective, objective_of, score


def test_the_score_of_the_papers_own_row_is_one() -> None:
    """Table 5, row Ours: EN 7.3909, SD 51.7062, VIF 0.7328, SSIM 0.9554."""
    assert score({"EN": 7.3909, "SD": 51.7062, "VIF": 0.7328, "SSIM": 0.9554}) == pytest.approx(1, abs=1e-12)


def test_the_score_is_the_mean_of_the_ratios() -> None:
    """SD alone is halved: the mean of 1, 0.5, 1 and 1."""
    assert score({"EN": 7.3909, "SD": 51.7062 / 2, "VIF": 0.7328, "SSIM": 0.9554}) == pytest.approx(0.875, abs=1e-12)


def test_names_are_read_in_any_case() -> None:
    assert objective_of("vif, ssim") == Objective(("VIF", "SSIM"))
    assert objective_of("score").values({"EN": 7.3909, "SD": 51.7062, "VIF": 0.7328, "SSIM": 0.9554}) == [
        pytest.approx(1)
    ]
    assert objective_of("VIF,SSIM").values({"VIF": 0.5, "SSIM": 0.7}) == [0.5, 0.7]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("VFI", r"unknown objective 'VFI'. Did you mean VIF\?"), ("VIF,VIF", "twice"), ("", "unknown objective ''")],
)
def test_what_is_no_objective_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        objective_of(text)
