"""Figures show the numbers that they are made of, and say what they lack."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from IPython.core.pylabtools import print_figure
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from assay.evidence import figures
from assay.evidence.figures.drawing import VERDICT_STYLES, label, missing
from assay.evidence.measurements import Measurements, measurements
from assay.evidence.statistics.noise import noise_floor
from assay.evidence.statistics.verdict import verdicts_of
from assay.store.received.names import file_name, original_name
from assay.store.run.folder import RunFolder
from smfnet.config.metrics import METRICS


@pytest.fixture(scope="module")
def measured(whole_run: RunFolder) -> Measurements:
    return measurements(whole_run)


def _panels(figure: Figure) -> list[Axes]:
    return [ax for ax in figure.axes if ax.get_visible()]


def _title(figure: Figure) -> str:
    return figure.get_suptitle()


def test_a_forest_plot_marks_every_difference_with_its_interval_and_verdict(measured: Measurements) -> None:
    verdicts = verdicts_of(measured)
    for ax, metric in zip(_panels(figures.forest(measured)), measured.record.columns, strict=True):
        data = verdicts.data[verdicts.data["metric"] == metric]
        points = [line for line in ax.lines if line.get_marker() in "^vo"]
        assert [line.get_xdata()[0] for line in points] == list(data["difference"])
        assert [to_hex(line.get_color()).upper() for line in points] == [VERDICT_STYLES[v][0] for v in data["verdict"]]
        intervals = [tuple(line.get_xdata()) for line in ax.lines if line.get_linewidth() == 2]
        assert intervals == list(zip(data["low"], data["high"], strict=True))


def test_a_forest_plot_draws_the_margins_of_the_metrics_that_have_one(make_run: Callable[..., RunFolder]) -> None:
    margins = {"EN": 0.3, "SD": 9.0}
    metrics = tuple(replace(metric, margin=margins.get(name)) for name, metric in METRICS.items())
    figure = figures.forest(measurements(make_run(seeds=6, metrics=metrics)))
    for ax, metric in zip(_panels(figure), ("EN", "SD", "VIF", "SSIM"), strict=True):
        ends = sorted(line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":")
        assert ends == ([-margins[metric], margins[metric]] if metric in margins else [])
    words = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {"equivalent", "margin: a smaller difference is none"} <= words


def test_the_noise_floor_is_no_part_of_a_plot_of_paired_differences(measured: Measurements) -> None:
    assert all(not ax.patches for ax in _panels(figures.forest(measured)))


def test_every_training_is_drawn_beside_the_noise_floor_around_the_base(measured: Measurements) -> None:
    floors = noise_floor(measured).set_index("metric")["half_width"]
    for ax, metric in zip(_panels(figures.trainings(measured)), measured.record.columns, strict=True):
        (band,) = ax.patches
        middle = measured.cube("ours", metric).to_numpy().mean()
        assert [band.get_x(), band.get_width()] == pytest.approx([middle - floors[metric], 2 * floors[metric]])
        for dots, row in zip(ax.collections, measured.trained, strict=True):
            assert dots.get_offsets()[:, 0].tolist() == measured.cube(row.name, metric).mean(axis=1).tolist()
    assert "3 seeds, means over 12 images" in _title(figures.trainings(measured))


@pytest.mark.parametrize(
    ("fields", "bands"), [({"seeds": 1}, 0), ({"pending": ["ours"]}, 0), ({"rows": ["ours"], "seeds": 2}, 1)]
)
def test_trainings_are_drawn_without_a_band_where_the_noise_floor_is_unknown(
    make_run: Callable[..., RunFolder], fields: dict[str, object], bands: int
) -> None:
    axes = _panels(figures.trainings(measurements(make_run(**fields))))
    assert [len(ax.patches) for ax in axes] == [bands] * 4


def test_titles_state_n(measured: Measurements) -> None:
    assert "3 seeds × 12 images" in _title(figures.forest(measured))
    assert "12 images, means over 3 seeds" in _title(figures.paired_rows(measured))


def test_the_paired_plot_has_a_dot_per_image_at_its_mean_difference(
    measured: Measurements, whole_run: RunFolder
) -> None:
    values = whole_run.results().groupby(["row", "metric", "image"])["value"].mean()
    for ax, metric in zip(_panels(figures.paired_rows(measured)), measured.record.columns, strict=True):
        shown = [np.sort(dots.get_offsets()[:, 0]) for dots in ax.collections]
        for dots, row in zip(shown, measured.compared, strict=True):
            expected = values[row.name, metric] - values[measured.record.base_row, metric]
            np.testing.assert_allclose(dots, np.sort(expected), atol=1e-12)


def test_one_row_against_the_base_lies_on_the_diagonal_where_they_are_equal(measured: Measurements) -> None:
    figure = figures.paired(measured, "no_graph")
    ours, row = measured.cube("ours", "EN").mean(), measured.cube("no_graph", "EN").mean()
    np.testing.assert_allclose(_panels(figure)[0].collections[0].get_offsets(), np.stack([ours, row], axis=1))


def test_the_radar_shows_ratios_of_means(measured: Measurements, whole_run: RunFolder) -> None:
    means = whole_run.results().groupby(["row", "metric"])["value"].mean()
    for ax, row in zip(_panels(figures.radar(measured)), measured.compared, strict=True):
        circle, polygon = ax.lines
        assert set(circle.get_ydata()) == {1.0}
        expected = [means[row.name, metric] / means["ours", metric] for metric in measured.record.columns]
        np.testing.assert_allclose(polygon.get_ydata()[:-1], expected)


def test_the_radar_leaves_out_a_metric_whose_base_is_not_positive(measured: Measurements) -> None:
    values = measured.values.copy()
    values.loc[(values["row"] == "ours") & (values["metric"] == "VIF"), "value"] = -1.0
    figure = figures.radar(replace(measured, values=values))
    assert "without VIF" in _title(figure)
    assert [tick.get_text() for tick in _panels(figure)[0].get_xticklabels()] == ["EN", "SD", "SSIM"]


def test_curves_are_means_over_seeds_per_term(whole_run: RunFolder) -> None:
    curves = whole_run.curves()
    panels = _panels(figures.training_curves(curves, whole_run.record, "stage1"))
    assert [ax.get_title().split()[0] for ax in panels] == ["ssim", "gram", "semantic"]
    gram = curves[(curves["stage"] == "stage1") & (curves["term"] == "gram") & (curves["row"] == "ours")]
    expected = gram.groupby("epoch")["value"].mean()
    lines = [line for line in panels[1].lines if len(line.get_xdata()) == len(expected)]
    assert any(np.allclose(line.get_ydata(), expected) for line in lines)
    assert len(lines) == 8


def test_every_row_keeps_its_colour_in_every_stage(whole_run: RunFolder) -> None:
    curves = whole_run.curves()
    curves = curves[(curves["stage"] == "stage1") | (curves["row"] != "both_stages_ccg")]
    colours = []
    for stage in ("stage1", "stage2"):
        (legend,) = figures.training_curves(curves, whole_run.record, stage).legends
        colours.append({line.get_label(): line.get_color() for line in legend.get_lines()})
    assert len(colours[1]) == len(colours[0]) - 1
    assert colours[1].items() <= colours[0].items()


def test_shares_of_the_terms_are_given_in_percent(whole_run: RunFolder) -> None:
    value, gradient = _panels(figures.term_shares(whole_run.record, whole_run.proofs(), "stage1"))
    rows = [row.name for row in whole_run.record.rows if not row.baseline]
    shown = np.array([float(text.get_text()) for text in gradient.texts]).reshape(len(rows), 2)
    assert shown[rows.index("cai_to_inn")].tolist() == [50.0, 0.0]
    assert {text.get_text() for text in value.texts} == {"50.0"}


def test_resources_are_those_of_the_proofs(whole_run: RunFolder) -> None:
    minutes, paces, parameters, flops = _panels(figures.resources(whole_run.record, whole_run.proofs()))
    rows = [row.name for row in whole_run.record.rows if not row.baseline]
    proof = whole_run.proofs()["no_graph-seed0"]
    ends = [max(bar.get_x() + bar.get_width() for bar in bars if bar.get_width() > 0) for bars in _by_row(parameters)]
    assert ends[rows.index("no_graph")] == pytest.approx(sum(proof.parameters.values()) / 1e3)
    assert sorted({bar.get_width() for bar in flops.patches}) == pytest.approx([1.5, 2.0])
    assert sum(len(dots.get_offsets()) for dots in minutes.collections) == 3 * len(rows)
    assert len(paces.patches) >= len(rows)


def test_seconds_per_step_are_the_mean_over_the_seeds_with_a_dot_for_each(whole_run: RunFolder) -> None:
    """Under seeds 0, 1 and 2 a step of stage II takes 0.3, 0.4 and 0.5 s (see `synthetic_runs`)."""
    paces = _panels(figures.resources(whole_run.record, whole_run.proofs()))[1]
    rows = [row.name for row in whole_run.record.rows if not row.baseline]
    assert sorted(bar.get_width() for bar in paces.patches) == pytest.approx([0.25] * len(rows) + [0.4] * len(rows))
    dots = sorted(float(x) for each in paces.collections for x, _ in each.get_offsets())
    assert dots == pytest.approx(sorted([0.25] * 3 * len(rows) + [0.3, 0.4, 0.5] * len(rows)))


def _by_row(ax: Axes) -> list[list]:
    bars = pd.DataFrame({"bar": ax.patches, "place": [round(p.get_y() + p.get_height() / 2) for p in ax.patches]})
    return [list(part["bar"]) for _, part in bars.groupby("place")]


def test_the_gallery_shows_sources_and_every_row_that_has_the_picture(whole_run: RunFolder) -> None:
    figure = figures.gallery(whole_run, figures.picture_names(whole_run)[0])
    titles = [ax.get_title().replace("\n", " ") for ax in _panels(figure)]
    assert titles[:3] == ["infrared", "visible", "Ours"]
    assert len(titles) == 2 + 8


def _noise(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (100, 100), dtype=np.uint8))


@pytest.mark.parametrize("name", ["vi (1)", "白天", "a/b: 50%", 120 * "世"])
def test_the_gallery_finds_pictures_of_any_name(make_run: Callable[..., RunFolder], name: str) -> None:
    run = make_run(rows=("ours", "no_graph"), seeds=1)
    files = [("sources", f"{file_name(name)}-ir"), ("ours", file_name(name)), ("no_graph", file_name(name))]
    for seed, (folder, file) in enumerate(files):
        (run.folder / "images" / folder).mkdir(parents=True)
        _noise(seed).save(run.folder / "images" / folder / f"{file}.png")
    (found,) = figures.picture_names(run)
    assert found == original_name(file_name(name))
    titles = [ax.get_title().replace("\n", " ") for ax in _panels(figures.gallery(run, found))]
    assert titles == ["infrared", "Ours", "w/o GNN"]


def test_the_gallery_of_an_earlier_version_s_run_is_shown(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(rows=("ours", "no_graph"), seeds=1)
    rows = tuple(replace(row, name="no graph") if row.name == "no_graph" else row for row in run.record.rows)
    run.write_record(replace(run.record, rows=rows))
    for seed, folder in enumerate(("ours", "no_graph")):
        (run.folder / "images" / folder).mkdir(parents=True)
        _noise(seed).save(run.folder / "images" / folder / "vi_1_.png")
    assert figures.picture_names(run) == ["vi_1_"]
    assert [ax.get_title() for ax in _panels(figures.gallery(run, "vi_1_"))] == ["Ours", "w/o GNN"]
    other = replace(rows[1], name="no_graph", title="another")  # whose folder it would be now
    run.write_record(replace(run.record, rows=(*rows, other)))
    assert [ax.get_title() for ax in _panels(figures.gallery(run, "vi_1_"))] == ["Ours", "another"]


def test_letters_that_no_font_has_are_no_warning(
    make_run: Callable[..., RunFolder], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    figure = figures.gallery(make_run(), "白天")
    figure.text(0.5, 0.5, "白天 \U0010fffd")
    figures.save(figure, tmp_path, "figure")
    assert not list(recwarn)


def test_a_font_with_more_scripts_is_used_where_one_is_installed(
    monkeypatch: pytest.MonkeyPatch, make_run: Callable[..., RunFolder]
) -> None:
    monkeypatch.setattr("matplotlib.font_manager.get_font_names", lambda: ["DejaVu Sans", "PingFang SC", "SimSun"])
    (text,) = figures.gallery(make_run(), "白天").texts
    assert text.get_fontfamily() == ["sans-serif", "PingFang SC"]


def test_the_magnified_part_is_where_rows_and_scene_differ(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(rows=("ours", "no_graph"), seeds=1)
    flat = np.full((100, 100), 90, np.uint8)
    bright = flat.copy()
    bright[60:80, 40:60:2] = 250  # detail that only one row has
    for folder, picture in (("ours", flat), ("no_graph", bright)):
        (run.folder / "images" / folder).mkdir(parents=True)
        Image.fromarray(picture).save(run.folder / "images" / folder / "a.png")
    ax = next(ax for ax in _panels(figures.gallery(run, "a")) if ax.get_title() == "w/o GNN")
    frame, _ = ax.patches
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (40, 60, 20, 20)
    _, inset = ax.images
    np.testing.assert_array_equal(inset.get_array()[..., 0], bright[60:80, 40:60])


def test_where_nothing_can_be_drawn_the_figure_says_what_is_missing(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(rows=("ours", "no_graph"), pending=("ours", "no_graph"))
    measured = measurements(run)
    nothing = [
        figures.forest(measured),
        figures.paired_rows(measured),
        figures.paired(measured, "no_graph"),
        figures.paired(measured, "ours"),
        figures.radar(measured),
        figures.training_curves(run.curves(), run.record, "stage1"),
        figures.term_shares(run.record, run.proofs(), "stage1"),
        figures.resources(run.record, run.proofs()),
        figures.gallery(run, "000"),
    ]
    assert all(missing(figure) and not any(ax.axison for ax in figure.axes) for figure in nothing)
    assert all(print_figure(figure) for figure in nothing)  # as Jupyter shows it: bytes of a picture


def test_one_seed_has_points_and_no_intervals(make_run: Callable[..., RunFolder]) -> None:
    figure = figures.forest(measurements(make_run(seeds=1)))
    assert "no intervals with one seed" in _title(figure)
    assert not missing(figure)
    assert not [line for ax in _panels(figure) for line in ax.lines if line.get_linewidth() == 2]


def test_figures_leave_no_global_state(measured: Measurements) -> None:
    import matplotlib.pyplot as plt

    figures.forest(measured)
    assert plt.get_fignums() == []
    assert "tkinter" not in sys.modules


@pytest.mark.parametrize("text", [r"a $\frac$ b", "$", "x_{1}^2", "a" * 300, ""])
def test_any_title_can_be_drawn(text: str) -> None:
    figure = Figure()
    figure.suptitle(label(text))
    assert figures.png(figure)


@pytest.mark.parametrize("draw", [figures.forest, figures.trainings, figures.paired_rows])
def test_many_metrics_stand_in_lines_whose_ticks_do_not_meet(root: Path, draw: Callable[..., Figure]) -> None:
    measured = measurements(RunFolder(root / "results" / "table3" / "retrained"))
    figure = draw(measured)
    figure.draw_without_rendering()
    shown = _panels(figure)
    assert [ax.get_title() for ax in shown] == list(measured.record.columns)
    places = [ax.get_position() for ax in shown]
    assert [sum(each.y0 == y0 for each in places) for y0 in sorted({p.y0 for p in places}, reverse=True)] == [4, 4, 3]
    ticks = [(text, *ax.get_xlim()) for ax in shown for text in ax.get_xticklabels()]
    boxes = [text.get_window_extent() for text, low, high in ticks if low <= text.get_position()[0] <= high]
    assert len(boxes) > 2 * len(shown)
    assert not [1 for one, other in itertools.combinations(boxes, 2) if one.overlaps(other)]
