"""Figures of designs show the numbers that they are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from assay.design.cells import every, pairs
from assay.design.design import Design, Kind, Part
from assay.evidence import figures
from assay.evidence.figures.drawing import missing
from assay.evidence.measurements import Measurements, measurements
from assay.evidence.statistics.parts.contrasts import Contrasts, contrasts_of
from tests.synthetic_runs import write_designed_run

PARTS = (Part("no_graph", "graph"), Part("no_skip", "skip"), Part("no_tail", "tail"), Part("no_$x$", "$x$"))


def _design(kind: Kind, parts: int = 3, *, fraction: bool = False) -> Design:
    cells = pairs(parts) if kind == "pairs" else every(parts)
    cells = [cell for cell in cells if not fraction or sum(cell) % 2 == parts % 2]
    return Design(kind, PARTS[:parts], {f"row{''.join(map(str, cell))}": cell for cell in cells})


def _read(folder: Path, design: Design) -> tuple[Contrasts, Measurements]:
    measured = measurements(write_designed_run(folder, design))
    contrasts = contrasts_of(measured)
    assert contrasts is not None
    return contrasts, measured


def _texts(figure: Figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_effects_are_marked_with_their_intervals(tmp_path: Path) -> None:
    contrasts, measured = _read(tmp_path, _design("factorial"))
    figure = figures.part_effects(contrasts, measured)
    for ax, metric in zip(figure.axes, ("EN", "SD"), strict=True):
        points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() in "^vo"]
        assert points == contrasts.of("part", metric)["estimate"].tolist()
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["graph", "skip", "tail"]
    assert "n = 5 seeds × 6 images" in figure.get_suptitle()


def test_interactions_are_a_heat_map_with_intervals_and_words(tmp_path: Path) -> None:
    contrasts, measured = _read(tmp_path, _design("pairs"))
    figure = figures.interactions(contrasts, measured)
    line = contrasts.of("interaction", "EN").iloc[0]
    first = _texts(figure)[0].replace("\N{MINUS SIGN}", "-")
    assert first == f"{line['estimate']:+.4f} ▲\n{line['low']:+.4f} to {line['high']:+.4f}"
    cells = figure.axes[0].collections[0].get_array()
    assert np.ma.count(cells) == 3
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["B skip", "C tail"]


def test_interactions_that_no_data_tell_apart_say_so(tmp_path: Path) -> None:
    contrasts, measured = _read(tmp_path, _design("factorial", 4, fraction=True))
    texts = _texts(figures.interactions(contrasts, measured))[:6]
    assert sum("= C×D" in text for text in texts) == 1
    assert len({text.split("\n")[0] for text in texts}) == 3


def test_in_a_fraction_of_resolution_three_pairs_are_parts(tmp_path: Path) -> None:
    contrasts, measured = _read(tmp_path, _design("factorial", 3, fraction=True))
    figure = figures.interactions(contrasts, measured)
    assert missing(figure).startswith("In this fraction")


def test_shares_lead_from_the_row_without_the_parts_to_the_base(tmp_path: Path) -> None:
    contrasts, measured = _read(tmp_path, _design("shapley"))
    figure = figures.part_shares(contrasts, measured)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [
        *("without these parts", "graph", "skip", "tail", "row111"),
    ]
    bars = figure.axes[0].patches
    shares = contrasts.of("part", "EN")["estimate"].to_numpy()
    np.testing.assert_allclose([bar.get_width() for bar in bars], shares)
    ends = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"]
    means = [measured.cube(row, "EN").to_numpy().mean() for row in ("row000", "row111")]
    np.testing.assert_allclose(ends, means)
    assert bars[0].get_x() == pytest.approx(means[0])


def test_a_design_without_interactions_has_none_to_draw(tmp_path: Path) -> None:
    assert missing(figures.interactions(*_read(tmp_path, _design("shapley")))).startswith("This design tells no")


@pytest.mark.parametrize("kind", ["factorial", "shapley"])
def test_where_no_seed_is_in_all_rows_a_sentence_says_so(tmp_path: Path, kind: Kind) -> None:
    run = write_designed_run(tmp_path, _design(kind))
    for path in (tmp_path / "results").glob("row000*"):
        path.unlink()
    measured = measurements(run)
    contrasts = contrasts_of(measured)
    assert contrasts is not None
    drawn = [figures.part_shares] if kind == "shapley" else [figures.part_effects, figures.interactions]
    assert all(missing(figure(contrasts, measured)).startswith("No seed has finished") for figure in drawn)
