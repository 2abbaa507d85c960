"""Whatever a title holds, it is the same text in every format, and means nothing else there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from assay.config.errors import one_line
from assay.evidence.tables import latex, markdown
from assay.evidence.tables.render import csv as csv_of
from assay.evidence.tables.render import terminal
from assay.evidence.tables.table import Table, ablation_table
from assay.experiment.suite import load_suite
from assay.store.run.folder import RowRecord, RunFolder

TITLES = [
    "[A] w/o Gram loss",
    "* w/o semantic loss",
    r"w/o A_1 & B_2 (50%) #1 $x^2$ <i>|pipe|</i> `q` [red]bold[/red] \\ ~ {}",
    "=1+1",
    "# not a heading",
    "- not a list",
    "1. nor this",
    "&lt; &amp;",
    "~~kept~~ __bold__ ![](x) <https://a.b>",
    "\x1b[31mred\x1b[0m\u202e\nsecond line",
]
_SPECIAL = re.compile(r"[\\{}$&#^_%~|<>]")
_MEANT = re.compile(
    r"\\text(?:backslash|asciitilde|asciicircum|bar)\{\}|\\[&%$#_{}]|\$[<>]\$|\$\\pm\$|\$-\$|\$\^\{\\\w+\}\$|\$\\\w+\$"
    r"|\{[\[\]*]\}|-\{\}-"
)


def _table(make_run: Callable[..., RunFolder], titles: list[str]) -> Table:
    """A table of a run with these titles, as it is read from its folder."""
    run = make_run(rows=("ours",), seeds=1, images=3, baselines=False)
    record = run.record
    rows = [RowRecord(f"row{place}", title) for place, title in enumerate(titles)]
    run.write_record(replace(record, rows=(*rows, *record.rows), trials=record.trials, note=titles[-1]))
    return ablation_table(run)


@pytest.fixture
def table(make_run: Callable[..., RunFolder]) -> Table:
    return _table(make_run, TITLES)


def test_markdown_shows_the_titles_and_nothing_is_rendered(table: Table) -> None:
    page = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown.markdown(table))
    inline = [token for token in page if token.type == "inline"]
    assert len([token for token in page if token.type == "table_open"]) == 1
    firsts = [_plain(token) for token in inline]
    for title in TITLES:
        assert any(text.startswith(f"{' '.join(one_line(title).split())} [pending]") for text in firsts), title
    kinds = {child.type for token in inline for child in token.children or ()}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close", "em_open", "em_close"}
    assert not {"heading_open", "html_block", "fence", "code_block", "ordered_list_open"} & {t.type for t in page}


def _plain(token: object) -> str:
    return "".join(child.content for child in token.children)  # type: ignore[attr-defined]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_itself_in_markdown(text: str) -> None:
    shown = " ".join(one_line(text).split())
    page = MarkdownIt("gfm-like", {"linkify": False}).parse(f"- {markdown.escape(text)}\n")
    inline = [token for token in page if token.type == "inline"]
    assert " ".join(_plain(token) for token in inline).strip() == shown
    assert {token.type for token in page} <= {
        *("bullet_list_open", "list_item_open", "paragraph_open", "inline"),
        *("bullet_list_close", "list_item_close", "paragraph_close"),
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_text_has_a_meaning_to_latex(text: str) -> None:
    escaped = latex.escape(text)
    rest = _MEANT.sub("", escaped)
    assert not _SPECIAL.search(rest)
    assert not re.search(r"[\[\]*]", rest)
    assert "\n" not in escaped
    assert "--" not in escaped.replace("–", "") or "–" in text


def test_no_line_of_a_latex_table_begins_with_what_the_line_before_would_take(table: Table) -> None:
    text = latex.latex(table)
    lines = text.splitlines()
    after = [line for before, line in pairwise(lines) if before.endswith(("\\\\", "rule"))]
    assert len(after) > len(TITLES)
    assert not [line for line in after if line.lstrip().startswith(("[", "*", "("))]
    assert any(line.startswith("{[}A{]} w/o Gram loss") for line in lines)
    assert any(line.startswith("{*} w/o semantic loss") for line in lines)


def test_the_csv_holds_no_formula(table: Table) -> None:
    for layout in ("wide", "tidy"):
        cells = list(csv.DictReader(io.StringIO(csv_of(table, layout))))
        titles = {line["title"] for line in cells}
        assert {"'=1+1", "'- not a list", "# not a heading"} <= titles
        assert not [title for title in titles if title.startswith(tuple("=+-@"))]
        assert float(cells[-1]["n_images"] or 3) == 3


def test_the_terminal_shows_markup_as_text_and_obeys_no_sequence(table: Table) -> None:
    console = Console(width=200, file=io.StringIO(), force_terminal=False)
    console.print(terminal(replace(table, title="[bold]title[/bold]"), 200))
    text = console.file.getvalue()
    assert "[bold]title[/bold]" in text
    assert "[A] w/o Gram loss" in text
    assert "\x1b" not in text
    assert "\\x1b[31mred" in text
    assert "\u202e" not in text


@pytest.mark.shared
@pytest.mark.parametrize("name", ["bracket", "latex"])
def test_the_titles_of_the_suites_that_failed(make_run: Callable[..., RunFolder], shared: Path, name: str) -> None:
    suite = load_suite(str(shared / "cases" / "suite" / f"{name}.yaml"))
    table = _table(make_run, [variant.title for variant in suite.variants])
    lines = latex.latex(table).splitlines()
    if name == "bracket":
        assert any(line.startswith("{[}A{]} w/o Gram loss") for line in lines)
        assert any(line.startswith("{*} w/o semantic loss") for line in lines)
    else:
        title = r"w/o A\_1 \& B\_2 (50\%) \#1 \$x\textasciicircum{}2\$ $<$i$>$\textbar{}pipe\textbar{}$<$/i$>$ `q`"
        assert any(line.startswith(title) for line in lines)
    console = Console(width=200, file=io.StringIO(), force_terminal=False)
    console.print(terminal(table, 200))
    for variant in suite.variants:
        assert " ".join(variant.title.split()[:2]) in console.file.getvalue()
