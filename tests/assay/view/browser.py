"""A headless Chromium that is told what to do through a pipe, with a screen of any width."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["CHROMIUM", "Browser"]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe")
# The browser reads from 3 and writes to 4, which may be taken by the pipes themselves.
_EXEC = """
import fcntl, os, sys
read, write = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(read, 3), os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page of a browser; a context manager.

    Args:
        folder: for its profile.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count(1)
        self.complaints: list[str] = []

    def __enter__(self) -> Self:
        theirs, self._out = os.pipe()
        self._in, answers = os.pipe()
        words = [sys.executable, "-c", _EXEC, str(theirs), str(answers), str(CHROMIUM), *_OPTIONS]
        words += [f"--user-data-dir={self._folder}", "about:blank"]
        self._process = subprocess.Popen(words, pass_fds=(theirs, answers), stderr=subprocess.DEVNULL)
        os.close(theirs)
        os.close(answers)
        self._pending = b""
        self._at: dict[str, str] = {}
        (target,) = [each for each in self("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        page = self("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._at = {"sessionId": page["sessionId"]}
        for domain in ("Page", "Runtime", "Log"):
            self(f"{domain}.enable")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._out)
        os.close(self._in)

    def __call__(self, method: str, **words: Any) -> dict[str, Any]:
        """Give a command; its result."""
        number = next(self._numbers)
        told = {"id": number, "method": method, "params": words} | self._at
        os.write(self._out, json.dumps(told).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def open(self, address: str, width: int, height: int = 900) -> None:
        """Go to an address, and wait until its scripts have drawn."""
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self("Page.navigate", url=address)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def does(self, script: str) -> Any:
        """What a script gives; a promise is waited for."""
        found = self("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until a script's condition holds, with the frames of the page; ten seconds at the most."""
        script = f"""new Promise((done, failed) => {{
          const began = performance.now(), late = () => performance.now() - began > 1e4;
          const look = () => ({condition}) ? done() : late() ? failed("not within 10 s") : requestAnimationFrame(look);
          look();
        }})"""
        self.does(script)

    def picture(self, path: Path) -> None:
        """Keep what is seen."""
        path.write_bytes(base64.b64decode(self("Page.captureScreenshot")["data"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            read = os.read(self._in, 2**16)
            assert read, "the browser has ended"
            self._pending += read
        line, self._pending = self._pending.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(message["params"]["entry"]["text"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(message["params"]["exceptionDetails"]))
        return message
