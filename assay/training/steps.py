"""How many steps an epoch has."""

from __future__ import annotations

__all__ = ["steps_per_epoch"]


def steps_per_epoch(patches: int, batch: int, most: int | None) -> int:
    """Batches of one epoch: every patch once, the last batch as small as it comes.

    Args:
        patches: to train on.
        batch: patches in a batch.
        most: where an epoch is cut short, if it has so many; None: nowhere.
    """
    whole = -(-patches // batch)
    return whole if most is None else min(whole, most)
