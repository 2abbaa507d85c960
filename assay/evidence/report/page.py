"""Sections as one HTML page that needs nothing else: no address, pictures inside, and one small script of ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from assay.evidence.report.blocks import Section
from assay.evidence.report.embedded import embedded, embedded_photograph

__all__ = ["gallery_script", "page", "style"]


def page(title: str, subtitle: str, sections: Sequence[Section], about: str) -> str:
    """The page; whatever the texts hold is shown as text.

    Args:
        title: of the report.
        subtitle: one line under it.
        sections: in order.
        about: one line at the end.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"embedded": embedded, "photograph": embedded_photograph}
    script = gallery_script() + _shipped("report.js")
    texts = {"title": title, "subtitle": subtitle, "about": about, "script_hash": _policy(script)}
    ours = {"style": Markup(style()), "script": Markup(script)}
    return environment.from_string(_shipped("report.html.j2")).render(texts, sections=sections, **ours)


def style() -> str:
    """What any page of ours looks like: colours, type, widths and tables, as CSS."""
    return _shipped("style.css")


def gallery_script() -> str:
    """What moves pictures on any page of ours, as JavaScript: the function `gallery` of an element that holds a scene.

    The element has a `.view` with a `.window` and an image in it for each picture, and a `.slide` with a window of
    two images, `.under` and `.over`, and a range; buttons with `data-zoom` are optional, and so are two selects that
    name, by `data-view`, what is laid over what.
    """
    return _shipped("gallery.js")


def _shipped(name: str) -> str:
    return (files("assay.evidence.report") / name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """How the page's content policy names the one script that may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
