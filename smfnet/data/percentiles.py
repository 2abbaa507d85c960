"""A range given as percentiles, as the values that it means in a set of files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from assay.config.errors import UserError
from smfnet.config.value_range import ValueRange
from smfnet.data.images import decoded, values_of

__all__ = ["in_values"]


def in_values(wanted: ValueRange | None, files: Iterable[Path], key: str) -> ValueRange | None:
    """A range in values of the files: what is given as such as it is, percentiles as the values that they are.

    Args:
        wanted: a range, or none.
        files: images of 8, or all of 16 bits a pixel, whose values are taken together; colour channels too.
        key: how the user gives the range, for messages.

    Raises:
        UserError: a file cannot be read, files differ in depth or have no whole numbers, or both percentiles are equal.
    """
    if wanted is None or not wanted.percent:
        return wanted
    states = tuple((path, *_state(path)) for path in files)
    low, high = _percentiles((wanted.low, wanted.high), states, key)
    if low == high:
        raise UserError(f"{key}={wanted}: both percentiles of the {len(states)} images are {low}; give LOW:HIGH")
    return ValueRange(low, high)


def _state(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    return state.st_mtime_ns, state.st_size


@cache
def _percentiles(wanted: tuple[float, float], files: Sequence[tuple[Path, int, int]], key: str) -> tuple[int, int]:
    """The least values that at least so many percent of all values do not exceed."""
    paths = [path for path, *_ in files]
    total = np.zeros(2**16, np.int64)
    first = None
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (deep, counts) in zip(paths, pool.map(lambda path: _histogram(path, key), paths), strict=True):
            first = first or (path, deep)
            if deep != first[1]:
                raise UserError(f"{key}: percentiles need files of one depth; {first[0]} and {path} have 8 and 16 bits")
            total[: len(counts)] += counts
    sums = np.cumsum(total)
    low, high = (int(np.searchsorted(sums, max(share / 100 * sums[-1], 1))) for share in wanted)
    return low, high


def _histogram(path: Path, key: str) -> tuple[bool, np.ndarray]:
    """Whether the file has 16 bits, and how often each value occurs."""
    deep, values = decoded(path, lambda image, deep: (deep, values_of(image)), any_white=True)
    if values.dtype not in (np.uint8, np.uint16) or (deep and values.dtype == np.uint8):
        raise UserError(
            f"{key}: percentiles need values of 8 bits, or grey ones of 16; {path} has others, give LOW:HIGH"
        )
    return deep, np.bincount(values.ravel(), minlength=2**16 if deep else 2**8)
