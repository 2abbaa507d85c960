"""What the table looks like as Markdown, CSV, LaTeX and in the terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from rich.console import Console

from assay.evidence import ablation_table, write_tables
from assay.evidence.tables.render import csv, latex, markdown, terminal
from assay.evidence.tables.table import Table
from assay.runs import Run
from assay.store.run.folder import RunFolder
from smfnet.config.metrics import METRICS
from tests.synthetic_runs import Plan, write_run

MakeRun = Callable[..., RunFolder]


@pytest.fixture(scope="module")
def table(whole_run: RunFolder) -> Table:
    return ablation_table(whole_run)


def _bars(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_markdown_is_rectangular_and_has_a_line_per_row(table: Table) -> None:
    bars = _bars(markdown(table))
    assert len({len(line) for line in bars}) == 1
    assert len(bars) == 2 + 8 + 1 + 1 + 2  # head, trained rows, noise floor, rule, training-free rows
    ours = next(line for line in bars if line[0] == "Ours")
    mean, spread = table.cell("ours", "EN")[["mean", "spread"]]
    assert ours[2].strip("*") == f"{mean:.4f} ± {spread:.4f}"
    assert ours[3] == "7.3909"


def test_markdown_shows_the_verdict_of_every_cell_and_none_of_the_base(table: Table) -> None:
    rows = {line[0]: line for line in _bars(markdown(table))}
    assert [rows["w/o GNN"][column][-1] for column in (2, 4, 6, 8)] == ["▼"] * 4
    assert all(rows["maximum of both"][column][-1] in "▲▼○" for column in (2, 4, 6, 8))
    assert not re.search("[▲▼○]", "".join(rows["Ours"]))
    assert "▲ better, ▼ worse, ○ not resolved" in markdown(table)


def test_the_noise_floor_is_a_row_of_its_own_in_every_format(table: Table) -> None:
    floor = f"{table.floor('SD'):.4f}"
    console = Console(width=100, file=io.StringIO(), force_terminal=False)
    console.print(terminal(table))
    assert f"± {table.floor('SD'):.2f}" in console.file.getvalue()
    line = next(line for line in _bars(markdown(table)) if "noise floor" in line[0])
    assert line[0] == "*noise floor: Ours trained again*"
    assert line[4] == f"± {floor}"
    assert rf"$\pm$ {floor}" in latex(table)
    read = pd.read_csv(io.StringIO(csv(table))).set_index("row")
    assert read.loc["noise_floor", "SD_high"] == -read.loc["noise_floor", "SD_low"] == table.floor("SD")


def test_wide_csv_keeps_all_digits(table: Table) -> None:
    read = pd.read_csv(io.StringIO(csv(table))).set_index("row")
    assert read.loc["no_graph", "SD_mean"] == table.cell("no_graph", "SD")["mean"]
    assert read.loc["ours", "SSIM_published"] == 0.9554
    assert read.loc["no_graph", "VIF_verdict"] == "worse"
    assert read.loc["no_graph", "VIF_low"] < read.loc["no_graph", "VIF_difference"] < read.loc["no_graph", "VIF_high"]
    assert read.index.is_unique


def test_tidy_csv_is_the_data(table: Table) -> None:
    read = pd.read_csv(io.StringIO(csv(table, "tidy")), keep_default_na=False)
    assert list(read.columns) == list(table.data.columns)
    assert len(read) == len(table.data)


@pytest.mark.parametrize(
    ("style", "best", "second"),
    [("colour", r"\textcolor{red}{", r"\textcolor{blue}{"), ("bold", r"\textbf{", r"\underline{")],
)
def test_latex_marks_one_best_and_one_second_per_metric(table: Table, style: str, best: str, second: str) -> None:
    text = latex(table, style)
    assert text.count(best) == text.count(second) == 4
    assert text.count("{") == text.count("}")
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    rows = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert {line.count("&") for line in rows} == {8}
    assert sum(line.count(r"$^{\downarrow}$") for line in rows) == 4


def test_latex_escapes_what_latex_would_read_as_a_command(make_run: MakeRun) -> None:
    run = make_run()
    rows = (replace(run.record.rows[0], title=r"50% of cc_G & {x} \ #1 ~ ^ $"), *run.record.rows[1:])
    run.write_record(replace(run.record, rows=rows))
    line = next(line for line in latex(ablation_table(run)).splitlines() if line.startswith("50"))
    assert line.startswith(r"50\% of cc\_G \& \{x\} \textbackslash{} \#1 \textasciitilde{} \textasciicircum{} \$ &")


def test_the_terminal_table_fits_into_100_columns(make_run: MakeRun) -> None:
    run = make_run(failed=["no_graph"], pending=["cai_to_inn"])
    run.write_record(replace(run.record, columns=("EN", "SD", "VIF", "SSIM", "Qabf")))
    console = Console(width=100, file=io.StringIO(), force_terminal=False)
    console.print(terminal(ablation_table(run)))
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= 100
    assert "[failed: the loss gram" in text
    assert "[pending]" in text
    assert "paper 7.391" in text
    assert "…" not in text


def test_the_files_are_written_beside_the_run(make_run: MakeRun) -> None:
    run = make_run(seeds=1)
    paths = write_tables(run)
    assert [path.name for path in paths] == ["table.md", "table.csv", "table.tex"]
    assert all(path.parent == run.folder for path in paths)
    assert "n/a" in paths[0].read_text()
    assert not list(run.folder.glob(".*"))


def test_a_run_without_published_rows_has_no_column_for_them(make_run: MakeRun) -> None:
    run = make_run()
    run.write_record(replace(run.record, rows=tuple(replace(row, published=None) for row in run.record.rows)))
    assert "paper" not in markdown(ablation_table(run)).lower()


@pytest.fixture(scope="module")
def with_margins(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Rows that equal the base up to noise, one that is worse; every metric but SSIM has a wide margin."""
    margins = {"EN": 0.3, "SD": 9.0, "VIF": 0.15}
    metrics = tuple(replace(metric, margin=margins.get(name)) for name, metric in METRICS.items())
    return write_run(tmp_path_factory.mktemp("margins") / "run", Plan(seeds=6, metrics=metrics))


