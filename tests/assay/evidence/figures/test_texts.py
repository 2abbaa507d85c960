"""What a run's texts hold is drawn as it is: a pair of dollars is no formula, whatever it stands in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from assay.evidence import figures
from assay.evidence.figures.drawing import label
from assay.evidence.figures.search import search_figures
from assay.evidence.measurements import measurements
from assay.evidence.search_results import search_results
from assay.store.run.folder import RunFolder

FORMULA = r"$\frac{1}{$ $_"


def _formulas(figure: Figure) -> list[str]:
    """Texts of a figure that matplotlib would set as formulas and that hold what a user wrote."""
    found = [text for text in figure.findobj(Text) if isinstance(text, Text) and "frac" in text.get_text()]
    assert found
    return [text.get_text() for text in found if text._preprocess_math(text.get_text())[1] is not False]


@pytest.fixture
def hostile(make_run: Callable[..., RunFolder]) -> RunFolder:
    """A run whose titles, metrics, stages and terms each hold a formula that cannot be set."""
    run = make_run(rows=("ours", "no_graph"), seeds=2, images=4, pictures=True, baselines=False)
    record = run.record
    rows = tuple(replace(row, title=f"{row.title} {FORMULA}") for row in record.rows)
    columns = tuple(f"{name} {FORMULA}" for name in record.columns)
    run.write_record(replace(record, rows=rows, columns=columns))
    for trial in record.trials:
        results, curves = run.results(), run.curves()
        mine = results[(results["row"] == trial.row) & (results["seed"] == trial.seed)]
        lines = mine.assign(metric=mine["metric"].map(lambda name: f"{name} {FORMULA}" if "$" not in name else name))
        run.write_results(trial.id, lines.itertuples(index=False, name=None))
        drawn = curves[(curves["row"] == trial.row) & (curves["seed"] == trial.seed)]
        drawn = drawn.assign(stage=FORMULA, term=drawn["term"] + FORMULA)
        run.write_curves(trial.id, drawn.itertuples(index=False, name=None))
        path = run.folder / "proof" / f"{trial.id}.json"
        proof = json.loads(path.read_text())
        proof["terms"] = {FORMULA: {f"{term}{FORMULA}": share for term, share in proof["terms"]["stage1"].items()}}
        for name in ("parameters", "flops", "seconds_per_step"):
            proof[name] = {f"{key} {FORMULA}": value for key, value in proof[name].items()}
        run.write_proof(trial.id, proof)
    return run


def test_the_figures_of_an_ablation_set_no_formula(hostile: RunFolder) -> None:
    measured = measurements(hostile)
    drawn = [
        figures.forest(measured),
        figures.paired_rows(measured),
        figures.paired(measured, "no_graph"),
        figures.radar(measured),
        figures.resources(hostile.record, hostile.proofs()),
        figures.term_shares(hostile.record, hostile.proofs(), FORMULA),
        figures.training_curves(hostile.curves(), hostile.record, FORMULA),
        figures.gallery(hostile, "000"),
    ]
    for figure in drawn:
        assert _formulas(figure) == []
        figure.savefig(io.BytesIO(), format="png")


def test_the_figures_of_a_search_set_no_formula(search_folder: Path) -> None:
    record = json.loads((search_folder / "search.json").read_text())
    text = (search_folder / "trials.csv").read_text().replace("score", f"score{FORMULA}", 1)
    record["objectives"] = [f"score{FORMULA}"]
    for parameter in record["space"]:
        text = text.replace(parameter["name"], f"{parameter['name']}{FORMULA}", 1)
        parameter["name"] += FORMULA
    (search_folder / "trials.csv").write_text(text)
    importance = search_folder / "importance.csv"
    lines = importance.read_text().replace("score", f"score{FORMULA}")
    importance.write_text(lines.replace("alpha3", f"alpha3{FORMULA}").replace("beta1", f"beta1{FORMULA}"))
    (search_folder / "search.json").write_text(json.dumps(record))
    for name, figure in search_figures(search_results(search_folder)):
        figure.savefig(io.BytesIO(), format="png")
        if name not in ("curves", "pareto"):
            assert _formulas(figure) == [], name


def test_titles_are_no_programs_whatever_a_matplotlibrc_says(hostile: RunFolder) -> None:
    with matplotlib.rc_context({"text.usetex": True}):
        figure = figures.forest(measurements(hostile))
    assert not [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_usetex()]


@pytest.mark.parametrize("text", ["$a$", r"\$a$", "_hidden", "\x1b[31m", "a\nb"])
def test_a_label_is_the_text_itself(text: str) -> None:
    shown, formula = Text(0, 0, "")._preprocess_math(label(text))
    assert formula is False
    assert shown.strip() == text.replace("\n", " ").replace("\x1b", r"\x1b")
    assert not label(text).startswith("_")
