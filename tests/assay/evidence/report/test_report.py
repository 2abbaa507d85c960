"""The report stands alone, shows everything that a run has, says what it lacks, and lets nobody else's code in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.evidence.measurements import measurements
from assay.evidence.report.blocks import Cell, Grid, cell_of
from assay.evidence.report.page import page
from assay.evidence.report.report import write_report
from assay.evidence.report.sections.grids import differences_grid
from assay.evidence.statistics.verdict import verdicts_of
from assay.store.run import folder as module
from assay.store.run.folder import RunFolder
from assay.store.tables import read_table

HOSTILE = '<script>alert("1")</script> $\\x'
SECTIONS = [
    "missing", "table", "differences", "agreement", "images", "metrics", "pictures", "proof", "curves", "resources",
    "provenance",
]  # fmt: skip
SMALL = {"rows": ("ours", "no_graph"), "seeds": 2, "images": 4, "baselines": False}


class _Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def folder(whole_run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reported run of four rows whose titles, reasons and command try to be code."""
    folder = tmp_path_factory.mktemp("reported") / "run"
    shutil.copytree(whole_run.folder, folder)
    record = json.loads((folder / "run.json").read_text())
    kept = ("ours", "no_graph", "swap_fusion", "cai_to_inn", "max")
    record["rows"] = [row for row in record["rows"] if row["name"] in kept]
    record["trials"] = [trial for trial in record["trials"] if trial["row"] in kept]
    for row in record["rows"]:
        row["title"] = HOSTILE if row["name"] == "swap_fusion" else row["title"]
    record["trials"][-2] |= {"status": "failed", "reason": HOSTILE}
    record["command"].append(HOSTILE)
    (folder / "run.json").write_text(json.dumps(record))
    write_report(RunFolder(folder))
    return folder


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tags(html: str) -> _Tags:
    return _Tags(html)


def test_it_has_every_section_and_leads_to_it(tags: _Tags) -> None:
    assert [section["id"] for section in tags.all("section")] == SECTIONS
    assert [link["href"] for link in tags.all("a")] == [f"#{name}" for name in SECTIONS]


def test_it_needs_nothing_else(html: str, tags: _Tags) -> None:
    assert all(str(image["src"]).startswith("data:image/webp;base64,") for image in tags.all("img") if "src" in image)
    assert all(image["alt"] for image in tags.all("img") if "src" in image)
    assert not re.findall(r"https?://|url\(|@import", html)
    assert not {"link", "iframe", "object"} & {tag for tag, _ in tags.tags}


def test_one_script_of_ours_may_run_and_no_other(html: str) -> None:
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert re.findall(r"script-src ([^;\"]*)", html) == [f"'sha256-{digest}'"]


def test_what_users_write_is_shown_as_text(html: str, tags: _Tags) -> None:
    assert "<script>alert" not in html
    assert tags.text.count(HOSTILE) > 3
    assert f"-seed2 failed: {HOSTILE}" in tags.text


def test_every_figure_is_in_the_page_and_in_two_files(folder: Path, tags: _Tags) -> None:
    names = {path.stem for path in (folder / "figures").glob("*.png")}
    assert names == {path.stem for path in (folder / "figures").glob("*.pdf")}
    assert names >= {"forest", "paired", "radar", "curves-stage1", "curves-stage2", "shares-stage1", "resources"}
    assert {name for name in names if name.startswith("gallery-")} == {"gallery-000", "gallery-001"}
    charts = [each["title"] for each in tags.all("img") if each.get("title")]
    assert len(charts) == len({name for name in names if not name.startswith("gallery-")})


def test_every_picture_of_a_sample_is_in_the_page_by_itself(tags: _Tags) -> None:
    pictures = [str(each["alt"]) for each in tags.all("img") if "data-view" in each]
    rows = ["Ours", "w/o GNN", HOSTILE, "CAI to INN"]
    kinds = ["infrared", "visible"]
    assert len(pictures) == 2 * (len(kinds) + len(rows))
    for sample in ("000", "001"):
        assert {f"Image {sample}, {title}" for title in (*kinds, *rows[:3])} <= set(pictures)
    places = [option["value"] for option in tags.all("option") if "selected" in option]
    assert places == 2 * ["2", "3"]  # the base over the first row


