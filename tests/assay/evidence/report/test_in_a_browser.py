"""What the report's scripts do in a browser, on a screen and on paper."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from assay.evidence.report.blocks import Block, Cell, Grid, Photograph, Picture, Scene, Section, Sentences
from assay.evidence.report.page import gallery_script, page
from tests.assay.evidence.report.png import png
from tests.assay.view.browser import CHROMIUM, Browser

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there")]

VALUES = ("0.5 ± 0.1 ▼", "–", "\N{MINUS SIGN}2.25", "10", "0.75")
ROWS = "[...document.querySelector('tbody').rows].map((each) => each.cells[0].textContent.trim().slice(-1)).join('')"
STYLES = "[...document.querySelectorAll('.gallery img')].map((each) => each.style.transform)"
LEAST = 34 + 26 + 30  # points from the foot of a page: its margin, a heading, and the first lines of what follows
CUT = "document.querySelector('.over').style.clipPath"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One for all tests."""
    with Browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Browser]:
    """A page of a table, a figure and a scene of four pictures, without a complaint of the browser's."""
    lines = tuple((Cell(f"row {place}"), Cell(value, kind="number")) for place, value in enumerate(VALUES))
    pictures = tuple(Photograph(name, png(40, 30), name == "infrared") for name in ("infrared", "Ours", "one", "two"))
    scene = Scene("Image 001", pictures, (1, 2), (0.25, 0.5), 480)
    blocks: tuple[Block, ...] = (Grid(("row", "VIF"), lines), Picture("forest", "Forest", png(40, 30)), scene)
    _open(browser, tmp_path, page("Report", "of a run", [Section("table", "Table", blocks)], "made now"))
    yield browser
    assert browser.complaints == []


def _open(browser: Browser, folder: Path, text: str, width: int = 1280) -> None:
    browser.complaints.clear()
    (folder / "page.html").write_text(text, encoding="utf-8")
    browser.open((folder / "page.html").as_uri(), width)


def _press(browser: Browser, key: str, code: int) -> None:
    for kind in ("keyDown", "keyUp"):
        browser("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


def test_a_column_sorts_by_its_numbers(shown: Browser) -> None:
    state = "document.querySelectorAll('thead th')[1].ariaSort"
    seen = []
    for _ in range(4):
        seen.append((shown.does(ROWS), shown.does(state)))
        shown.does("document.querySelectorAll('thead th')[1].click()")
    # What is unknown stays last, both ways.
    assert seen == [("01234", None), ("20431", "ascending"), ("34021", "descending"), ("01234", "none")]


def test_a_figure_grows(shown: Browser) -> None:
    shown.does("document.querySelector('.box img').click()")
    assert shown.does("document.querySelectorAll('.box.large').length") == 1


def test_no_script_runs_that_is_put_beside_ours(browser: Browser, tmp_path: Path) -> None:
    text = page("Report", "", [Section("table", "Table", (Sentences(("x",)),))], "")
    _open(browser, tmp_path, text.replace("</body>", "<script>document.title = 'theirs';</script></body>"))
    assert browser.does("document.title") == "Report"
    assert any("Content Security Policy" in each for each in browser.complaints)


def test_all_pictures_of_a_scene_show_the_same_place(shown: Browser) -> None:
    shown.does("document.querySelector('[data-zoom=\"2\"]').click()")
    assert set(shown.does(STYLES)) == {"translate(-50%, -50%) scale(2)"}
    shown.does("document.querySelector('[data-at]').click()")  # its centre in the middle of the window
    assert set(shown.does(STYLES)) == {"translate(-50%, -150%) scale(4)"}
    shown.does("document.querySelector('[data-zoom=\"0\"]').click()")
    assert set(shown.does(STYLES)) == {"translate(0%, 0%) scale(1)"}


def test_any_two_pictures_lie_over_each_other(shown: Browser) -> None:
    sources = "['.over', '.under'].map((each) => document.querySelector(each).src)"
    views = "[...document.querySelectorAll('.view img')].map((each) => each.src)"
    assert shown.does(sources) == shown.does(views)[1:3]
    shown.does("(e => { e.value = '3'; e.dispatchEvent(new Event('change')); })(document.querySelector('select'))")
    assert shown.does(sources)[0] == shown.does(views)[3]


def test_the_line_between_two_is_moved_by_keys_and_by_hand(shown: Browser) -> None:
    assert "50%" in shown.does(CUT)
    shown.does("document.querySelector('.slide input').focus()")
    _press(shown, "ArrowRight", 39)
    assert "49%" in shown.does(CUT)
    shown.does("document.querySelector('.slide .window').focus()")
    _press(shown, "ArrowLeft", 37)
    assert "51%" in shown.does(CUT)
    box = shown.does("JSON.parse(JSON.stringify(document.querySelector('.slide .window').getBoundingClientRect()))")
    middle, quarter, y = box["x"] + box["width"] / 2, box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    for kind, x in (("mousePressed", middle), ("mouseMoved", quarter), ("mouseReleased", quarter)):
        shown("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)
    assert "75%" in shown.does(CUT)
    assert set(shown.does(STYLES)) == {"translate(0%, 0%) scale(1)"}


def test_a_page_is_not_wider_than_a_telephone(shown: Browser, tmp_path: Path) -> None:
    shown.open((tmp_path / "page.html").as_uri(), 400)
    assert shown.does("document.documentElement.scrollWidth <= innerWidth")
    widths = shown.does("[...document.querySelectorAll('.view')].map((each) => each.offsetWidth)")
    assert len(widths) == 4
    assert all(150 < width < 200 for width in widths)  # two beside each other


def test_on_paper_no_heading_ends_a_page_and_nothing_is_folded(browser: Browser, tmp_path: Path) -> None:
    """Tables of many heights: without the rule, a heading of some stands alone at the foot of a page."""
    text = page("Report", "", [Section(f"s{n}", f"Heading {n}", (_table(n),)) for n in range(2, 50)], "")
    rule = "summary, h3, caption { break-after: avoid; }"
    assert rule in text
    _open(browser, tmp_path, text.replace(rule, ""))
    assert min(_printed_headings(browser).values()) < LEAST
    _open(browser, tmp_path, text)
    browser.does("document.querySelectorAll('details').forEach((each) => { each.open = false; })")
    places = _printed_headings(browser)
    assert len(places) == 48
    assert min(places.values()) > LEAST


def _table(lines: int) -> Grid:
    return Grid(("a", "b"), tuple((Cell(str(n)), Cell("x")) for n in range(lines)), "Caption")


def _printed_headings(browser: Browser) -> dict[str, float]:
    """Heading -> points from the foot of its page to its top, as the outline of the PDF has it."""
    answer = browser("Page.printToPDF", preferCSSPageSize=True, generateTaggedPDF=True, generateDocumentOutline=True)
    pdf = base64.b64decode(answer["data"]).decode("latin-1")
    found = re.findall(r"/Title \(([^)]*)\)[^>]*?/Dest \[\d+ 0 R /XYZ [\d.]+ ([\d.]+)", pdf)
    return {title: float(y) for title, y in found if title.startswith("Heading")}


def test_the_scripts_are_small() -> None:
    assert len((files("assay.evidence.report") / "report.js").read_bytes()) < 4000
    assert len(gallery_script().encode()) < 6000
