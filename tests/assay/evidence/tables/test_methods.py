"""Tables of methods: marks where something is resolved, words, what is in print, in every format."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from assay.config.errors import UserError
from assay.evidence.figures.methods import write_methods_figure
from assay.evidence.tables.methods import (
    MethodsTable,
    methods_latex,
    methods_markdown,
    methods_table,
    methods_terminal,
    printed_beside,
)
from assay.metric import SMALLER, Metric

METRICS = (Metric("EN", margin=0.05, decimals=3), Metric("MSE", SMALLER, decimals=2))
HEADINGS = ["method", "EN ↑", "MSE ↓"]


def _values(group: str, n: int, shift: float) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    scenes = rng.normal(7, 1, size=n)
    of = {"A_1": scenes, "B [x]": scenes + shift + 0.01 * rng.normal(size=n), "C": scenes + 0.01 * rng.normal(size=n)}
    lines = [
        (group, method, f"{place}", metric, value)
        for metric in ("EN", "MSE")
        for method, values in of.items()
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(lines, columns=["group", "method", "sample", "metric", "value"])


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return pd.concat([_values("TNO", 20, 0.5), _values("Road & scene", 12, 0.0)], ignore_index=True)


@pytest.fixture(scope="module")
def table(values: pd.DataFrame) -> MethodsTable:
    numbers = {("TNO", "A_1", "EN"): 7.0, ("TNO", "A_1", "MSE"): float("nan")}
    printed = printed_beside("table 1", values, METRICS, numbers, {"TNO": 25})
    return methods_table(values, METRICS, "A_1", printed=printed, notes=["C lacks 1."])


def test_best_and_second_are_marked_by_direction_and_only_where_something_is_resolved(table: MethodsTable) -> None:
    assert [table.cell("TNO", name, "EN")["mark"] for name in table.methods("TNO")][1] == "best"
    assert sorted(table.cell("TNO", name, "MSE")["mark"] for name in table.methods("TNO")) == ["", "best", "second"]
    assert table.cell("TNO", "B [x]", "MSE")["mark"] == ""
    assert set(table.data.loc[table.data["group"] == "Road & scene", "mark"]) == {""}
    assert any("marked in the 2 of 4 columns where a difference to A_1 is resolved" in note for note in table.notes)


def test_without_a_method_to_be_held_against_all_pairs_decide_where_marks_are(values: pd.DataFrame) -> None:
    table = methods_table(values, METRICS)
    assert set(table.data["verdict"]) == {""}
    assert set(table.data.loc[table.data["mark"] != "", "group"]) == {"TNO"}
    nothing = methods_table(values[values["group"] != "TNO"], METRICS)
    assert set(nothing.data["mark"]) == {""}
    assert any("not marked" in note for note in nothing.notes)


def test_words_are_those_of_the_named_method(table: MethodsTable) -> None:
    words = {name: table.cell("TNO", name, "EN")["verdict"] for name in table.methods("TNO")}
    assert words == {"A_1": "", "B [x]": "better", "C": "equivalent"}
    assert table.cell("TNO", "B [x]", "MSE")["verdict"] == "worse"


def test_an_unknown_method_names_the_closest(values: pd.DataFrame) -> None:
    with pytest.raises(UserError, match=r"unknown method 'A_2'\. Did you mean A_1"):
        methods_table(values, METRICS, "A_2")


def test_markdown_has_a_table_for_each_set_and_one_for_what_is_in_print(table: MethodsTable) -> None:
    html = MarkdownIt("commonmark").enable("table").render(methods_markdown(table))
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)]
    assert [len(row) for row in rows] == [3] * 8 + [2] * 4
    assert rows[0] == HEADINGS
    mean = table.cell("TNO", "B [x]", "EN")["mean"]
    assert rows[2] == ["B [x]", f"<strong>{mean:.3f}</strong> ▲", f"{table.cell('TNO', 'B [x]', 'MSE')['mean']:.2f} ▼"]
    assert rows[9][0] == "A_1, here (20)"
    assert rows[10] == ["in print", "7.000"]
    apart = 100 * (table.cell("TNO", "A_1", "EN")["mean"] / 7 - 1)
    assert rows[11] == ["apart", f"{apart:+.2f} %".replace("-", "\N{MINUS SIGN}")]
    assert "<li>C lacks 1.</li>" in html


def test_what_differs_from_print_is_said(table: MethodsTable) -> None:
    assert table.printed is not None
    (note,) = table.printed.notes
    assert note.startswith("A_1, TNO: ")
    assert "over 20 images, in print 25" in note


def test_nothing_in_print_is_no_table(values: pd.DataFrame) -> None:
    assert printed_beside("t", values, METRICS, {}, {}) is None


def test_latex_has_a_block_for_each_set_and_no_name_means_anything(table: MethodsTable) -> None:
    text = methods_latex(table)
    lines = text.splitlines()
    assert text.count(r"\midrule") == 2
    assert any(line.startswith(r"\multicolumn{3}{l}{\emph{Road \& scene: mean over 12 images}}") for line in lines)
    assert any(line.startswith(r"B {[}x{]} & \textcolor{red}{") for line in lines)
    assert all(line.count(" & ") == 2 for line in lines if line.startswith(("A\\_1", "B {[}", "C &")))
    assert r"\quad\emph{in print} & 7.000 & " in text


@pytest.mark.parametrize("width", [40, 100, 200])
def test_the_terminal_shows_every_mean_however_narrow(table: MethodsTable, width: int) -> None:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(methods_terminal(table, width))
    out = console.file.getvalue()
    for group in table.groups:
        for name in table.methods(group):
            for metric in METRICS:
                assert table.text(group, name, metric)[0] in out


@pytest.mark.parametrize("against", ["A_1", None])
@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_the_figure_is_the_same_file_every_time(
    values: pd.DataFrame, tmp_path: Path, against: str | None, kind: str
) -> None:
    table = methods_table(values, METRICS, against)
    for name in ("one", "two"):
        write_methods_figure(table, values, tmp_path / name / f"f.{kind}")
    data = (tmp_path / "one" / f"f.{kind}").read_bytes()
    assert data == (tmp_path / "two" / f"f.{kind}").read_bytes()
    assert data.startswith({"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[kind])
