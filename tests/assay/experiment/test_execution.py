"""A trial trains what the store lacks, measures once, and gives the same numbers wherever it runs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import torch

from assay.experiment.execution import TrialFailed, execute_trial, train_trial
from assay.experiment.trial import Trial, baseline_trial
from assay.stage import Progress
from assay.store.disk import once_a_node
from assay.store.store import STAGES, TRIALS, Store
from assay.training.state import State
from smfnet.config.metrics import METRICS
from smfnet.data import folder
from smfnet.data import test_pairs as pairs_of_test_split
from smfnet.data.images import write_png
from smfnet.data.scenes import scene_pairs
from smfnet.study import SMFNetStudy, study

MakeTrial = Callable[..., Trial]


def _table(store: Store, trial: Trial) -> pd.DataFrame:
    entry = store.find(TRIALS, trial.fingerprint)
    assert entry is not None
    data = store.read(entry, "results.parquet")
    assert data is not None
    return pd.read_parquet(io.BytesIO(data))


def _stages_trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of stages that are trained from now on."""
    kinds: list[str] = []
    train = SMFNetStudy.train

    def spy(self, stage, job):  # type: ignore[no-untyped-def]
        kinds.append(stage.kind)
        return train(self, stage, job)

    monkeypatch.setattr(SMFNetStudy, "train", spy)
    return kinds


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, make_trial: MakeTrial) -> Store:
    """A store with the base trial; tests only read it."""
    store = Store(str(tmp_path_factory.mktemp("whole")))
    execute_trial(study(), make_trial(), store)
    return store


def test_a_trial_leaves_its_stages_and_a_value_for_every_image_and_metric(whole: Store, make_trial: MakeTrial) -> None:
    trial = make_trial()
    table = _table(whole, trial)
    names = [pair.name for pair in pairs_of_test_split(trial.config.data)]
    assert list(zip(table["image"], table["metric"], strict=True)) == [(n, m) for n in names for m in METRICS]
    assert table["value"].notna().all()
    assert [bool(whole.find(STAGES, named.fingerprint)) for named in trial.stages] == [True, True]
    assert whole.files.list("checkpoints") == []
    entry = whole.find(TRIALS, trial.fingerprint)
    assert entry is not None
    assert {name for name in entry.checksums if name.startswith("images/")} == {f"images/{n}.png" for n in names}
    assert json.loads(whole.read(entry, "proof.json") or b"")["parameters"].keys() >= {"enc", "dec", "graph"}


def test_the_record_says_how_a_stage_was_made(whole: Store, make_trial: MakeTrial) -> None:
    trial = make_trial()
    entry = whole.find(STAGES, trial.stages[1].fingerprint)
    assert entry is not None
    record = entry.record
    assert (record.kind, record.seed, record.epochs, record.steps) == ("stage2", 1, 2, 4)
    assert record.seconds > 0
    assert record.memory > 2**20
    assert [epoch for epoch, _ in record.log] == [1, 2]
    assert record.config["network.width"] == 4
    assert record.made_with["torch"] == torch.__version__


