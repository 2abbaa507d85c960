"""The frozen readers of an ablation: networks of a segmentation run, found by its folder and loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from torch import nn

from assay.config.errors import UserError
from assay.config.folders import expanded
from assay.runs import Run
from smfnet.config.test_step import MetricsConfig
from smfnet.data.folder import FilePair
from smfnet.data.sources import look
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.segmentation.pictures import labelled_in
from smfnet.tasks.segmentation.study import SegmentationStudy
from smfnet.tasks.stacked import TRAIN

__all__ = ["Reader", "learned_from", "readers_of", "reading_values", "seen_in"]


@dataclass(frozen=True)
class Reader:
    """A trained segmentation network.

    Attributes:
        network: in evaluation mode.
        images: what it learned from, and how it reads.
    """

    network: nn.Module
    images: ImagesConfig


def reading_values(metrics: MetricsConfig) -> dict[str, object]:
    """The values of the configuration that say by whole paths and names what reads, once that has been looked up.

    Raises:
        UserError: there is no such run, or none of the networks is trained.
    """
    run = _run_of(metrics)
    return {"metrics.readers": str(run.folder.resolve()), "metrics.read_by": list(_trials(metrics, run))}


def readers_of(metrics: MetricsConfig) -> tuple[Reader, ...]:
    """The networks that read, one for each seed.

    Raises:
        UserError: their run, or the weights of one of them, are not there.
    """
    run = _run_of(metrics)
    images = run.config(run.record.base_row).images
    return tuple(Reader(network, images) for network in _networks(str(run.folder), tuple(_trials(metrics, run))))


def learned_from(reader: Reader) -> set[bytes]:
    """What is in the pictures that a reader learned from, see `seen_in`; nothing if these are no longer at hand.

    Scenes without a label are none of them.
    """
    try:
        return {seen_in(scene) for scene, _ in labelled_in(reader.images, TRAIN).values()}
    except UserError:
        return set()


def seen_in(pair: FilePair) -> bytes:
    """A hash of the pixels of the visible image, however its file keeps them: readers learn from it alone."""
    return look(pair.vi).pixels


@lru_cache(maxsize=2)  # a name is that of all that decides the weights
def _networks(folder: str, names: tuple[str, ...]) -> tuple[nn.Module, ...]:
    run = Run(folder, SegmentationStudy())
    seeds = {trial.fingerprint: trial.seed for trial in run.record.trials if trial.row == run.record.base_row}
    return tuple(run.network(run.record.base_row, seeds[name]) for name in names)


def _run_of(metrics: MetricsConfig) -> Run:
    return Run(expanded("metrics.readers", metrics.readers or ""), SegmentationStudy())


def _trials(metrics: MetricsConfig, run: Run) -> list[str]:
    """Names of the trials whose networks read."""
    base = [trial for trial in run.record.trials if trial.row == run.record.base_row]
    finished = [trial.fingerprint for trial in base if trial.status == "finished"]
    if not finished:
        raise UserError(f"metrics.readers={metrics.readers}: no network is trained; give the run's command again")
    if missing := [name for name in metrics.read_by if name not in finished]:
        raise UserError(f"metrics.readers={metrics.readers} has no finished trial {missing[0]} (metrics.read_by)")
    return list(metrics.read_by) or finished
