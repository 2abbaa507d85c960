"""From the words of a command to a configuration that is checked whole, data and device included."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.study import TEST, TRAIN, VAL, Study
from assay.track.known import check_trackers

__all__ = ["configuration"]


def configuration(
    study: Study,
    overrides: Sequence[str],
    address: str | None = None,
    splits: Sequence[str] = (TRAIN, VAL, TEST),
) -> tuple[Any, dict[str, str]]:
    """Compose, choose the device where it is `auto`, and have the study look at its data, before anything starts.

    Args:
        study: whose configuration it is.
        overrides: `key=value`; `base=FILE` names a YAML file of values.
        address: of a Ray cluster, whose GPUs then count instead of this machine's.
        splits: of the data, that are looked at.

    Returns:
        The configuration, and the chosen presets by group.

    Raises:
        UserError: anything is wrong with any of it, or no cluster answers at the address.
    """
    files = [word.removeprefix("base=") for word in overrides if word.startswith("base=")]
    rest = [word for word in overrides if not word.startswith("base=")]
    config = study.schema.compose(rest, base=Path(files[-1]) if files else None)
    check_trackers(config.track)
    if address:  # whatever trains where, a run that cannot begin leaves nothing behind
        from assay.cluster import check_answers

        check_answers(address)
    config = _with_share(study, study.prepared(_on_device(study, config, address), splits))
    return config, study.schema.chosen(rest)


def _on_device(study: Study, config: Any, address: str | None) -> Any:
    """The configuration with the device that `auto` means here, or on the cluster."""
    from assay.training.precision import device_here

    if study.device is None:
        return config
    wanted = study.device_of(config)
    there = address and wanted != "cpu"
    device = _device_there(study, str(address), wanted) if there else device_here(study.device, wanted)
    return apply(config, {study.device: device})


def _with_share(study: Study, config: Any) -> Any:
    """The configuration with a number for `cluster.gpus` where that was left open; says what was found by trying."""
    from assay.launch.request.gpu_share import proposed

    share = proposed(study, config)
    if share is None:
        return config
    sys.stderr.write(f"{share.line}\n")
    return apply(config, {"cluster.gpus": share.gpus})


def _device_there(study: Study, address: str, wanted: str) -> str:
    """What a cluster offers: its nodes train, not this machine."""
    from assay.cluster import cluster_device

    device = cluster_device(address)
    if wanted == "cuda" and device != "cuda":
        raise UserError(f"{study.device}=cuda, but no node of the cluster at {address} has a GPU: use cpu or auto")
    return device
