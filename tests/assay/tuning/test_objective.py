"""What a search goes by: metrics, several of them, or the one that a study names."""

from __future__ import annotations

import pytest

from assay.config.errors import UserError
from assay.metric import Metric
from assay.study import Study
from assay.tuning.objective import objective_of
from smfnet.config.schema import compose
from smfnet.study import SMFNetStudy, study

VALUES = {"VIF": 0.5, "SSIM": 0.7, "SCD": 1.6}


def _other(*measured: Metric, named: str = "") -> Study:
    """A study with these metrics, that names one of them or none."""

    class Other(SMFNetStudy):
        metrics, objective = measured, named

    return Other()


def test_names_are_read_in_any_case() -> None:
    assert objective_of("vif, ssim", study()).names == ("VIF", "SSIM")
    assert objective_of("VIF,SSIM", study()).values(VALUES) == [0.5, 0.7]
    assert objective_of(None, study()).values(VALUES) == [1.6]


def test_unless_one_is_given_it_is_the_one_that_the_study_names_or_else_its_first() -> None:
    measured = (Metric("PSNR"), Metric("GMSD", better="smaller"))
    assert objective_of(None, _other(*measured)).names == ("PSNR",)
    assert objective_of(None, _other(*measured, named="GMSD")).names == ("GMSD",)


def test_what_is_not_measured_unless_it_is_asked_for_has_to_be_asked_for() -> None:
    nabf = objective_of("nabf", study())
    with pytest.raises(UserError, match="objective Nabf: measured only where it is asked for"):
        nabf.check(compose([]))
    nabf.check(compose(["metrics.table=[SCD,Nabf]"]))
    objective_of(None, study()).check(compose([]))


def test_a_study_that_names_none_of_its_metrics_is_told_so() -> None:
    with pytest.raises(UserError, match=r"unknown objective 'PSRN'. Did you mean PSNR\?"):
        objective_of(None, _other(Metric("PSNR"), named="PSRN"))


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