def test_equivalent_is_a_word_in_every_format(with_margins: RunFolder) -> None:
    table, console = ablation_table(with_margins), Console(width=100, file=io.StringIO(), force_terminal=False)
    console.print(terminal(table))
    rows = {line[0]: line for line in _bars(markdown(table))}
    assert [rows["w/o two stage training"][column][-1] for column in (2, 4, 6, 8)] == ["≈", "≈", "≈", "○"]
    assert "▲ better, ▼ worse, ≈ equivalent, ○ not resolved" in markdown(table)
    assert "≈" in console.file.getvalue()
    assert r"$^{\approx}$" in latex(table)
    line = pd.read_csv(io.StringIO(csv(table))).set_index("row").loc["one_stage"]
    assert (line["EN_verdict"], line["SSIM_verdict"]) == ("equivalent", "not resolved")
    assert (line["EN_margin"], line["EN_bound"] < 0.3) == (0.3, True)
    assert line["EN_p_equal_adjusted"] < 0.05 < line["SSIM_p_adjusted"]
    assert Run(with_margins.folder).table("verdict").loc["one_stage", "EN"] == "equivalent"


def test_a_table_without_margins_has_no_mark_for_equivalence(table: Table) -> None:
    assert "≈" not in markdown(table) + latex(table)
    assert "No metric has a margin: nothing is called equivalent." in table.notes


def test_a_metric_that_is_not_in_print_has_no_column_for_it(make_run: MakeRun) -> None:
    run = make_run()
    run.write_record(replace(run.record, columns=("EN", "MI")))
    table = ablation_table(run)
    lines = markdown(table).splitlines()
    head, rule, ours = (next(line for line in lines if word in line) for word in ("| row |", "---:", "| Ours |"))
    assert [each.strip().split()[0] for each in head.strip("|").split("|")] == ["row", "seeds", "EN", "paper", "MI"]
    assert {line.count("|") for line in (head, rule, ours)} == {6}
    assert r"EN & \emph{paper} & MI \\" in latex(table)
