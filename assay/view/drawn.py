"""Pages as HTML: templates, and how numbers and times are said in them."""

from __future__ import annotations

import hashlib
import math
import time
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from assay.config.text.credentials import redacted
from assay.console.progress import about

__all__ = ["address", "answer", "html", "size", "when"]


def answer(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page, or a part of one that is asked for again and again: its tag alone where it is the same as before."""
    text = html(template, **context)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    if status == 200 and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return HTMLResponse(text, status, {"ETag": tag})


def html(template: str, **context: Any) -> str:
    """A template filled in; whatever the texts hold is shown as text."""
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    loader = PackageLoader("assay.view")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=loader
    )
    environment.filters |= {"redacted": redacted, "size": size, "when": when, "left": left, "address": address}
    return environment


def address(path: str, **words: Any) -> str:
    """An address of ours: `/run?at=a%20b`; a word that is None is left out, a list is several."""
    return f"{path}?{urlencode({name: word for name, word in words.items() if word is not None}, doseq=True)}"


def size(number: float) -> str:
    """`12.3 MiB`.

    >>> size(1536)
    '1.5 KiB'
    """
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"


def when(seconds: float) -> str:
    """A time of day where it is today or tomorrow, else with its date: `14:32`, `2026-11-25 14:32`."""
    moment, now = datetime.fromtimestamp(seconds), datetime.now()
    return moment.strftime("%H:%M" if moment.date() == now.date() else "%Y-%m-%d %H:%M")


def left(seconds: float) -> str:
    """`about 3 min left, 14:32`; empty if it is unknown."""
    return f"{about(seconds)} left, {when(time.time() + seconds)}" if math.isfinite(seconds) else ""
