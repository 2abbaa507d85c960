"""Lists of names and what is known of each, in a pipe and in terminals of any width."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from assay.console.listing import Line, print_listing

_LINES = (
    Line(
        (("no_intensity_semantic",), "w/o the intensity and the semantic loss", ("loss.gram.weight=0", "loss.b=[1, 2]"))
    ),
    Line((("世界" * 3,), "Ours", ("none",)), dim=True),
)
_COPIED = [part for line in _LINES for cell in line.cells if isinstance(cell, tuple) for part in cell]


def _printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_listing(Text("Table 5 (table5)"), ("row", "title", "changes to the base"), _LINES)
    return [Text.from_ansi(line).plain.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_whole_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    title, head, first, second = _printed(capsys)
    assert title == "Table 5 (table5)"
    assert head.split() == ["row", "title", "changes", "to", "the", "base"]
    assert first.split("  ") == ["no_intensity_semantic", _LINES[0].cells[1], "loss.gram.weight=0 loss.b=[1, 2]"]
    assert second.split()[0] == "世界" * 3


@pytest.mark.parametrize("width", [12, 24, 40, 60, 80, 100, 200])
def test_what_is_copied_is_whole_at_any_width_of_a_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Console, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")  # a dumb one has 80
    lines = _printed(capsys)
    for part in _COPIED:
        assert sum(part in line for line in lines) == 1, (part, lines)
    words = " ".join(lines).split()
    assert all(word in words for word in str(_LINES[0].cells[1]).split())
    most = max(len(part) for part in (*_COPIED, "changes to the base:")) + 4  # an indent
    assert all(Text(line).cell_len <= max(width, most) for line in lines)
