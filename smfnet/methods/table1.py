"""The paper's Table 1, by the names that methods and data sets have here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from smfnet.folders import published_folder

__all__ = ["TITLE", "printed_numbers"]

TITLE = "the paper's Table 1"
_ALSO = {"smfnet": "ours"}  # what the paper calls its own method


def printed_numbers(groups: Iterable[str], methods: Iterable[str]) -> Mapping[tuple[str, str, str], float]:
    """(data set, method, metric) -> the printed number; of methods the case does not count.

    Raises:
        UserError: the printed tables are not there.
    """
    table = pd.read_csv(published_folder() / "table1.csv")
    rows = {(line["dataset"], str(line["method"]).casefold()): line for line in table.to_dict("records")}
    numbers: dict[tuple[str, str, str], float] = {}
    for group in groups:
        for method in methods:
            key = _ALSO.get(method.casefold(), method.casefold())
            line = rows.get((group, key), {})
            numbers |= {(group, method, str(name)): value for name, value in line.items() if isinstance(value, float)}
    return numbers
