"""The frozen readers of an ablation: networks of a segmentation run, found by its folder and loaded once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from torch import nn

from assay.config.errors import UserError
from assay.config.folders import expanded
from assay.runs import Run
from smfnet.config.test_step import MetricsConfig
from smfnet.data.folder import FilePair
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.segmentation.study import SegmentationStudy
from smfnet.tasks.stacked import TRAIN, scenes_of

__all__ = ["Reader", "learned_from", "plain_digest", "readers_of", "reading_values"]


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


def learned_from(reader: Reader) -> set[str]:
    """Digests of the pairs that a reader learned from; none if these are no longer at hand."""
    try:
        return {plain_digest(pair) for pair in scenes_of(reader.images, TRAIN).values()}
    except UserError:
        return set()


def plain_digest(pair: FilePair) -> str:
    """Of the two files alone, whatever is black and white in them."""
    return replace(pair, ir_range=None, vi_range=None).digest()


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
