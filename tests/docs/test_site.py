"""The pages of docs/ as a site: built without a warning, whole, and without anything from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

# Element -> attributes whose address a browser fetches by itself.
FETCHED = {
    **dict.fromkeys(("script", "img", "iframe", "source", "embed", "audio", "video", "input"), ("src", "srcset")),
    "link": ("href",),
    "object": ("data",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
}


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


class _Addresses(HTMLParser):
    """Collects what a browser would fetch, and the styles that stand in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in FETCHED.get(tag, ())]
        self.found += [value or "" for name, value in attrs if name == "style"]


def _outside(text: str) -> list[str]:
    """Addresses of other hosts; a namespace of SVG inside of a `data:` address is none."""
    return [] if text.startswith("data:") else re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*", text)


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    outside = []
    for path in [*site.rglob("*.html"), *site.rglob("*.svg")]:
        page = _Addresses()
        page.feed(path.read_text(encoding="utf-8"))
        outside += [(path.name, address) for text in page.found for address in _outside(text)]
    assert outside == []


def test_no_style_loads_a_font_or_picture_from_elsewhere(site: Path) -> None:
    texts = [(path, path.read_text(encoding="utf-8")) for path in site.rglob("*.*") if path.suffix in (".css", ".svg")]
    for path in site.rglob("*.html"):
        texts += [(path, style) for style in re.findall(r"(?s)<style.*?</style>", path.read_text(encoding="utf-8"))]
    named = [
        (path.name, match[1].strip("\"' "))
        for path, text in texts
        for match in re.finditer(r"(?:url\(|@import\s+)([^);]*)", text)
    ]
    assert named
    assert [(name, address) for name, address in named if _outside(address)] == []


def test_what_is_found_outside_would_be_found() -> None:
    page = _Addresses()
    page.feed('<script src="https://a.b/c.js"></script><a href="https://fine.org"></a><img src="//a.b/d.png">')
    assert [address for text in page.found for address in _outside(text)] == ["https://a.b/c.js", "//a.b/d.png"]


def test_every_page_has_a_heading_and_every_picture_a_text(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert text.count("<h1") == 1, path
        assert all(re.search(r'alt="[^"]+"', image) for image in re.findall(r"<img [^>]*>", text)), path


def test_what_is_public_of_the_engine_is_on_a_page(site: Path) -> None:
    import assay
    from assay import evidence

    text = " ".join(path.read_text(encoding="utf-8") for path in (site / "api").glob("*.html"))
    assert [name for name in (*assay.__all__, *evidence.__all__) if name not in text and name != "__version__"] == []


def test_names_that_a_docstring_explains_together_stay_together(site: Path) -> None:
    torn = re.compile(r"<code>(?:<span[^>]*>)?\w+,(?:</span>)?</code>")  # `published, (suites)`: read as its type
    texts = {path.name: path.read_text(encoding="utf-8") for path in (site / "api").glob("*.html")}
    assert {name: torn.findall(text) for name, text in texts.items() if torn.search(text)} == {}
    assert _type_of(texts["configuration.html"], "height, width") == "int"
    assert _type_of(texts["configuration.html"], "classes, tau") == "int, float"


def _type_of(page: str, names: str) -> str:
    """What a page says in brackets after names that it explains together."""
    shown = names.replace(" ", "\N{NO-BREAK SPACE}")
    after = page.split(f">{shown}</span></code></b>")[1].split("–")[0]
    return re.sub(r"<[^>]+>|\s", "", after).strip("()").replace(",", ", ")