def test_numbers_of_the_table_are_in_the_page(folder: Path, tags: _Tags) -> None:
    results = RunFolder(folder).results()
    own = results[(results["row"] == "no_graph") & (results["metric"] == "EN")]
    assert f"{own['value'].mean():.4f} ± {own.groupby('seed')['value'].mean().std():.4f} ▼" in tags.text
    assert "paper 7.3692" in tags.text


def test_the_papers_numbers_carry_no_marks_of_ours(html: str) -> None:
    """A line below a text is drawn below all that is in its element, whatever that says; a weight is inherited."""
    cells = re.findall(r'<td class="[^"]*\b(?:best|second)\b[^"]*"[^>]*>(.*?)</td>', html)
    printed = [re.fullmatch(r'<span class="text">([^<]+)</span><span class="below">([^<]+)</span>', c) for c in cells]
    assert sum(cell is not None and "paper" in cell[2] and "paper" not in cell[1] for cell in printed) > 3
    rules = dict(re.findall(r"^(\S[^{\n]*?) *\{ *([^}\n]*)\}", html, re.MULTILINE))
    assert [name for name in rules if re.search("best|second", name)] == [".best", ".second > .text"]
    assert [name for name, rule in rules.items() if "underline" in rule] == [".second > .text"]
    assert "font-weight: 400" in rules[".below"]


def test_alarms_command_and_data_are_in_the_page(tags: _Tags) -> None:
    assert "the term semantic has no gradient" in tags.text
    assert "python -m platform.ablate --all" in tags.text
    assert "0123456789abcdef" in tags.text


def test_tables_scroll_in_their_box(html: str, tags: _Tags) -> None:
    figures = [each for each in tags.all("figure") if each.get("class") != "view"]
    assert len(tags.all("table")) + len(figures) == sum(d.get("class") == "box" for d in tags.all("div"))
    assert re.search(r"\.box \{[^}]*overflow-x: auto", html)


