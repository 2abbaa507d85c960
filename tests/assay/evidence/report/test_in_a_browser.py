"""What the report's script does in a browser: sorts tables where they are clicked, and lets figures grow."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from assay.evidence.report.blocks import Cell, Grid, Picture, Section
from assay.evidence.report.page import page
from tests.assay.evidence.report.png import png

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there")]

VALUES = ("0.5 ± 0.1 ▼", "–", "\N{MINUS SIGN}2.25", "10", "0.75")
CLICKS = """<script>
const head = document.querySelectorAll("thead th")[1];
for (let click = 0; click < CLICKED; click++) head.click();
document.querySelector("figure img").click();
</script></body>"""


def _page() -> str:
    lines = tuple((Cell(f"row {place}"), Cell(value, kind="number")) for place, value in enumerate(VALUES))
    blocks = (Grid(("row", "VIF"), lines), Picture("forest", "Forest", png(40, 30)))
    return page("Report", "of a run", [Section("table", "Table", blocks)], "made now")


def _seen(file: Path, text: str) -> str:
    """The page as it is after its scripts."""
    assert CHROMIUM
    file.write_text(text, encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom")
    done = subprocess.run([CHROMIUM, *options, file.as_uri()], capture_output=True, text=True, timeout=120)
    return done.stdout


@pytest.mark.parametrize(
    ("clicks", "order", "state"),
    [
        (0, "01234", None),
        (1, "20431", "ascending"),  # what is unknown stays last, both ways
        (2, "34021", "descending"),
        (3, "01234", "none"),
    ],
)
def test_a_column_sorts_by_its_numbers(tmp_path: Path, clicks: int, order: str, state: str | None) -> None:
    text = re.sub(r"<meta http-equiv[^>]*>", "", _page()).replace("</body>", CLICKS.replace("CLICKED", str(clicks)))
    seen = _seen(tmp_path / "page.html", text)
    assert "".join(re.findall(r">row (\d)<", seen)) == order
    assert re.findall(r'aria-sort="([a-z]+)"[^>]*>VIF', seen) == ([state] if state else [])
    assert 'class="box large"' in seen


def test_the_policy_lets_the_script_run_and_none_that_is_put_beside_it(tmp_path: Path) -> None:
    text = _page().replace("</body>", CLICKS.replace("CLICKED", "1"))
    seen = _seen(tmp_path / "page.html", text)
    assert "sorts" in re.findall(r'<th scope="col" class="([^"]*)"', seen)[0].split()
    assert "".join(re.findall(r">row (\d)<", seen)) == "01234"
    assert 'class="box large"' not in seen


def test_the_script_is_small() -> None:
    assert len((files("assay.evidence.report") / "report.js").read_bytes()) < 4000
