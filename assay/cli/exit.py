"""How a command ends: every outcome is an exit code and at most one line on stderr; `ending` adds one of a run."""

from __future__ import annotations

import errno
import functools
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from assay.cli.answer import Answer, Lost, Reader, reader_for
from assay.cli.process.ending import ENDING
from assay.cli.process.interrupt import INTERRUPTS
from assay.cli.process.streams import flushed, muted, prepare, watched
from assay.config.errors import UserError, WorkLost, is_own_exit, one_line, raised_at
from assay.config.text.credentials import redacted
from assay.store.received.names import check_unicode

__all__ = ["FAILED", "MISUSED", "NOT_MET", "OUTPUT_CLOSED", "STOPPED", "Refused", "exit_code"]

FAILED = 1  # something that was asked for did not finish, or was lost, or a bug
MISUSED = 2  # the person can mend it before anything begins: a wrong name, a missing package, a full disk
NOT_MET = 3  # all that was asked for is done, and a gate is not met
STOPPED = 130  # Ctrl-C, as shells report it (128 + SIGINT)
OUTPUT_CLOSED = 141  # the reader of a pipe went away (128 + SIGPIPE)

Main = Callable[[list[str] | None], Answer | int]

_EXTRA_OF = {
    **dict.fromkeys(("ipykernel", "jupytext", "nbclient", "nbconvert", "nbformat"), "notebook"),
    "mcp": "mcp",
    **dict.fromkeys(("onnx", "onnxruntime", "onnxscript"), "onnx"),
    **dict.fromkeys(("plotly", "starlette", "uvicorn"), "view"),
    **dict.fromkeys(("faster_coco_eval", "transformers"), "tasks"),
}
# Of the files, disks and limits that the program is given. A file that is not there is no such: it was looked for.
_NO_BUG = {
    getattr(errno, name)
    for name in (
        *("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM", "EIO", "ESTALE", "ENXIO", "ENODEV", "ETIMEDOUT"),
        *("ENAMETOOLONG", "ENOTDIR", "EISDIR", "ELOOP", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN"),
    )
    if hasattr(errno, name)  # Windows lacks some
}


class Refused(SystemExit):
    """A parser's end of the program, whose line is on stderr already.

    Args:
        line: that says what is wrong.
    """

    def __init__(self, line: str) -> None:
        super().__init__(MISUSED)
        self.line = line


def exit_code(main: Main) -> Callable[..., int]:
    """Turn whatever ``main`` returns or raises into an exit code, and what it raises into one line on stderr.

    Args:
        main: takes the arguments without the program's name (None: those of the process), returns what the command has
            to say, or the exit code alone.

    Returns:
        A function with the same arguments that prints the answer, with `--json` as a document, and returns ``main``'s
        code, or 2 for a ``UserError``, a missing package, and before anything is written for a full disk, a missing
        permission or too little memory, which is 1 from then on; 130 for Ctrl-C (``stopped``); 141, silently, when the
        reader of the output went away; 1 for a ``WorkLost``, for what was printed and is lost, and for every other
        exception, whose traceback is kept in a file. ``SystemExit`` passes through, unless code of a user's
        raised it, which is 2.
    """

    @functools.wraps(main)
    def run(argv: list[str] | None = None) -> int:
        alone, code = argv is None, FAILED  # alone: the process has nothing else to do
        words = sys.argv[1:] if argv is None else argv
        if alone:
            INTERRUPTS.watch(STOPPED)
        try:
            prepare()
            with watched() as out, reader_for(out, words, _command(main, words)).reading() as reader:
                try:
                    code = _ended(main, argv, words, reader)
                finally:
                    ENDING.over(code)
            return code
        finally:
            if alone:
                INTERRUPTS.over()

    return run


def _command(main: Main, words: Sequence[str]) -> str:
    """The name of a command: that of its module, or for a program that has several the first word."""
    name = main.__module__.rpartition(".")[2]
    return name if name != "main" else next((word for word in words if not word.startswith("-")), "")


def _ended(main: Main, argv: list[str] | None, words: Sequence[str], reader: Reader) -> int:
    try:
        for argument in words:
            check_unicode(argument, "an argument")
        return _printed(reader.take(main(argv)), reader)
    except KeyboardInterrupt as stop:
        how_far = f": {stop}" if str(stop) else ""
        return _printed(_end(f"stopped{how_far}", STOPPED, reader), reader)
    except BrokenPipeError:
        muted(reader.out)
        return OUTPUT_CLOSED
    except Lost as error:
        return _lost(error.error)
    except Refused as error:
        reader.refuse(error.line, MISUSED)
        raise
    except SystemExit as error:
        if lost := flushed(reader.out):
            return _lost(lost)
        if is_own_exit(error):
            place = raised_at(error)
            return _end(f"error: the study's code ended the program with {error.code!r}{place}", MISUSED, reader)
        raise
    except Exception as error:
        if INTERRUPTS.pressed:  # modules in C make another error of it when it comes while they are imported
            return _printed(_end("stopped", STOPPED, reader), reader)
        if error is reader.out.hindered:
            return _printed(FAILED, reader)
        return _printed(_end(*_with_what_is_left(error, *_reason(error), reader), reader), reader)


def _printed(code: int, reader: Reader) -> int:
    """The code, unless what was printed does not get through."""
    lost = flushed(reader.out)  # a closed pipe shows here, not in the interpreter's last breath
    return _lost(lost, FAILED if code in (0, NOT_MET) else code) if lost else code


def _lost(error: OSError, code: int = FAILED) -> int:
    if isinstance(error, BrokenPipeError):
        return OUTPUT_CLOSED
    return _end(f"error: what was printed is lost: {error.strerror}", code)


def _with_what_is_left(error: Exception, line: str, code: int, reader: Reader) -> tuple[str, int]:
    """The same, and that something was begun; a disk or a memory that sufficed for a while is a failure."""
    lasted = isinstance(error, OSError | MemoryError)
    if code == FAILED or not (reader.written or (lasted and ENDING.working)):
        return line, code
    count = len(reader.written)
    files = "the file that was written before is" if count == 1 else f"the {count} files that were written before are"
    return f"{line}; {files if count else 'what was done before is'} kept", FAILED if lasted else code


def _reason(error: Exception) -> tuple[str, int]:
    """What is said of an exception, and the exit code."""
    if isinstance(error, ModuleNotFoundError) and (package := _missing_package(error)):
        return f"error: the package {package!r} is not installed: run `{_install_command(package)}`", MISUSED
    if isinstance(error, UserError):
        return f"error: {error}", FAILED if isinstance(error, WorkLost) else MISUSED
    if isinstance(error, OSError) and (error.errno in _NO_BUG or _no_temporary_folder(error)):
        place = f": {error.filename}" if error.filename else ""
        return f"error: {error.strerror}{place}", MISUSED
    if isinstance(error, MemoryError):
        return "error: there is not enough memory: expected smaller inputs, or more memory", MISUSED
    return f"error: this is a bug, {type(error).__name__}; the traceback is in {_keep_traceback(error)}", FAILED


def _no_temporary_folder(error: OSError) -> bool:
    """Whether it is the standard library's complaint, which names all the folders that it tried."""
    return isinstance(error, FileNotFoundError) and str(error.strerror).startswith("No usable temporary directory")


def _missing_package(error: ModuleNotFoundError) -> str | None:
    """The package that is not there; None if it is, and lacks a module, which is a bug of its own."""
    package = (error.name or "").partition(".")[0]
    return None if not package or package in sys.stdlib_module_names or find_spec(package) else package


def _install_command(package: str) -> str:
    """What installs ``package``: ``make setup`` in a clone, else the wheel's file: an index has another of its name."""
    if (Path(__file__).parents[2] / "Makefile").is_file():
        return "make setup"
    extra = f"[{_EXTRA_OF[package]}]" if package in _EXTRA_OF else ""
    return f"pip install '/PATH/TO/assay-VERSION.whl{extra}'"


def _keep_traceback(error: Exception) -> str:
    """Write the traceback to ``runs/`` (the temporary folder where there is none) and return the file's path."""
    name = time.strftime("crash-%Y%m%d-%H%M%S") + f"-{os.getpid()}.txt"
    told = [f"command: {' '.join(sys.argv)}\npython: {sys.version}\n\n", *traceback.format_exception(error)]
    text = redacted("".join(told))
    for folder in (lambda: "runs", tempfile.gettempdir):
        try:
            path = Path(folder(), name)
            with path.open("x", encoding="utf-8", errors="backslashreplace") as file:  # never through another's link
                file.write(text)
        except OSError:
            continue
        return str(path)
    print(text, file=sys.stderr)
    return "the lines above"


def _end(line: str, code: int, reader: Reader | None = None) -> int:
    """Say why there is no answer, to whoever reads what."""
    told = one_line(redacted(line))
    try:
        print(told, file=sys.stderr, flush=True)
    except OSError:  # the code has to say it
        muted(sys.stderr)
    if reader:
        reader.refuse(told, code)
    return code