def test_the_same_trial_again_does_nothing(
    whole: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = _stages_trained(monkeypatch)
    outcome = execute_trial(study(), make_trial(), whole)
    assert kinds == []
    assert outcome.measured_before
    assert outcome.reused == tuple(named.fingerprint for named in make_trial().stages)
    assert outcome.trained_epochs == 0


def test_the_same_trial_elsewhere_gives_the_same_bytes(whole: Store, store: Store, make_trial: MakeTrial) -> None:
    torch.manual_seed(7)
    torch.set_num_threads(2)
    try:
        outcome = execute_trial(study(), make_trial(), store)
    finally:
        torch.set_num_threads(1)
    assert (outcome.reused, outcome.trained_epochs, outcome.measured_before) == ((), 3, False)
    trial = make_trial()
    pd.testing.assert_frame_equal(_table(whole, trial), _table(store, trial), check_exact=True)
    for named in trial.stages:
        one, other = (s.find(STAGES, named.fingerprint) for s in (whole, store))
        assert one is not None
        assert other is not None
        assert one.checksums == other.checksums


def test_a_shared_stage_is_trained_once(store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = _stages_trained(monkeypatch)
    execute_trial(study(), make_trial(), store)
    swap = make_trial("swap", {"fuse.swap": True})
    outcome = execute_trial(study(), swap, store)
    assert kinds == ["stage1", "stage2", "stage2"]
    assert outcome.reused == (swap.stages[0].fingerprint,)
    assert outcome.trained_epochs == 2


def test_another_test_step_trains_nothing(whole: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = _stages_trained(monkeypatch)
    trial = make_trial("clipped", {"infer.rescale": "clip"})
    execute_trial(study(), trial, whole)
    assert kinds == []
    assert not _table(whole, trial)["value"].equals(_table(whole, make_trial())["value"])


def test_a_stage_before_one_that_is_stored_is_not_trained_again(
    store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = make_trial()
    execute_trial(study(), trial, store)
    before = _table(store, trial)
    store.files.delete_folder(f"stages/{trial.stages[0].fingerprint}")
    store.files.delete_folder(f"trials/{trial.fingerprint}")
    kinds = _stages_trained(monkeypatch)
    assert execute_trial(study(), trial, store).reused == tuple(named.fingerprint for named in trial.stages)
    assert kinds == []
    pd.testing.assert_frame_equal(_table(store, trial), before, check_exact=True)


def test_a_damaged_stage_is_made_again_and_gives_the_same(
    store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = make_trial()
    execute_trial(study(), trial, store)
    before = _table(store, trial)
    store.files.delete_folder(f"trials/{trial.fingerprint}")
    path = f"stages/{trial.stages[1].fingerprint}/state.safetensors"
    store.files.write(path, store.files.read(path)[:-1])
    kinds = _stages_trained(monkeypatch)
    execute_trial(study(), trial, store)
    assert kinds == ["stage2"]
    assert store.files.list("damaged") != []
    pd.testing.assert_frame_equal(_table(store, trial), before, check_exact=True)


class Killed(BaseException):
    """What a dying process would see of it."""


def _killed_after(steps: int) -> Callable[[Progress], None]:
    left = iter(range(steps))

    def report(progress: Progress) -> None:
        if next(left, None) is None:
            raise Killed

    return report


@pytest.mark.parametrize("steps", [1, 4])
def test_a_trial_that_was_killed_goes_on_from_its_last_checkpoint(
    whole: Store, store: Store, make_trial: MakeTrial, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = make_trial(changes={"train.checkpoint_s": 0})
    with pytest.raises(Killed):
        execute_trial(study(), trial, store, _killed_after(steps))
    seen: list[Progress] = []
    execute_trial(study(), trial, store, seen.append)
    assert len(seen) == 6 - steps
    pd.testing.assert_frame_equal(_table(store, trial), _table(whole, make_trial()), check_exact=True)
    assert store.files.list("checkpoints") == []


def test_a_damaged_checkpoint_costs_a_beginning_and_no_number(
    whole: Store, store: Store, make_trial: MakeTrial
) -> None:
    trial = make_trial(changes={"train.checkpoint_s": 0})
    with pytest.raises(Killed):
        execute_trial(study(), trial, store, _killed_after(4))
    (path,) = store.files.list("checkpoints")
    store.files.write(path, store.files.read(path)[:-9])
    execute_trial(study(), trial, store)
    pd.testing.assert_frame_equal(_table(store, trial), _table(whole, make_trial()), check_exact=True)


def test_a_diverged_trial_fails_with_its_reason_again_and_again_at_once(store: Store, make_trial: MakeTrial) -> None:
    trial = make_trial(changes={"optim.lr": 1e30})
    reasons, steps = [], []
    for _ in range(3):
        seen: list[Progress] = []
        with pytest.raises(TrialFailed) as raised:
            execute_trial(study(), trial, store, seen.append)
        reasons.append(str(raised.value))
        steps.append(len(seen))
    assert "not finite at epoch" in reasons[0]
    assert len(set(reasons)) == 1
    assert steps[0] > 0
    assert steps[1:] == [0, 0]  # the failing step is the first that is tried
    assert store.find(TRIALS, trial.fingerprint) is None
    (kept,) = store.files.list("checkpoints")
    state = State.from_bytes(store.read_checkpoint(kept.split("/")[1]) or b"")
    assert all(tensor.isfinite().all() for tensor in state.tensors.values())


def test_a_network_that_fuses_nothing_finite_fails_with_the_images_name(
    store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = make_trial()
    monkeypatch.setattr("smfnet.model.SMFNet.fuse", lambda self, ir, vi: ir / 0)
    with pytest.raises(TrialFailed, match="holds values that are not finite"):
        execute_trial(study(), trial, store)


@pytest.mark.parametrize("rule", ["max", "visible_only"])
def test_a_training_free_row_is_measured_by_the_same_way(
    store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    kinds = _stages_trained(monkeypatch)
    trial = baseline_trial(study(), rule, make_trial().config)
    outcome = execute_trial(study(), trial, store)
    assert (kinds, outcome.trained_epochs, outcome.reused) == ([], 0, ())
    assert len(_table(store, trial)) == 2 * len(METRICS)


def test_progress_is_passed_on_from_the_first_step_to_the_last(store: Store, make_trial: MakeTrial) -> None:
    seen: list[Progress] = []
    execute_trial(study(), make_trial(), store, seen.append)
    assert [(now.stage, now.step, now.steps) for now in seen] == [
        *(("stage1", k, 2) for k in (1, 2)),
        *(("stage2", k, 4) for k in (1, 2, 3, 4)),
    ]


def test_a_full_disk_is_an_error_and_no_damage(
    store: Store, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(path: object, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("assay.store.files.write_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            execute_trial(study(), make_trial(), store)
    assert list(store.entries(STAGES)) == []
    execute_trial(study(), make_trial(), store)
    assert len(list(store.entries(STAGES))) == 2


def test_a_worker_that_shares_what_is_decoded_has_the_same_numbers(
    make_trial: MakeTrial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("train", "test"):
        for pair in scene_pairs(make_trial().config.data.scenes, part, 0):
            for kind, image in zip(("ir", "vi"), pair.images(), strict=True):
                write_png(tmp_path / part / kind / f"{pair.name}.png", image)
    trial = make_trial(changes={"data.source": "folder", "data.root": str(tmp_path)})
    alone, stores = Store(str(tmp_path / "alone")), [Store(str(tmp_path / name)) for name in ("first", "second")]
    execute_trial(study(), trial, alone)
    (tmp_path / "node").mkdir()
    monkeypatch.setattr(once_a_node, "node_folder", lambda: tmp_path / "node")
    for store in stores:
        execute_trial(study(), trial, store)
        monkeypatch.setattr(folder, "read_pixels", None)  # the second one decodes nothing
        pd.testing.assert_frame_equal(_table(store, trial), _table(alone, trial), check_exact=True)


def test_a_checkpoint_of_a_stage_that_is_stored_is_forgotten(make_trial: MakeTrial, store: Store) -> None:
    """Who stores a stage may be killed before the checkpoint is removed."""
    trial = make_trial()
    train_trial(study(), trial, store)
    for named in trial.stages:
        store.write_checkpoint(named.fingerprint, b"left")
    execute_trial(study(), trial, store)
    assert store.checkpoints() == {}
