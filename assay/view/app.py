"""The application: addresses, the guard before them, and what is said where something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from assay.config.errors import UserError, one_line
from assay.evidence.report.page import gallery_script, style
from assay.view.drawn import answer
from assay.view.folder.viewed import Absent, Viewed
from assay.view.guard import Guard
from assay.view.pages import Forbidden, Pages

__all__ = ["application"]

_KEPT = {"Cache-Control": "private, max-age=3600"}


def application(root: Path, token: str, port: int, *, write: bool = False) -> ASGIApp:
    """What the server runs.

    Args:
        root: the folder of a run, or one with runs below it; nothing outside of it is read.
        token: without which every request is 403.
        port: under which it is reached.
        write: whether entries of stores may be deleted.
    """
    pages = Pages(Viewed(root), token, write=write)
    gets: dict[str, Callable[[Request], Response]] = {
        "/": pages.runs, "/run": pages.run, "/figure": pages.figure, "/pictures": pages.pictures,
        "/picture": pages.picture, "/trial": pages.trial, "/compare": pages.compare, "/store": pages.store,
        "/entry": pages.entry, "/view.css": _style, "/view.js": _script, "/plotly.js": _plotly,
    }  # fmt: skip
    routes = [Route(path, page, methods=["GET"]) for path, page in gets.items()]
    routes.append(Route("/delete", pages.delete, methods=["POST"]))
    faults: dict[Any, Callable[[Request, Exception], Response]] = {
        UserError: _told,
        HTTPException: _http,
        OSError: _unreadable,
    }
    return Guard(Starlette(routes=routes, exception_handlers=faults), token, port)


def _style(request: Request) -> Response:
    own = (files("assay.view") / "static" / "view.css").read_text(encoding="utf-8")
    return Response(f"{style()}\n{own}", media_type="text/css")


def _script(request: Request) -> Response:
    own = (files("assay.view") / "static" / "view.js").read_text(encoding="utf-8")
    return Response(f"{gallery_script()}\n{own}", media_type="text/javascript")


def _plotly(request: Request) -> Response:
    """plotly.js, as its package for Python has it."""
    return FileResponse(
        str(files("plotly") / "package_data" / "plotly.min.js"), media_type="text/javascript", headers=_KEPT
    )


def _told(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, Absent) else 403 if isinstance(error, Forbidden) else 422
    return answer(request, "error.html.j2", status, told=one_line(str(error)))


def _unreadable(request: Request, error: Exception) -> Response:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return answer(request, "error.html.j2", 422, told=f"a file cannot be read: {reason}")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(request, "error.html.j2", error.status_code, told=error.detail)
