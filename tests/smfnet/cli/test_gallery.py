"""`gallery` writes one page that stands alone: every picture in it, worst scenes first, and nothing fetched."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import shutil
import subprocess
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smfnet.cli.gallery import main

NASTY = "<b>&'\" 50%"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FUSED = ("--fused", "One=one", "<Two>=two")


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three pairs; of `one` the contrast falls from a to c, so that c is worst by SD and a by MSE."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for place, stem in enumerate(("a", "b", NASTY)):
        ir, vi = (rng.integers(0, 256, (40, 60)).astype(np.float64) for _ in range(2))
        flat = 128 + (ir - 128) * (0.9 - 0.3 * place)
        for folder, image in {"ir": ir, "vi": vi, "one": flat, "two": np.maximum(ir, vi)}.items():
            Path(folder).mkdir(exist_ok=True)
            Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(f"{folder}/{stem}.png")
    return tmp_path


def _page(*words: str) -> str:
    assert main(["--ir=ir", "--vi=vi", *FUSED, "--output=g.html", "--metrics=SD,MSE", "--force", *words]) == 0
    return Path("g.html").read_text(encoding="utf-8")


class _Read(HTMLParser):
    """Elements with their attributes, and headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.titles: list[str] = []
        self._heading = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._heading = tag == "h2"

    def handle_data(self, data: str) -> None:
        if self._heading:
            self.titles.append(data.strip())
            self._heading = False


def test_every_picture_is_in_the_page_and_scenes_are_worst_first() -> None:
    read = _Read(_page())
    assert read.titles == [NASTY, "b", "a"]
    pictures = [attributes for tag, attributes in read.found if tag == "img" and "src" in attributes]
    assert [each["data-view"] for each in pictures] == 3 * ["infrared", "visible", "One", "<Two>"]
    assert pictures[0]["alt"] == f"{NASTY}, infrared"
    data = str(pictures[2]["src"]).removeprefix("data:image/jpeg;base64,")
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))), dtype=float)
    there = np.asarray(Image.open(f"one/{NASTY}.png"), dtype=float)
    assert shown.shape == there.shape
    assert np.abs(shown - there).mean() < 6


def test_another_metric_turns_the_order_by_its_direction() -> None:
    page = _page("--sort=mse")
    values = json.loads(re.findall(r'<script type="application/json" id="values">(.*?)</script>', page)[0])
    assert values["better"] == {"MSE": "smaller", "SD": "larger"}
    worst = [max(of["MSE"] for of in scene.values()) for scene in values["scenes"]]
    assert worst == sorted(worst, reverse=True)


def test_nothing_is_fetched_and_only_this_style_and_this_script_count() -> None:
    page = _page()
    read = _Read(page)
    (policy,) = [a["content"] for tag, a in read.found if tag == "meta" and "http-equiv" in a]
    rules = dict(rule.split(" ", 1) for rule in html.unescape(str(policy)).split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        expected = base64.b64encode(sha256(text.encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{expected}'"
    assert not re.search(r"https?://|//[a-z]|@import|url\(|\son\w+=|\sstyle=", re.sub(r"//[ A-Z].*", "", page))
    assert "<b>" not in page
    assert "<Two>" not in page


def test_the_script_is_small() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", _page(), re.DOTALL)
    assert len(script) < 8000


def test_what_does_not_fit_is_left_out_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("ir", "vi", "one", "two"):
        for path in Path(folder).iterdir():
            pixels = np.random.default_rng(len(str(path))).integers(0, 256, (600, 640), dtype=np.uint8)
            noise = np.random.default_rng(ord(folder[0])).integers(0, 99, (600, 640), dtype=np.uint8)
            Image.fromarray(pixels // 2 + noise).save(path)
    page = _page("--limit=1")
    told = "Left out, as all pictures would take more than 1 MB (--limit): 2 scenes ("
    assert told in capsys.readouterr().out
    assert told in html.unescape(page)
    assert len(_Read(page).titles) == 1
    smaller = _page("--limit=1", "--width=128")
    assert len(_Read(smaller).titles) == 3
    assert len(smaller) < 1.2e6


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--output=g.txt",), "expected a name that ends with .html"),
        (("--output=one",), "this is a folder"),
        (("--sort=SSIM",), "unknown metric for --sort 'SSIM'"),
        (("--width=10",), "expected a whole number from 64 to 4096; got '10'"),
        (("--fused", "Visible=one"), "the name Visible is that of a source here"),
    ],
)
def test_an_odd_option_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str) -> None:
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    others = [] if "--output" in given else ["--output=g.html"]
    fused = () if "--fused" in given else FUSED
    try:
        code: object = main(["--ir=ir", "--vi=vi", *fused, *others, "--metrics=SD,MSE", *words])
    except SystemExit as error:
        code = error.code
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert not Path("g.html").exists()


def _seen(file: Path) -> str:
    """The page's elements after its script has run."""
    assert CHROMIUM
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom")
    done = subprocess.run([CHROMIUM, *options, file.resolve().as_uri()], capture_output=True, text=True, timeout=120)
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there")
def test_in_a_browser_the_script_runs_under_the_policy_and_does_what_it_says() -> None:
    page = _page()
    read = _Read(_seen(Path("g.html")))
    (bar,) = [attributes for tag, attributes in read.found if attributes.get("id") == "bar"]
    assert "hidden" not in bar
    over = [attributes for tag, attributes in read.found if attributes.get("class") == "over"]
    assert all(str(each["src"]).startswith("data:image/jpeg") for each in over)
    script = """<script>
    const change = (id, value) => {
      const chosen = document.getElementById(id);
      chosen.value = value;
      chosen.dispatchEvent(new Event("change"));
    };
    change("metric", "SD"); change("method", "One"); change("order", "-1");
    document.querySelector("[data-zoom='2']").click();
    </script></body>"""
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page).replace("</body>", script)
    Path("driven.html").write_text(free, encoding="utf-8")
    driven = _Read(_seen(Path("driven.html")))
    assert driven.titles == ["a", "b", NASTY]
    zoomed = [a for tag, a in driven.found if tag == "img" and "scale(2)" in str(a.get("style"))]
    assert len(zoomed) == 6  # four pictures, and two that are laid over each other
    assert len({str(each["style"]).partition(";")[0] for each in zoomed}) == 1


def test_a_page_that_is_there_is_not_replaced_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("g.html").write_text("mine")
    words = ["--ir=ir", "--vi=vi", *FUSED, "--output=g.html", "--metrics=SD"]
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("error: --output g.html is there already: give --force to overwrite")
    assert Path("g.html").read_text() == "mine"
    assert main([*words, "--force"]) == 0
    assert "<html" in Path("g.html").read_text(encoding="utf-8")
