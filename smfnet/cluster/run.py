"""Hand trials from a source to Ray Tune's workers, and tell the source what happens."""

from __future__ import annotations

import logging
import tempfile
import traceback
from collections.abc import Mapping
from typing import Any

import ray
from ray import tune
from ray.tune.experiment import Trial as TuneTrial
from ray.tune.search import Searcher

from smfnet.cluster.session import session
from smfnet.config.errors import UserError
from smfnet.config.root import ClusterConfig
from smfnet.experiment.run import TrialFailed
from smfnet.experiment.source import Finished, Source, Stop, Waiting
from smfnet.experiment.store import Store
from smfnet.experiment.task import Task, train_and_measure
from smfnet.experiment.trial import Trial

__all__ = ["run"]

RETRIES = 3  # of a trial whose worker or node died; it goes on from its last checkpoint


def run(
    source: Source,
    storage: str,
    cluster: ClusterConfig,
    *,
    gpu: bool,
    task: Task | None = None,
    address: str | None = None,
) -> None:
    """Run trials until the source has no more.

    Args:
        source: where trials come from and go to.
        storage: root of the store, the same for all workers.
        cluster: share of the machine for each trial.
        gpu: whether trials take the configured share of a GPU.
        task: what a worker does with a trial; trains and measures it by default.
        address: of a Ray cluster; this machine alone if None.
    """
    resources = {"cpu": cluster.cpus} | ({"gpu": cluster.gpus} if gpu else {})
    with session(address), tempfile.TemporaryDirectory(prefix="smfnet-tune-") as scratch:
        desk = _Desk(source)
        trainable = tune.with_parameters(_work, storage=storage, task=task or train_and_measure)
        tune.Tuner(
            tune.with_resources(trainable, resources),
            tune_config=tune.TuneConfig(
                search_alg=_Searcher(desk),
                num_samples=-1,
                max_concurrent_trials=cluster.max_concurrent or _slots(cluster, gpu),
                reuse_actors=True,
                trial_dirname_creator=lambda trial: trial.trial_id,
            ),
            run_config=tune.RunConfig(
                name="run",
                storage_path=scratch,
                verbose=0,
                stop=desk.stop,
                callbacks=[_Callback(desk)],
                failure_config=tune.FailureConfig(max_failures=RETRIES),
            ),
        ).fit()


def _work(config: dict[str, Any], storage: str, task: Task) -> None:
    """What runs in a worker. A trial that gives up is a result; only a dying worker is an error to Ray."""
    logging.getLogger("smfnet").setLevel(logging.ERROR)
    try:
        outcome = task(config["trial"], Store(storage), lambda report: tune.report(dict(report)))
        tune.report({"outcome": outcome})
    except (TrialFailed, UserError) as error:
        tune.report({"failed": str(error), "traceback": traceback.format_exc()})
    except Exception as error:  # a bug or a full disk must not take the other rows with it
        line = str(error).splitlines()[0] if str(error) else ""
        tune.report({"failed": f"{type(error).__name__}: {line}", "traceback": traceback.format_exc()})


class _Desk:
    """Between Tune and the source: knows which Tune trial is which trial of ours."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.running: dict[str, Trial] = {}

    def stop(self, trial_id: str, result: Mapping[str, Any]) -> bool:
        """Tune asks after every report whether to stop."""
        trial = self.running.get(trial_id)
        if trial is None or "progress" not in result:
            return False
        return self.source.progressed(trial, result) is Stop.YES

    def result(self, trial_id: str, result: Mapping[str, Any]) -> None:
        """The last report of a trial tells how it ended."""
        if "outcome" in result and (trial := self.running.pop(trial_id, None)):
            self.source.finished(trial, result["outcome"])
        if "failed" in result and (trial := self.running.pop(trial_id, None)):
            self.source.failed(trial, result["failed"], result["traceback"])

    def lost(self, trial_id: str, error: str) -> None:
        """The worker died more often than it may."""
        if trial := self.running.pop(trial_id, None):
            self.source.failed(trial, "its worker died; see the traceback", error)


class _Searcher(Searcher):
    """Tune's side of a source. Tune may ask as often as it likes; None means: not now."""

    def __init__(self, desk: _Desk) -> None:
        super().__init__()
        self._desk = desk

    def suggest(self, trial_id: str) -> Any:
        trial = self._desk.source.next()
        if trial is Finished:
            return Searcher.FINISHED
        if trial is Waiting:
            return None
        assert isinstance(trial, Trial)
        self._desk.running[trial_id] = trial
        return {"trial": trial}

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """The callback has told the source already."""

    def save(self, checkpoint_path: str) -> None:
        """The store is the memory; Tune needs none."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""


class _Callback(tune.Callback):
    """Tune's news, passed on."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def on_trial_result(
        self, iteration: int, trials: list[TuneTrial], trial: TuneTrial, result: dict[str, Any], **info: Any
    ) -> None:
        self._desk.result(trial.trial_id, result)

    def on_trial_error(self, iteration: int, trials: list[TuneTrial], trial: TuneTrial, **info: Any) -> None:
        self._desk.lost(trial.trial_id, str(trial.get_error() or "no traceback"))


def _slots(cluster: ClusterConfig, gpu: bool) -> int:
    """How many trials fit at once."""
    total = ray.cluster_resources()
    slots = total.get("CPU", 1) / cluster.cpus
    if gpu:
        slots = min(slots, total.get("GPU", 0) / cluster.gpus)
    if slots < 1:
        raise UserError(
            f"a trial asks for {cluster.cpus} CPU cores{f' and {cluster.gpus:g} GPUs' if gpu else ''}, "
            f"but there are {total.get('CPU', 0):g} cores and {total.get('GPU', 0):g} GPUs: "
            "give smaller cluster.cpus or cluster.gpus"
        )
    return int(slots)