def test_the_same_run_gives_the_same_bytes(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write_report(RunFolder(folder))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_run_that_has_not_begun_says_so(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**SMALL, pending=SMALL["rows"])
    tags = _Tags(write_report(run).read_text(encoding="utf-8"))
    assert "4 of 4 trials have not started" in tags.text
    for sentence in ("No training curves in this run.", "no differences"):
        assert sentence in tags.text
    assert not tags.all("img")


def test_one_seed_without_curves_and_proofs_is_reported(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**(SMALL | {"seeds": 1}))
    shutil.rmtree(run.folder / "curves")
    shutil.rmtree(run.folder / "proof")
    tags = _Tags(write_report(run).read_text(encoding="utf-8"))
    assert "With one seed the noise between trainings is unknown" in tags.text
    assert "No training curves in this run." in tags.text
    assert "No finished trial with a proof" in tags.text
    assert "curves" not in {path.stem.split("-")[0] for path in (run.folder / "figures").iterdir()}


def test_a_figure_of_an_earlier_report_does_not_stay(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**SMALL, pending=SMALL["rows"])
    (run.folder / "figures").mkdir()
    (run.folder / "figures" / "forest.png").write_bytes(b"old")
    write_report(run)
    assert not (run.folder / "figures" / "forest.png").exists()


def test_a_damaged_picture_is_named(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**SMALL, pending=SMALL["rows"])
    (run.folder / "images" / "ours").mkdir(parents=True)
    (run.folder / "images" / "ours" / "a.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"a\.png is no picture"):
        write_report(run)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no run"):
        write_report(RunFolder(tmp_path))


def test_a_search_shows_its_best_its_figures_and_every_trial(search_folder: Path) -> None:
    html = write_report(RunFolder(search_folder)).read_text(encoding="utf-8")
    tags = _Tags(html)
    assert [section["id"] for section in tags.all("section")] == [
        "best",
        "search",
        "trials",
        "table",
        "search-provenance",
    ]
    assert "<b>" not in html
    assert all(
        word in tags.text for word in ("1.625", "alpha3 0.75", "<b>best</b>", "stopped", "have not been trained")
    )
    names = {path.stem for path in (search_folder / "figures").glob("*.png")}
    assert names >= {"search-history", "search-importance", "search-parallel"}
    assert len(tags.all("img")) == len(names)


def test_a_search_shows_what_it_was_asked_for_and_did_not_do(search_folder: Path) -> None:
    trials = (search_folder / "trials.csv").read_text()
    (search_folder / "trials.csv").write_text(trials + "6,,failed,,3.0,4.0,,,seed 0: <b>no luck</b>\n")
    tags = _Tags(write_report(RunFolder(search_folder)).read_text(encoding="utf-8"))
    assert "1 of 7 trials failed: 6 (<b>no luck</b>)" in tags.text
    assert "alarm" in [paragraph.get("class") for paragraph in tags.all("ul")]


def test_a_confirmed_search_shows_its_test_table_too(search_folder: Path, make_run: Callable[..., RunFolder]) -> None:
    run = make_run(**SMALL, pending=SMALL["rows"])
    shutil.copytree(run.folder, search_folder, dirs_exist_ok=True)
    shutil.rmtree(search_folder / "images", ignore_errors=True)
    anchors = [
        s["id"] for s in _Tags(write_report(RunFolder(search_folder)).read_text(encoding="utf-8")).all("section")
    ]
    assert anchors[:4] == ["best", "search", "trials", "missing"]
    assert anchors[-2:] == ["search-provenance", "provenance"]
    assert len(set(anchors)) == len(anchors)


def test_a_damaged_table_of_a_search_is_named(search_folder: Path) -> None:
    (search_folder / "trials.csv").write_text("")
    with pytest.raises(UserError, match="damaged"):
        write_report(RunFolder(search_folder))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.000123456, "0.0001235"), (-2.5, "−2.5"), (float("nan"), "–"), (float("inf"), "∞"), (None, "–"), (True, "yes"),
     (7, "7"), ("<", "<"), ({"a": 1.0, "b": [2, 3]}, "a: 1, b: 2, 3"), ([], "–")],
)  # fmt: skip
def test_values_in_short(value: object, text: str) -> None:
    assert cell_of(value).text == text


def test_margins_have_a_column_where_a_metric_has_one(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(seeds=3, images=4)
    record = run.record
    for margin in (None, 0.1):
        metrics = tuple(replace(metric, margin=margin) for metric in record.metrics)
        measured = measurements(run)
        verdicts = verdicts_of(replace(measured, record=replace(record, metrics=metrics)))
        grid = differences_grid(verdicts, "Ours", "image")
        assert ("margin" in grid.columns) == bool(margin)
        assert {len(line) for line in grid.lines} == {len(grid.columns)}
        assert grid.lines[0][-1].text == "3 × 4"


def test_a_page_without_sections_is_a_page() -> None:
    assert "<h1>a &amp; b</h1>" in page("a & b", "", [], "")


def test_headings_stand_above_their_numbers() -> None:
    grid = Grid(("name", "value"), ((Cell("a"), Cell("1", kind="number best")),))
    assert [cell.kind for cell in grid.headings] == ["", "number"]


def test_all_that_a_report_writes_goes_with_the_results(make_run: Callable[..., RunFolder]) -> None:
    """A name that a run does not know as derived would outlive them."""
    run = make_run(pictures=True)
    before = _files(run.folder)
    write_report(run)
    assert len(_files(run.folder) - before) > 10
    run.drop_derived()
    assert _files(run.folder) == before


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_every_file_of_results_is_read_once(
    make_run: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(**SMALL)
    read: list[Path] = []
    monkeypatch.setattr(module, "read_table", lambda path, columns: (read.append(path), read_table(path, columns))[1])
    write_report(run)
    assert sorted(path.name for path in read if path.parent.name == "results") == sorted(
        path.name for path in (run.folder / "results").iterdir()
    )
