"""Values that are the same where they cannot be: trainings that do not heed their seed, changes that change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

__all__ = ["Alarms", "same_values"]

Alarms = Mapping[str, Sequence[tuple[str, tuple[int, ...]]]]

_FEW = 5  # numbers of a training; so few can be equal by chance, if they are coarse: then all seeds must agree


def same_values(values: pd.DataFrame, rows: Sequence[str], base: str) -> Alarms:
    """Row -> what is wrong with it, and under which seeds.

    Two trainings are the same if every value of every metric is.

    Args:
        values: columns row, seed, image, metric, value; of samples that all rows have.
        rows: the trained ones, in order.
        base: that they are compared with.
    """
    wide = values.pivot(index=["row", "seed"], columns=["metric", "image"], values="value") + 0.0  # no minus zero
    few = len(wide.columns) < _FEW
    keys: dict[str, dict[int, bytes]] = {}
    for (row, seed), numbers in zip(wide.index, wide.to_numpy(), strict=True):
        keys.setdefault(str(row), {})[int(seed)] = numbers.tobytes()
    found = {row: [*_same_seeds(keys.get(row, {}), few=few)] for row in rows}
    for row in (each for each in rows if each != base):
        found[row] += _same_as(base, keys.get(row, {}), keys.get(base, {}), few=few)
    return {row: alarms for row, alarms in found.items() if alarms}


def _same_seeds(trainings: Mapping[int, bytes], *, few: bool) -> Iterator[tuple[str, tuple[int, ...]]]:
    seeds: dict[bytes, list[int]] = {}
    for seed, key in sorted(trainings.items()):
        seeds.setdefault(key, []).append(seed)
    largest = max(seeds.values(), key=len, default=[])
    if len(largest) > 1 and (not few or len(largest) == len(trainings)):
        cause = "it does not heed its seed, or nothing shows in what is measured"
        yield f"its seeds give the same values: {cause}; its noise is unknown", tuple(largest)


def _same_as(
    base: str, trainings: Mapping[int, bytes], others: Mapping[int, bytes], *, few: bool
) -> Iterator[tuple[str, tuple[int, ...]]]:
    shared = sorted(trainings.keys() & others.keys())
    same = tuple(seed for seed in shared if trainings[seed] == others[seed])
    if same and (not few or len(same) == len(shared)):
        yield f"its values equal those of {base} under the same seed: its change changed nothing that is measured", same
