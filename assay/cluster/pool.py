"""Hand trials from a source to Ray Tune's workers, and tell the source what happens."""

from __future__ import annotations

import contextlib
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import ray
from ray import tune

from assay.cluster.deaths import told_apart
from assay.cluster.desk import Callback, Desk, InOrder, SourceSearcher
from assay.cluster.printed import printed_here, what_it_prints
from assay.cluster.quiet import quiet
from assay.cluster.reach import check_reach
from assay.cluster.relay import serve
from assay.cluster.session import session
from assay.cluster.slots import slots_of
from assay.cluster.watch import check_alive
from assay.config.cluster import ClusterConfig
from assay.config.errors import UserError, is_own_exit, raised_at
from assay.config.text.credentials import redacted
from assay.experiment.execution import TrialFailed
from assay.experiment.naming.fingerprint import source_digest
from assay.experiment.plain import PlainSource
from assay.experiment.source import Source
from assay.experiment.task import Task, Throttle, pause_between_reports, train_and_measure
from assay.experiment.trial import Trial
from assay.store.disk.scratch import scratch_folder
from assay.store.store import Store
from assay.studies import study_of
from assay.study import Study, StudyCode

__all__ = ["execute_trials"]

_LOG = logging.getLogger(__name__)


def _silent(text: str) -> None:
    """Nobody wants to know."""


def execute_trials(
    study: Study,
    source: Source[Trial],
    storage: str,
    cluster: ClusterConfig,
    *,
    gpu: bool,
    task: Task | None = None,
    address: str | None = None,
    doing: Callable[[str], None] = _silent,
) -> None:
    """Run trials until the source has no more.

    Args:
        study: whose trials these are.
        source: where trials come from and go to.
        storage: root of the store, the same for all workers.
        cluster: share of the machine for each trial.
        gpu: whether trials take the configured share of a GPU.
        task: what a worker does with a trial; trains and measures it by default.
        address: of a Ray cluster; this machine alone if None.
        doing: told what takes its time before the first trial reports, and after the last one.

    Raises:
        UserError: a trial does not fit on any machine, or no cluster answers.
    """
    root = storage if "://" in storage else str(Path(storage).expanduser().absolute())
    job = _Job(study.code, root, task or train_and_measure, os.getcwd(), source_digest(study.packages))
    plain = PlainSource(source)
    doing(f"connecting to the Ray cluster at {address}" if address else "starting Ray")
    with session(address, packages=study.packages):
        if address:
            doing("asking every machine for the storage")
            check_reach(root)
        doing("starting workers")
        if ray.util.client.ray.is_connected():
            serve(plain, partial(_tune_trials, job=job, cluster=cluster, gpu=gpu), _LOG.warning)
        else:
            _tune_trials(plain, _LOG.warning, job, cluster, gpu)
        doing("stopping workers")


@dataclass(frozen=True)
class _Job:
    """What is the same for all trials.

    Attributes:
        study: where it comes from.
        storage: root of the store.
        task: what to do with a trial.
        folder: where the driver is.
        code: hash of the driver's code.
    """

    study: StudyCode
    storage: str
    task: Task
    folder: str
    code: str


def _tune_trials(
    source: Source[Any], notice: Callable[[str], None], job: _Job, cluster: ClusterConfig, gpu: bool
) -> None:
    """`execute_trials` in a process that is itself a part of Ray."""
    most = cluster.max_concurrent or slots_of(_nodes(), cluster, gpu)
    resources = {"cpu": cluster.cpus} | ({"gpu": cluster.gpus_each} if gpu else {})
    desk = Desk(source, most, notice, printed=printed_here)
    work = tune.with_parameters(_work, job=job, pause_s=pause_between_reports(most))
    with quiet(), told_apart(), scratch_folder() as scratch, _errors_of(desk):
        tune.Tuner(
            tune.with_resources(work, resources),
            tune_config=tune.TuneConfig(
                search_alg=SourceSearcher(desk),
                scheduler=InOrder(),
                num_samples=-1,
                reuse_actors=True,
                trial_dirname_creator=lambda trial: trial.trial_id,
            ),
            run_config=tune.RunConfig(
                name="run",
                storage_path=str(scratch),
                verbose=0,
                progress_reporter=tune.CLIReporter(),  # silent; the one for notebooks puts an empty output there
                stop=desk.stop,
                callbacks=[Callback(desk, check_alive)],
            ),
        ).fit()


def _work(config: dict[str, Any], job: _Job, pause_s: float) -> None:
    """What runs in a worker. A trial that gives up is a result; only a dying worker is an error to Ray."""
    logging.getLogger("assay").setLevel(logging.ERROR)
    with what_it_prints(config["trial"].id) as printed:
        ended = _ended(config["trial"], job, pause_s)
    tune.report(ended | ({"printed": redacted(printed[0])} if printed[0] else {}))


def _ended(trial: Any, job: _Job, pause_s: float) -> dict[str, Any]:
    """Work on a trial, and say how that ended."""
    try:
        study = _take_place(job)
        import_module("torch._dynamo")  # the first step of an optimiser loads it: a second of start-up, not of training
        report = Throttle(lambda news: tune.report({"report": dict(news)}), pause_s)
        return {"outcome": job.task(study, trial.trial(study), Store(job.storage), report)}
    except (Exception, SystemExit) as error:  # a bug, a full disk or an exit must not take the other rows with it
        if isinstance(error, SystemExit) and not is_own_exit(error):  # Tune stops a trial so
            raise
        again = isinstance(error, OSError | UserError)  # not the trial's own: another time it may succeed
        told: dict[str, Any] = redacted({"failed": _reason(error), "traceback": traceback.format_exc()})
        return told | {"again": again}


def _reason(error: BaseException) -> str:
    """One line for the table."""
    if isinstance(error, TrialFailed | UserError):
        return str(error)
    first, _, _ = str(error).partition("\n")
    return f"{type(error).__name__}: {first}{raised_at(error)}"


def _take_place(job: _Job) -> Study:
    """Where relative paths mean what the driver means, with the code under whose name results will be stored.

    Raises:
        UserError: the code is not the driver's: it was edited between the driver's start and Ray's.
    """
    if os.path.isdir(job.folder):
        os.chdir(job.folder)
    study = study_of(job.study)
    if source_digest(study.packages) != job.code:
        raise UserError("the code was changed while the run began: give the same command again")
    return study


@contextlib.contextmanager
def _errors_of(desk: Desk) -> Iterator[None]:
    """What the source raised, as it raised it."""
    try:
        yield
    except Exception:
        if desk.error:
            raise desk.error from None
        raise


def _nodes() -> list[dict[str, float]]:
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]
