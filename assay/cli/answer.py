"""What a command has to say, to a person or, with `--json`, to a program."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay import __version__
from assay.cli.process.streams import Watched

if TYPE_CHECKING:
    from assay.documents.envelope import Document, Result
    from assay.evidence.statistics.gate import GateAnswer

__all__ = ["OPTION", "Answer", "Lost", "Reader", "answer_now", "reader_for"]

OPTION = "--json"


class Lost(Exception):
    """What was printed did not get through."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Answer:
    """The end of a command.

    Attributes:
        shown: prints it for people.
        result: makes what a program gets in its place.
        code: exit code.
        written: files that the document names; where there is no answer, those that `wrote` was told of.
        told: lines for stderr, whoever reads.
        gates: what the verdicts say of those that were asked for.
    """

    shown: Callable[[], None]
    result: Callable[[], Result]
    code: int = 0
    written: Sequence[Path] = ()
    told: Sequence[str] = ()
    gates: Sequence[GateAnswer] = ()


class Reader:
    """Whoever reads stdout: a person, who reads lines.

    Args:
        out: stdout.
    """

    def __init__(self, out: Watched) -> None:
        self.out = out
        self._written: list[Path] = []

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reader]:
        """While a command goes on."""
        from assay.store.disk.written import recorded

        token = _READER.set(self)
        try:
            with recorded() as self._written:
                yield self
        finally:
            _READER.reset(token)

    @property
    def written(self) -> list[Path]:
        """Files that the command has told of so far, and that are there."""
        return [path for path in dict.fromkeys(self._written) if os.path.lexists(path)]

    def take(self, answer: Answer | int) -> int:
        """Print an answer; returns the exit code.

        Raises:
            Lost: it does not get through.
        """
        if isinstance(answer, int):
            return answer
        answer.shown()
        for line in answer.told:
            print(line, file=sys.stderr)
        return answer.code

    def refuse(self, line: str, code: int) -> None:
        """There is no answer; the line is on stderr already."""


class _Program(Reader):
    """A program, which reads one document. Whatever else is printed while the command goes on is on stderr."""

    def __init__(self, out: Watched, command: str) -> None:
        super().__init__(out)
        self.command = command
        self._kept: int | None = None
        self._answered = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reader]:
        with super().reading(), self._aside(), contextlib.redirect_stdout(sys.stderr):
            yield self

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """What other programs print that are begun meanwhile is on stderr too."""
        try:
            ours = self.out.fileno() == 1
        except (OSError, ValueError):  # a stream that is no file, as in a notebook
            ours = False
        if not ours:
            yield
            return
        self.out.flush()
        self._kept = os.dup(1)
        os.dup2(2, 1)
        try:
            yield
        finally:
            os.dup2(self._kept, 1)
            os.close(self._kept)

    def take(self, answer: Answer | int) -> int:
        if isinstance(answer, int):
            self._answer(self._document(answer))
            return answer
        gates = [{**vars(each), "gate": each.gate.text} for each in answer.gates]
        found = {"result": answer.result(), "written": list(answer.written), "gates": gates}
        self._answer(self._document(answer.code, **found))
        for line in answer.told:
            print(line, file=sys.stderr)
        return answer.code

    def refuse(self, line: str, code: int) -> None:
        from assay.documents.envelope import Failure

        error = Failure(message=line.removeprefix("error: "))
        with contextlib.suppress(OSError, Lost):  # the code has to say it
            self._answer(self._document(code, error=error))

    def _document(self, code: int, **found: Any) -> Document:
        from assay.documents.envelope import SCHEMA, Document

        nothing: dict[str, Any] = {"written": self.written, "result": None, "error": None, "gates": []}
        about = {"schema": SCHEMA, "version": __version__, "command": self.command, "code": code, "ok": code == 0}
        return Document.model_validate({**nothing, **about, **found})

    def _answer(self, document: Document) -> None:
        """Print the document, once."""
        from assay.documents.envelope import as_json

        if self._answered:
            return
        text = as_json(document) + "\n"
        self._answered = True
        try:
            self._print(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Lost(error) from error

    def _print(self, text: str) -> None:
        if self._kept is None:
            self.out.write(text)
            self.out.flush()
            return
        with io.FileIO(os.dup(self._kept), "w") as file, io.BufferedWriter(file) as whole:
            whole.write(text.encode("ascii"))


_READER: ContextVar[Reader | None] = ContextVar("reader", default=None)


def reader_for(out: Watched, words: Sequence[str], command: str) -> Reader:
    """A program if `--json` is among a command's words, unless they ask for help."""
    before = list(words)[: list(words).index("--")] if "--" in words else words
    return _Program(out, command) if OPTION in before and not {"-h", "--help"} & {*before} else Reader(out)


def answer_now(answer: Answer) -> None:
    """Print an answer before the command's end, which says nothing more then."""
    (_READER.get() or Reader(Watched(sys.stdout))).take(answer)
