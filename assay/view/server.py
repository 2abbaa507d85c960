"""The server: on this machine alone, until Ctrl-C."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from html import escape
from importlib.util import find_spec
from pathlib import Path

import uvicorn

from assay.config.errors import UserError
from assay.view.app import application
from assay.view.folder.found import found
from assay.view.guard import TOKEN

__all__ = ["HOST", "serve"]

HOST = "127.0.0.1"
_PATIENCE_S = 1  # for answers that are on their way


def serve(root: Path, port: int, told: Callable[[str], None], *, browser: bool, write: bool) -> None:
    """Show a folder until Ctrl-C.

    Args:
        root: the folder of a run, or one with runs below it.
        port: 0 takes one that is free.
        told: is given the address.
        browser: open it.
        write: whether entries of stores may be deleted.

    Raises:
        UserError: the folder is not there, or the port is taken.
        ModuleNotFoundError: plotly is not installed.
    """
    if find_spec("plotly") is None:  # whose script is asked for later, by the browser
        raise ModuleNotFoundError("No module named 'plotly'", name="plotly")
    first = "run?at=.&" if "." in found(root).runs else "?"  # one run: its own page
    token = secrets.token_urlsafe(32)
    with _listening(port) as (listening, number):
        address = f"http://{HOST}:{number}/{first}{TOKEN}={token}"
        config = uvicorn.Config(
            application(root, token, number, write=write), log_level="error", access_log=False, lifespan="off",
            timeout_graceful_shutdown=_PATIENCE_S, server_header=False, ws="none",
        )  # fmt: skip
        opened = _opened(address) if browser and _has_screen() else nullcontext()
        with suppress(KeyboardInterrupt), opened:  # from here on it is the end that is expected
            _Announced(config, partial(told, address)).run(sockets=[listening])


class _Announced(uvicorn.Server):
    """A server that is told of once it answers, and takes Ctrl-C: before that, one was lost now and then."""

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told()


@contextmanager
def _listening(port: int) -> Iterator[tuple[socket.socket, int]]:
    """A socket that only this machine reaches, and its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UserError(f"--port {port}: {reason}; give another one, or none") from error
        yield listening, listening.getsockname()[1]


def _has_screen() -> bool:
    """Whether a browser would open a window, rather than take the terminal."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))


@contextmanager
def _opened(address: str) -> Iterator[None]:
    """A browser that is led to the address by a file of the user's own: others can see a command's words."""
    handle, path = tempfile.mkstemp(prefix="assay-view-", suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={escape(address)}">')
    try:
        webbrowser.open(Path(path).as_uri())
        yield
    finally:
        os.unlink(path)
