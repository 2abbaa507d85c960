"""The paper's tables of both tasks, whole at any width of a terminal."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from smfnet.folders import published_folder
from smfnet.tasks.printed import paper_table


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("name", ["table2", "table3"])
def test_every_method_and_number_is_whole_at_any_width(name: str, width: int) -> None:
    console = Console(width=width, record=True, file=StringIO())
    console.print(paper_table(name, "msrs", ()).terminal(width))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    printed = pd.read_csv(published_folder() / f"{name}.csv")
    for line in printed.itertuples(index=False):
        words = [each.split()[1:] for each in lines if each.split()[:1] == [line.method]]
        assert [word for part in words for word in part] == [f"{number:.3f}" for number in line[1:]]
    assert [name for name in printed.columns[1:] if name not in " ".join(lines).split()] == []


def test_a_table_of_another_data_set_says_so_first() -> None:
    other = "It is of M3FD, and the table above of MSRS: no number of it stands beside one there."
    assert paper_table("table2", "msrs", ("Else.",)).differs == (other, "Else.")
    assert paper_table("table2", "m3fd", ("Else.",)).differs == ("Else.",)
    assert "It is of MFNet, and the table above of MSRS" in paper_table("table3", "msrs", ()).markdown()
