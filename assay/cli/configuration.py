"""From the words of a command to a configuration that is checked whole, data and device included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assay.config.changes import apply
from assay.config.compose import GROUPS, compose
from assay.config.errors import UserError
from smfnet.config.root import Config

__all__ = ["configuration"]

_DEFAULTS = {"preset": "quick", "profile": "paper"}


def configuration(
    overrides: Sequence[str], address: str | None = None, parts: Sequence[str] = ("train", "val", "test")
) -> tuple[Config, dict[str, str]]:
    """Compose, resolve `train.device=auto` and ranges in percentiles, and check the data set, before anything starts.

    Args:
        overrides: `key=value`; `base=FILE` names a YAML file of values.
        address: of a Ray cluster, whose GPUs then count instead of this machine's.
        parts: of the data set, whose images are looked at.

    Returns:
        The configuration, and the chosen presets by group.

    Raises:
        UserError: anything is wrong with any of it.
    """
    from assay.training.precision import device_of
    from smfnet.data import check, ranges_in_values

    files = [word.removeprefix("base=") for word in overrides if word.startswith("base=")]
    rest = [word for word in overrides if not word.startswith("base=")]
    config = compose(rest, base=Path(files[-1]) if files else None)
    if address and config.train.device != "cpu":
        device = _device_there(address, config.train.device)
    else:
        device = device_of(config.train).type
    config = apply(config, {"train.device": device})
    check(config.data, parts)
    config = apply(config, ranges_in_values(config.data))
    chosen = {word.split("=")[0]: word.split("=", 1)[1] for word in rest if word.split("=")[0] in GROUPS}
    return config, _DEFAULTS | chosen


def _device_there(address: str, wanted: str) -> str:
    """What a cluster offers: its nodes train, not this machine."""
    from assay.cluster import cluster_device

    device = cluster_device(address)
    if wanted == "cuda" and device != "cuda":
        raise UserError(f"train.device=cuda, but no node of the cluster at {address} has a GPU: use cpu or auto")
    return device
