"""The ablation hands out trials and keeps the folder of the run true while they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from assay.experiment.ablation import Ablation
from assay.experiment.execution import execute_trial
from assay.experiment.planning.plan import plan
from assay.experiment.planning.reuse import Reuse, reuse_of
from assay.experiment.source import Finished, Stop, Waiting
from assay.experiment.task import train_and_measure
from assay.experiment.trial import Trial, baseline_trial, trial_records
from assay.stage import Progress
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from assay.store.run.recorder import Recorder
from assay.store.store import TRIALS, Store
from smfnet.config.metrics import METRICS
from smfnet.study import study

MakeTrial = Callable[..., Trial]
NOW = {"progress": {"stage": "stage2", "step": 1, "steps": 4, "loss": 0.5, "eta_s": 3.0}}


class Told:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.news: list[tuple[str, str, int | None]] = []

    def changed(self, trial: TrialRecord, progress: Progress | None = None) -> None:
        self.news.append((trial.id, trial.status, progress.step if progress else None))


@pytest.fixture
def trials(make_trial: MakeTrial) -> tuple[Trial, ...]:
    swap = make_trial("swap", {"fuse.swap": True})
    return baseline_trial(study(), "max", make_trial().config), make_trial(), swap


def _ablation(trials: tuple[Trial, ...], store: Store, folder: Path) -> Ablation:
    records = tuple(
        TrialRecord(t.id, t.row, t.seed, fingerprint=t.fingerprint, stages=tuple(n.fingerprint for n in t.stages))
        for t in trials
    )
    rows = tuple(RowRecord(t.row, t.row, baseline=bool(t.rule)) for t in trials)
    record = RunRecord("ablation", "table5", ("x",), rows, records, ("EN",))
    run = RunFolder(folder)
    run.write_record(record)
    return Ablation(study(), plan(trials, store), store, Recorder(run, record), Told())


def test_a_run_from_its_first_trial_to_its_last(trials: tuple[Trial, ...], store: Store, tmp_path: Path) -> None:
    ablation = _ablation(trials, store, tmp_path / "run")
    ablation.collect_finished()
    order = []
    while (trial := ablation.next()) is not Finished:
        assert isinstance(trial, Trial)
        order.append(trial.id)
        ablation.finished(
            trial, train_and_measure(study(), trial, store, lambda report: ablation.progressed(trial, report))
        )
    assert order == ["ours-seed1", "max", "swap-seed1"]  # the one that another waits for comes first
    ablation.recorder.write()
    run = ablation.run
    assert {t.id: t.status for t in run.record.trials} == dict.fromkeys(("max", "ours-seed1", "swap-seed1"), "finished")
    assert len(run.results()) == 3 * 2 * len(METRICS)
    assert set(run.results()["seed"]) == {-1, 1}
    assert set(run.curves()["stage"]) == {"stage1", "stage2"}
    assert set(run.proofs()) == {"ours-seed1", "swap-seed1"}
    pictures = {str(path.relative_to(run.folder / "images")) for path in (run.folder / "images").rglob("*.png")}
    assert {path.split("/")[0] for path in pictures} == {"sources", "max", "ours", "swap"}
    by_id = {trial.id: trial for trial in run.record.trials}
    assert by_id["swap-seed1"].reused == (trials[1].stages[0].fingerprint,)
    reuse = reuse_of(run.record.trials, store)
    assert (reuse.trained, reuse.reused, reuse.epochs_trained, reuse.epochs_saved) == (3, 1, 5, 1)
    assert reuse.seconds_saved > 0


def test_what_is_measured_already_is_collected_and_not_handed_out(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path
) -> None:
    execute_trial(study(), trials[1], store)
    ablation = _ablation(trials[1:2], store, tmp_path / "run")
    ablation.collect_finished()
    assert ablation.next() is Finished
    (trial,) = ablation.recorder.record.trials
    assert (trial.status, trial.reused, trial.seconds) == ("finished", trial.stages, 0.0)
    assert len(ablation.run.results()) == 2 * len(METRICS)
    assert reuse_of(ablation.recorder.record.trials, store).epochs_saved == 3


def test_a_follower_is_handed_out_when_the_shared_stage_is_stored(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path
) -> None:
    ablation = _ablation(trials[1:], store, tmp_path / "run")
    ours = ablation.next()
    assert isinstance(ours, Trial)
    assert ablation.next() is Waiting
    assert ablation.progressed(ours, NOW | {"stored": [ours.stages[0].fingerprint]}) is Stop.NO
    swap = ablation.next()
    assert isinstance(swap, Trial)
    assert (ours.row, swap.row) == ("ours", "swap")
    assert ablation.next() is Finished
    assert ablation.listener.news == [  # type: ignore[attr-defined]
        ("ours-seed1", "running", None),
        ("ours-seed1", "running", 1),
        ("swap-seed1", "running", None),
    ]


def test_a_failed_trial_keeps_its_reason_and_lets_its_followers_try(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path
) -> None:
    ablation = _ablation(trials[1:], store, tmp_path / "run")
    ours = ablation.next()
    assert isinstance(ours, Trial)
    ablation.failed(ours, "loss not finite", "Traceback: ...")
    assert isinstance(ablation.next(), Trial)
    record = ablation.recorder.trial(ours.id)
    assert (record.status, record.reason) == ("failed", "loss not finite")
    assert (tmp_path / "run" / "errors" / "ours-seed1.txt").read_text() == "Traceback: ...\n"


def test_what_a_trial_printed_is_kept_until_it_is_tried_again(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path
) -> None:
    ablation = _ablation(trials[1:], store, tmp_path / "run")
    ours = ablation.next()
    assert isinstance(ours, Trial)
    ablation.printed(ours, "epoch 1\n")
    ablation.failed(ours, "no", "Traceback: ...")
    log, error = (tmp_path / "run" / kind / "ours-seed1.txt" for kind in ("logs", "errors"))
    assert log.read_text() == "epoch 1\n"
    assert error.read_text() == "Traceback: ...\n\nIt printed:\nepoch 1\n"
    assert _ablation(trials[1:], store, tmp_path / "run").next() == ours
    assert not log.exists()
    assert not error.exists()


def test_results_that_were_damaged_meanwhile_are_no_result(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path
) -> None:
    ablation = _ablation(trials[1:2], store, tmp_path / "run")
    trial = ablation.next()
    assert isinstance(trial, Trial)
    outcome = execute_trial(study(), trial, store)
    store.files.write(f"trials/{trial.fingerprint}/results.parquet", b"")
    ablation.finished(trial, outcome)
    record = ablation.recorder.trial(trial.id)
    assert record.status == "failed"
    assert "damaged; give the same command again" in record.reason


@pytest.mark.parametrize(("name", "content"), [("proof.json", b"5"), ("results.parquet", b"no table")])
def test_what_was_sealed_by_somebody_else_is_put_aside_to_be_made_again(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path, name: str, content: bytes
) -> None:
    trial = trials[1]
    execute_trial(study(), trial, store)
    entry = store.find(TRIALS, trial.fingerprint)
    assert entry is not None
    files = {each: store.files.read(f"trials/{trial.fingerprint}/{each}") for each in entry.checksums}
    store.remove(entry)
    store.write(TRIALS, trial.fingerprint, files | {name: content}, {"row": trial.row, "seed": trial.seed})
    ablation = _ablation((trial,), store, tmp_path / "run")
    ablation.collect_finished()
    record = ablation.recorder.trial(trial.id)
    assert record.status == "failed"
    assert "damaged; give the same command again" in record.reason
    assert store.find(TRIALS, trial.fingerprint) is None


def test_images_are_kept_of_the_first_seed_alone(make_trial: MakeTrial, store: Store, tmp_path: Path) -> None:
    first, second = make_trial(seed=1), make_trial(seed=2)
    ablation = _ablation((first, second), store, tmp_path / "run")
    for trial, pictures in ((second, []), (first, ["ours"])):
        ablation.finished(trial, execute_trial(study(), trial, store))
        assert [path.name for path in (tmp_path / "run").glob("images/*")] == pictures


def test_pictures_go_by_the_names_of_the_images_and_not_by_those_of_a_record(
    make_trial: MakeTrial, store: Store, tmp_path: Path
) -> None:
    trial = make_trial("a/../b")
    execute_trial(study(), trial, store)
    entry = store.find(TRIALS, trial.fingerprint)
    assert entry is not None
    files = {name: store.read(entry, name) or b"" for name in entry.checksums}
    pictures = {name.removeprefix("images/") for name in files if name.startswith("images/")}
    store.remove(entry)
    store.write(TRIALS, trial.fingerprint, files | {"images/stray.png": b"of somebody else"}, asdict(entry.record))
    _ablation((trial,), store, tmp_path / "run").collect_finished()
    written = {path.relative_to(tmp_path / "run/images") for path in (tmp_path / "run").rglob("*.png")}
    assert len(pictures) == 2
    assert {path for path in written if path.parts[0] != "sources"} == {Path("a%2F..%2Fb", name) for name in pictures}


def test_unfinished_trials_and_forgotten_stages_save_nothing(store: Store) -> None:
    trials = [
        TrialRecord("a", "a", 1, "failed", stages=(32 * "1",), reused=(32 * "1",)),
        TrialRecord("b", "b", 1, "finished", stages=(32 * "2",), reused=(32 * "2",)),
    ]
    assert reuse_of(trials, store) == Reuse(trained=0, reused=1)


def test_a_finished_trial_is_looked_up_once_however_many_share_its_stages(
    make_trial: MakeTrial, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = (make_trial(), *(make_trial(f"grad{k}", {"loss.stage2.w_grad": k}) for k in (1, 2)))
    ablation = _ablation(trials, store, tmp_path / "run")
    outcomes = [(trial, execute_trial(study(), trial, store)) for trial in trials]
    found: list[tuple[str, str]] = []
    inner = store.find
    monkeypatch.setattr(store, "find", lambda kind, name: (found.append((kind, name)), inner(kind, name))[1])
    for trial, outcome in outcomes:
        found.clear()
        ablation.finished(trial, outcome)
        assert [name for kind, name in found if kind == "stages"] == [named.fingerprint for named in trial.stages]
    found.clear()
    reuse_of(ablation.recorder.record.trials, store)
    assert sorted(found) == sorted({("stages", named.fingerprint) for trial in trials for named in trial.stages})


class Until:
    """A limit of time that is over when it is said to be."""

    closed = up = False

    def allows(self, trial: Trial) -> bool:
        return not self.closed

    def is_up(self) -> bool:
        return self.up

    def started(self, trial: Trial) -> None:
        """It runs."""

    ended = started


def test_trials_that_follow_are_handed_out_when_all_others_have_ended(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path
) -> None:
    ablation, more = _ablation(trials[:1], store, tmp_path / "run"), [plan(trials[1:2], store), None]
    ablation.recorder.extend(trial_records(trials[1:2]))
    ablation._further = lambda: more.pop(0)
    first = ablation.next()
    assert isinstance(first, Trial)
    assert ablation.next() is Waiting  # what comes out of the first decides what follows
    ablation.failed(first, "no", "")
    second = ablation.next()
    assert isinstance(second, Trial)
    assert second.id == "ours-seed1"
    ablation.failed(second, "no", "")
    assert ablation.next() is Finished


def test_when_time_is_over_none_is_handed_out_and_one_at_work_is_stopped_and_left(
    trials: tuple[Trial, ...], store: Store, tmp_path: Path
) -> None:
    ablation, limit = _ablation(trials[1:], store, tmp_path / "run"), Until()
    ablation._limit = limit  # type: ignore[assignment]
    ours = ablation.next()
    assert isinstance(ours, Trial)
    report = NOW | {"stored": [ours.stages[0].fingerprint]}
    assert ablation.progressed(ours, report) is Stop.NO
    limit.closed = limit.up = True
    assert ablation.next() is Finished
    assert ablation.progressed(ours, report) is Stop.YES
    assert ablation.recorder.trial(ours.id).status == "pending"
    assert ablation.next() is Finished
