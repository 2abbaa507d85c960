"""Every study of ours keeps to the contract, and the contract finds what breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.studies import load_study
from assay.testing import StudyContract
from smfnet.study import study as smfnet_study
from tests.assay.test_torch_study import Line

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.slow
class TestSMFNet(StudyContract):
    """The first study, very small."""

    study = smfnet_study()
    changes = {  # noqa: RUF012
        "network.width": 4,
        "network.heads": 1,
        "base.transformer.groups": 1,
        "base.transformer.pairs": 1,
        "data.patch": 16,
        "data.stride": 16,
        "data.val_pairs": 2,
        "data.scenes.train_pairs": 2,
        "data.scenes.test_pairs": 2,
        "data.scenes.height": 32,
        "data.scenes.width": 40,
        "train.epochs": 3,
        "train.stage1_epochs": 1,
        "train.batch": 2,
        "train.steps_per_epoch": 2,
    }


@pytest.mark.slow
class TestDenoise(StudyContract):
    """An example."""

    study = load_study(str(EXAMPLES / "denoise" / "denoise.py"))
    changes = {"train.epochs": 2, "net.width": 2}  # noqa: RUF012


@pytest.mark.slow
class TestPretraining(StudyContract):
    """An example with two stages."""

    study = load_study(str(EXAMPLES / "pretraining" / "pretraining.py"))
    changes = {"train.epochs": 4, "train.pretrain": 2}  # noqa: RUF012


@pytest.mark.slow
class TestDigits(StudyContract):
    """An example that is a command."""

    study = load_study(str(EXAMPLES / "digits" / "digits.yaml"))


_DRAWN: list[int] = []


class Careless(Line):
    """Trains on something else each time, and lets a value be read by nobody."""

    suite = {"rows": {"ours": {}, "more": {"changes": {"train.checkpoint_s": 5.0}}}}  # noqa: RUF012

    def batches(self, config: Any, seed: int, epoch: int) -> Any:
        _DRAWN.append(1)
        return [tuple(each * len(_DRAWN) for each in batch) for batch in super().batches(config, seed, epoch)]


class _OfCareless(StudyContract):
    study = Careless()
    changes = {"train.epochs": 1}  # noqa: RUF012


@pytest.mark.parametrize(
    "clause",
    [
        _OfCareless.test_training_twice_gives_the_same_bytes,
        _OfCareless.test_a_training_that_goes_on_from_a_checkpoint_gives_the_same_bytes,
        _OfCareless.test_every_row_that_changes_a_value_has_a_name_of_its_own,
    ],
)
def test_a_careless_study_is_found_out(clause: Callable[[StudyContract], None]) -> None:
    with pytest.raises(AssertionError):
        clause(_OfCareless())


def test_the_clauses_that_such_a_study_keeps_pass(tmp_path: Path) -> None:
    contract = _OfCareless()
    contract.test_the_same_trial_has_the_same_names_and_another_seed_others()
    contract.test_a_trial_travels_as_plain_data()
    contract.test_every_function_of_its_own_that_ran_decides_a_name()


def test_what_a_study_cannot_promise_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Careless, "unpromised", ("training twice",))
    with pytest.raises(pytest.skip.Exception, match="training twice"):
        _OfCareless().test_training_twice_gives_the_same_bytes()
