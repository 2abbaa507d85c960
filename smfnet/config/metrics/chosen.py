"""Metrics that a user names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assay.config.errors import UserError, unknown
from smfnet.config.metrics import EVERY_METRIC, METRICS

__all__ = ["chosen_metrics"]


def chosen_metrics(asked: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names of the metrics that are meant, each once, in the order in which they are named.

    Args:
        asked: names, in any case, as a list or with commas; `all`; None for those of the paper's tables.

    Raises:
        UserError: there is no such metric, or none is named.
    """
    if asked is None:
        return tuple(METRICS)
    if not isinstance(asked, Iterable):
        raise UserError(f"metrics: expected names; got {asked!r}")
    words = [str(word).strip() for word in (asked.split(",") if isinstance(asked, str) else asked)]
    if [word.lower() for word in words] == ["all"]:
        return tuple(EVERY_METRIC)
    known = {name.lower().replace("-", "_"): name for name in EVERY_METRIC}
    found = [known.get(word.lower().replace("-", "_")) for word in words]
    for word, name in zip(words, found, strict=True):
        if name is None:
            raise unknown("metric", word, [*EVERY_METRIC, "all"])
    if not found:
        raise UserError(f"metrics: expected all, or some of {', '.join(EVERY_METRIC)}; got none")
    return tuple(dict.fromkeys(name for name in found if name))
