"""The paper's Tables 1 and 4, by the names that methods and data sets have here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from smfnet.folders import published_folder

__all__ = ["TITLE", "printed_numbers"]

TITLE = "the paper's numbers"
_ALSO = {"smfnet": "ours"}  # what the paper calls its own method
_OF_TABLE_4 = "Harvard MRI and PET"


def printed_numbers(groups: Iterable[str], methods: Iterable[str]) -> Mapping[tuple[str, str, str], float]:
    """(data set, method, metric) -> the printed number; of methods the case does not count.

    Raises:
        UserError: the printed tables are not there.
    """
    rows = {(group, str(line["method"]).casefold()): line for group, line in _lines()}
    numbers: dict[tuple[str, str, str], float] = {}
    for group in groups:
        for method in methods:
            key = _ALSO.get(method.casefold(), method.casefold())
            line = rows.get((group, key), {})
            numbers |= {(group, method, str(name)): value for name, value in line.items() if isinstance(value, float)}
    return numbers


def _lines() -> Iterator[tuple[str, Mapping[object, object]]]:
    for line in pd.read_csv(published_folder() / "table1.csv").to_dict("records"):
        yield str(line["dataset"]), line
    for line in pd.read_csv(published_folder() / "table4.csv").to_dict("records"):
        yield _OF_TABLE_4, line
