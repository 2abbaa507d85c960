"""Python in a process of its own, with a chosen folder in front of the standard library."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RunFolder = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def python() -> RunFolder:
    """``python(folder, *arguments, stdin="", path=())``: this interpreter in ``folder``, with ``path`` in front."""

    def run(
        folder: Path, *arguments: str, stdin: str = "", path: tuple[Path, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
        if path:
            environment["PYTHONPATH"] = os.pathsep.join(map(str, path))
        return subprocess.run(
            [sys.executable, *arguments], cwd=folder, env=environment, input=stdin, capture_output=True, text=True
        )

    return run
