"""Ctrl-C, once or several times in a row: the first ends a command, the next ones do not keep it from ending."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

__all__ = ["INTERRUPTS", "PATIENCE_S"]

PATIENCE_S = 5.0  # for Ray to end its processes; what is stored is whole whenever this one ends


class _Interrupts:
    """What Ctrl-C does to a command that is the whole process: it raises `KeyboardInterrupt` once.

    Attributes:
        pressed: whether it did.
    """

    def __init__(self) -> None:
        self.pressed = False
        self._since: float | None = None
        self._code = 1

    def watch(self, code: int) -> None:
        """Begin; not where Ctrl-C is ignored or somebody else's already, as in a thread or a notebook.

        Args:
            code: exit code of the process where it is pressed again after `PATIENCE_S`, and all ends at once.
        """
        default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if default and threading.current_thread() is threading.main_thread():
            self._code = code
            signal.signal(signal.SIGINT, self._press)

    def over(self) -> None:
        """The command has ended: Ctrl-C no longer has anything to end but the interpreter."""
        self._since = self._since or time.monotonic()

    def _press(self, number: int, frame: FrameType | None) -> None:
        if self._since is None:
            self.pressed, self._since = True, time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - self._since > PATIENCE_S:
            os.write(2, b"stopped at once\n")
            os._exit(self._code)


INTERRUPTS = _Interrupts()  # a process has one Ctrl-C; a command that another one calls has the same
