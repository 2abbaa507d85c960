"""Sections as one HTML page that needs nothing else: no script, no address, pictures inside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from assay.evidence.report.blocks import Section

__all__ = ["page", "style"]


def page(title: str, subtitle: str, sections: Sequence[Section], about: str) -> str:
    """The page; whatever the texts hold is shown as text.

    Args:
        title: of the report.
        subtitle: one line under it.
        sections: in order.
        about: one line at the end.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["inside"] = _inside
    template = (files("assay.evidence.report") / "report.html.j2").read_text(encoding="utf-8")
    texts = {"title": title, "subtitle": subtitle, "about": about}
    return environment.from_string(template).render(texts, sections=sections, style=Markup(style()))


def style() -> str:
    """What any page of ours looks like: colours, type, widths and tables, as CSS."""
    return (files("assay.evidence.report") / "style.css").read_text(encoding="utf-8")


def _inside(png: bytes) -> Markup:
    """A picture as an address that holds it."""
    return Markup("data:image/png;base64,") + base64.b64encode(png).decode("ascii")
