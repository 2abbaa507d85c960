"""What a command prints to, as it is found: an encoding of few characters, a full device, or nothing at all."""

from __future__ import annotations

import codecs
import contextlib
import io
import logging
import os
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, TextIO, cast

__all__ = ["Copied", "Watched", "flushed", "muted", "prepare", "watched"]

_NEAREST = "assay.nearest"  # name of the way to encode
_PLAIN = {
    "+": "▲",
    "-": "▼−–—━",
    "o": "○",
    "*": "●◐",
    "x": "✗×",
    "~": "≈",
    ".": "·",
    "'": "‘’",
    '"': "“”",
    "+-": "±",
    "->": "→",
}
_LIKE = {each: plain for plain, like in _PLAIN.items() for each in like}


def prepare() -> None:
    """Make stdout take whatever is printed: the nearest characters where its encoding lacks the very ones.

    Where the process was started without stdout or stderr, these go nowhere, and no file that is opened later takes
    their place. Matplotlib says nothing of a home folder in which it cannot keep its cache.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    codecs.register_error(_NEAREST, _nearest)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=_NEAREST)


def _nowhere() -> TextIO:
    return io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8")


def flushed(stream: Watched) -> OSError | None:
    """Whatever has been printed is out; else what hinders it, or did, and from then on it goes nowhere.

    Otherwise the interpreter tries again in its last breath, and complains.
    """
    with contextlib.suppress(OSError):
        stream.flush()
    if stream.hindered:
        muted(stream)
    return stream.hindered


def muted(stream: TextIO | Watched) -> None:
    """Let what is printed there go nowhere."""
    with contextlib.suppress(OSError, ValueError):  # one that is no file, or closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Watched:
    """A stream that remembers what hindered it: a parser's help goes on in silence, and what failed once may not twice.

    Args:
        stream: where the text goes.

    Attributes:
        hindered: by what at first; None as long as all goes through.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.hindered: OSError | None = None

    def write(self, text: str) -> int:
        """Write it."""
        with self._watching():
            return self.stream.write(text)

    def flush(self) -> None:
        """Let it out."""
        with self._watching():
            self.stream.flush()

    @contextlib.contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.hindered = self.hindered or error
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def watched() -> Iterator[Watched]:
    """Within, stdout is watched."""
    before = sys.stdout
    out = Watched(before)
    sys.stdout = cast(TextIO, out)
    try:
        yield out
    finally:
        sys.stdout = before


class Copied:
    """A stream of which a copy is kept; in all else it is the stream itself.

    Args:
        stream: where the text goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream, self._kept = stream, io.StringIO()

    @property
    def text(self) -> str:
        """What was written."""
        return self._kept.getvalue()

    def write(self, text: str) -> int:
        """Write it, then keep it."""
        written = self.stream.write(text)
        self._kept.write(text)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _nearest(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for characters that an encoding lacks; bytes that were no text when they came in go out as such."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    if all("\udc80" <= character <= "\udcff" for character in missing):
        return missing.encode("ascii", "surrogateescape"), error.end
    return "".join(_LIKE.get(each) or _plain(each) for each in missing), error.end


def _plain(character: str) -> str:
    """The letter without its accent, or a question mark."""
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"
