"""Ctrl-C, once or several times in a row: the first ends a command, the next ones do not keep it from ending."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

__all__ = ["PATIENCE_S", "Interrupts"]

PATIENCE_S = 5.0  # for Ray to end its processes; what is stored is whole whenever this one ends


class Interrupts:
    """What Ctrl-C does to a command that is the whole process: it raises `KeyboardInterrupt` once.

    Args:
        code: exit code of the process where it is pressed again after `PATIENCE_S`, and all ends at once.
    """

    def __init__(self, code: int) -> None:
        self._code = code
        self._since: float | None = None

    def watch(self) -> None:
        """Begin; not where Ctrl-C is ignored or somebody else's already, as in a thread or a notebook."""
        default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if default and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._pressed)

    def over(self) -> None:
        """The command has ended: Ctrl-C no longer has anything to end but the interpreter."""
        self._since = self._since or time.monotonic()

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        if self._since is None:
            self._since = time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - self._since > PATIENCE_S:
            os.write(2, b"stopped at once\n")
            os._exit(self._code)
