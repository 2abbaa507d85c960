"""Makes the pictures of README and docs again: `python docs/pictures.py`, minutes on two cores; `make pictures`.

Both are real outputs: `terminal.svg` is what `python -m platform.ablate --all` draws in a terminal when it is half-way,
`report.png` the first screen of `python -m platform.report`, as Chromium shows it.

    python docs/pictures.py FOLDER     keeps the run in FOLDER, or draws the one that is there
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

PICTURES = Path(__file__).parent / "pictures"
COLUMNS, LINES = 100, 30
REDRAWN = re.compile(r"\r\x1b\[2K(?:\x1b\[1A\x1b\[2K)*")  # how rich takes back what it has drawn
# Rich's own format fetches a font from elsewhere.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def in_a_terminal(command: Sequence[str]) -> str:
    """Run a command in a terminal of its own; what it writes there.

    Raises:
        CalledProcessError: it failed.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    written = bytearray()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # how Linux says that the other side has been closed
            pass
    os.close(ours)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, written)
    return written.decode().replace("\r\n", "\n")


def half_way(written: str) -> str:
    """The picture that stood in the terminal when half of all had been drawn."""
    drawn = [part for part in REDRAWN.split(written) if part.count("\n") > 3]
    return drawn[len(drawn) // 2].rstrip()


def draw(text: str, title: str, path: Path) -> None:
    """Write what a terminal shows, with its colours, as SVG."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text))
    path.write_text(console.export_svg(title=title, code_format=SVG, unique_id="t"), encoding="utf-8")


def photograph(page: Path, path: Path, width: int = 1280, height: int = 1500) -> None:
    """Write the first screen of a page as a PNG of 64 colours.

    Raises:
        StopIteration: there is no Chromium.
    """
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        options = ("--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}")
        subprocess.run([browser, *options, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True)
        Image.open(shot).convert("RGB").quantize(64).save(path, optimize=True)


def main(folder: Path) -> None:
    """Train, draw, report, photograph; a folder that has what a terminal showed is not trained in again."""
    run, shown, module = folder / "table5", folder / "terminal.txt", (sys.executable, "-m")
    if not shown.exists():
        command = [*module, "platform.ablate", "--all", f"storage={folder / 'store'}", "--output", str(run)]
        shown.write_bytes(in_a_terminal(command).encode())
    draw(half_way(shown.read_bytes().decode()), "make ablate", PICTURES / "terminal.svg")
    subprocess.run([*module, "platform.report", run], check=True)
    photograph((run / "report.html").resolve(), PICTURES / "report.png")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
