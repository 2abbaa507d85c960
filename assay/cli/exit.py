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
from pathlib import Path

from assay.config.errors import UserError

__all__ = ["FAILED", "MISUSED", "OUTPUT_CLOSED", "STOPPED", "exit_code"]

FAILED = 1  # something that was asked for did not finish, or a bug
MISUSED = 2  # the person can mend it: a wrong name, a missing package, a full disk
STOPPED = 130  # Ctrl-C, as shells report it (128 + SIGINT)
OUTPUT_CLOSED = 141  # the reader of a pipe went away (128 + SIGPIPE)

Main = Callable[[list[str] | None], int]

_OURS = ("assay", "smfnet", "analysis", "platform")
_NOTEBOOK_EXTRA = ("ipykernel", "jupytext", "nbclient", "nbconvert", "nbformat")
_NO_BUG = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)


def exit_code(main: Main) -> Callable[..., int]:
    """Turn whatever ``main`` raises into an exit code and one line on stderr.

    Args:
        main: takes the arguments without the program's name (None: those of the process), returns the exit code.

    Returns:
        A function with the same arguments that returns ``main``'s code, or 2 for a ``UserError``, a missing package, a
        full disk or a missing permission; 130 for Ctrl-C (``stopped``); 141, silently, when the reader of the output
        went away; 1 for every other exception, whose traceback is kept in a file. ``SystemExit`` passes through.
    """

    @functools.wraps(main)
    def run(argv: list[str] | None = None) -> int:
        try:
            code = main(argv)
            sys.stdout.flush()  # a closed pipe shows here, not in the interpreter's last breath
        except KeyboardInterrupt:
            return _end("stopped", STOPPED)
        except BrokenPipeError:
            return _close_output()
        except Exception as error:
            return _explain(error)
        return code

    return run


def _explain(error: Exception) -> int:
    if isinstance(error, ModuleNotFoundError) and (package := _missing_package(error)):
        return _end(f"error: the package {package!r} is not installed: run `{_install_command(package)}`", MISUSED)
    if isinstance(error, UserError):
        return _end(f"error: {error}", MISUSED)
    if isinstance(error, OSError) and error.errno in _NO_BUG:
        place = f": {error.filename}" if error.filename else ""
        return _end(f"error: {error.strerror}{place}", MISUSED)
    return _end(f"error: this is a bug, {type(error).__name__}; the traceback is in {_keep_traceback(error)}", FAILED)


def _missing_package(error: ModuleNotFoundError) -> str | None:
    """The package of somebody else that is not there; None if the missing module is ours or the standard library's."""
    package = (error.name or "").partition(".")[0]
    return None if package in _OURS or package in sys.stdlib_module_names else package or None


def _install_command(package: str) -> str:
    """What installs ``package``: ``make setup`` in a clone, else the wheel's file: an index has another of its name."""
    if (Path(__file__).parents[2] / "Makefile").is_file():
        return "make setup"
    return "pip install '/PATH/TO/assay-VERSION.whl" + ("[notebook]'" if package in _NOTEBOOK_EXTRA else "'")


def _keep_traceback(error: Exception) -> str:
    """Write the traceback to ``runs/`` (the temporary folder where there is none) and return the file's path."""
    name = time.strftime("crash-%Y%m%d-%H%M%S") + f"-{os.getpid()}.txt"
    text = "".join([f"command: {' '.join(sys.argv)}\npython: {sys.version}\n\n", *traceback.format_exception(error)])
    for folder in (Path("runs"), Path(tempfile.gettempdir())):
        try:
            (folder / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        return str(folder / name)
    print(text, file=sys.stderr)
    return "the lines above"


def _close_output() -> int:
    """Point stdout at nothing, or the interpreter complains about the closed pipe when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OUTPUT_CLOSED


def _end(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
