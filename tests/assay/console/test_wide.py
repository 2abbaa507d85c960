"""Tables in a pipe."""

from __future__ import annotations

import pytest
from rich.table import Table

from assay.console.wide import print_table


def test_no_word_is_broken_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    table = Table(box=None)
    words = [f"a.rather.long.path.{number}=true" for number in range(10)]
    for place in range(2):
        table.add_column(str(place), overflow="fold")
    table.add_row(" ".join(words[:5]), " ".join(words[5:]))
    print_table(table)
    head, line = capsys.readouterr().out.splitlines()
    assert line.split() == words
    assert head.split() == ["0", "1"]
