"""How a command ends: every outcome is an exit code and at most one line on stderr."""

from __future__ import annotations

import errno
import functools
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from assay.cli.interrupt import INTERRUPTS
from assay.cli.streams import flushed, muted, prepare
from assay.config.credentials import redacted
from assay.config.errors import UserError, WorkLost, is_own_exit, one_line, raised_at
from assay.store.names import check_unicode

__all__ = ["FAILED", "MISUSED", "OUTPUT_CLOSED", "STOPPED", "exit_code"]

FAILED = 1  # something that was asked for did not finish, or was lost, or a bug
MISUSED = 2  # the person can mend it: a wrong name, a missing package, a full disk, too little memory
STOPPED = 130  # Ctrl-C, as shells report it (128 + SIGINT)
OUTPUT_CLOSED = 141  # the reader of a pipe went away (128 + SIGPIPE)

Main = Callable[[list[str] | None], int]

_EXTRA_OF = {
    **dict.fromkeys(("ipykernel", "jupytext", "nbclient", "nbconvert", "nbformat"), "notebook"),
    **dict.fromkeys(("onnx", "onnxruntime", "onnxscript"), "onnx"),
    **dict.fromkeys(("plotly", "starlette", "uvicorn"), "view"),
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


def exit_code(main: Main) -> Callable[..., int]:
    """Turn whatever ``main`` raises into an exit code and one line on stderr.

    Args:
        main: takes the arguments without the program's name (None: those of the process), returns the exit code.

    Returns:
        A function with the same arguments that returns ``main``'s code, or 2 for a ``UserError``, a missing package, a
        full disk, a missing permission or too little memory; 130 for Ctrl-C (``stopped``); 141, silently, when the
        reader of the output went away; 1 for a ``WorkLost``, and for every other exception, whose traceback is kept in
        a file. ``SystemExit`` passes through, unless code of a user's raised it, which is 2.
    """

    @functools.wraps(main)
    def run(argv: list[str] | None = None) -> int:
        alone = argv is None  # the process has nothing else to do
        if alone:
            INTERRUPTS.watch(STOPPED)
        try:
            prepare()
            for argument in sys.argv[1:] if argv is None else argv:
                check_unicode(argument, "an argument")
            return _printed(main(argv))
        except KeyboardInterrupt:
            return _printed(_end("stopped", STOPPED))
        except BrokenPipeError:
            muted(sys.stdout)
            return OUTPUT_CLOSED
        except SystemExit as error:
            if lost := flushed(sys.stdout):
                return _lost(lost, FAILED)
            if is_own_exit(error):
                place = raised_at(error)
                return _end(f"error: the study's code ended the program with {error.code!r}{place}", MISUSED)
            raise
        except Exception as error:
            if INTERRUPTS.pressed:  # modules in C make another error of it when it comes while they are imported
                return _printed(_end("stopped", STOPPED))
            return _printed(_explain(error))
        finally:
            if alone:
                INTERRUPTS.over()

    return run


def _printed(code: int) -> int:
    """The code, unless what was printed does not get through."""
    lost = flushed(sys.stdout)  # a closed pipe shows here, not in the interpreter's last breath
    return _lost(lost, code or FAILED) if lost else code


def _lost(error: OSError, code: int) -> int:
    if isinstance(error, BrokenPipeError):
        return OUTPUT_CLOSED
    return _end(f"error: what was printed is lost: {error.strerror}", code)


def _explain(error: Exception) -> int:
    if isinstance(error, OSError) and not error.filename and (lost := flushed(sys.stdout)):
        return _lost(lost, MISUSED)
    if isinstance(error, ModuleNotFoundError) and (package := _missing_package(error)):
        return _end(f"error: the package {package!r} is not installed: run `{_install_command(package)}`", MISUSED)
    if isinstance(error, UserError):
        return _end(f"error: {error}", FAILED if isinstance(error, WorkLost) else MISUSED)
    if isinstance(error, OSError) and (error.errno in _NO_BUG or _no_temporary_folder(error)):
        place = f": {error.filename}" if error.filename else ""
        return _end(f"error: {error.strerror}{place}", MISUSED)
    if isinstance(error, MemoryError):
        return _end("error: there is not enough memory: expected smaller inputs, or more memory", MISUSED)
    return _end(f"error: this is a bug, {type(error).__name__}; the traceback is in {_keep_traceback(error)}", FAILED)


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


def _end(line: str, code: int) -> int:
    try:
        print(one_line(redacted(line)), file=sys.stderr, flush=True)
    except OSError:  # the code has to say it
        muted(sys.stderr)
    return code
