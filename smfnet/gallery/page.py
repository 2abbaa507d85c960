"""A gallery as one HTML file that needs nothing else: pictures, style and a small script inside, no address."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from assay.evidence.report.page import gallery_script, style
from smfnet.gallery.scenes import Gallery

__all__ = ["gallery_page"]


def gallery_page(gallery: Gallery, title: str, about: str) -> str:
    """The page; whatever names hold is shown as text, and only this style and this script count.

    Args:
        gallery: what it shows.
        title: of the page.
        about: one line at the end.
    """
    here = files("smfnet.gallery")
    look = style() + (here / "gallery.css").read_text("utf-8")
    script = gallery_script() + (here / "gallery.js").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"inside": _inside, "number": _number}
    template = environment.from_string((here / "gallery.html.j2").read_text("utf-8"))
    known = {"policy": _policy(look, script), "style": Markup(look), "script": Markup(script)}
    return template.render(known, gallery=gallery, values=_data(gallery), title=title, about=about)


def _policy(look: str, script: str) -> str:
    """Nothing is fetched, and nothing but this text is style or script."""
    allowed = {"img-src": "data:", "style-src": _hashed(look), "script-src": _hashed(script)}
    rules = "; ".join(f"{kind} {source}" for kind, source in allowed.items())
    return f"default-src 'none'; {rules}; base-uri 'none'; form-action 'none'"


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _data(gallery: Gallery) -> Markup:
    """Values and directions as JSON that cannot end its element."""
    data = {
        "better": {metric.name: metric.better for metric in gallery.metrics},
        "scenes": [scene.values for scene in gallery.scenes],
    }
    return Markup(json.dumps(data, allow_nan=False).replace("<", "\\u003c"))


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


def _inside(picture: bytes) -> Markup:
    return Markup("data:image/jpeg;base64,") + base64.b64encode(picture).decode("ascii")
