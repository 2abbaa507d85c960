"""The pages in a real browser, wide and narrow: scripts run under the policy, figures are drawn, nothing overflows."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assay.store.run.folder import RunFolder
from tests.assay.view.browser import CHROMIUM, Browser

pytestmark = [pytest.mark.slow]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there")


@pytest.fixture
def served(root: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the address that it has printed."""
    words = [sys.executable, "-m", "assay.cli.main", "view", str(folder), "--no-browser"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, cwd=root, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, **pipes) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()
        process.kill()


def test_the_command_prints_an_address_of_this_machine_and_ctrl_c_ends_it(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    process, address = served
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", address)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (0, "", "")


@needs_chromium
@pytest.mark.parametrize("width", [1280, 400])
def test_pages_are_drawn_and_fit(
    served: tuple[subprocess.Popen[str], str], tmp_path: Path, folder: Path, width: int
) -> None:
    first, token = served[1].split("/?")
    fits = "document.documentElement.scrollWidth <= innerWidth"
    with Browser(tmp_path / "profile") as browser:
        browser.open(f"{first}/?{token}", width)
        assert browser.does("location.search") == ""  # the token is no longer in it
        assert browser.does(fits)
        browser.does("document.querySelectorAll('.runs input:not(:disabled)').forEach((each) => each.click())")
        assert browser.does("document.getElementById('compare').disabled") is False
        browser.open(f"{first}/run?at=whole", width, 6000)
        browser.until("document.querySelectorAll('.js-plotly-plot .main-svg').length >= 10")
        assert browser.does(fits)
        wide = "[...document.querySelectorAll('.figure')].filter((each) => each.scrollWidth > each.clientWidth).length"
        assert browser.does(wide) == 0
        rows = "[...document.querySelector('#rows tbody').rows].map((each) => each.cells[0].textContent.trim())"
        before = browser.does(rows)
        browser.does("document.querySelector('#rows thead th').click()")
        assert browser.does(rows) == sorted(before, key=str.lower)
        type_in = "(e => { e.value = 'gnn'; e.dispatchEvent(new Event('input', { bubbles: true })); })"
        browser.does(f"{type_in}(document.querySelector('.tools input'))")
        shown = browser.does("[...document.querySelector('#rows tbody').rows].filter((each) => !each.hidden).length")
        assert shown == 1
        for page in ("/run?at=search", "/pictures?at=whole", "/compare?at=whole&at=sub/halfway", "/store?at=store"):
            browser.open(f"{first}{page}", width)
            assert browser.does(fits), page
        browser.open(f"{first}/run?at=sub/halfway", width)
        run = RunFolder(folder / "sub" / "halfway")
        run.write_record(replace(run.record, trials=tuple(replace(t, status="failed") for t in run.record.trials)))
        browser.until("document.querySelector('.facts').textContent.includes('16 failed')")  # fetched by itself
        browser.open(f"{first}/pictures?at=whole", width)
        browser.does("document.querySelector('[data-zoom=\"2\"]').click()")
        styles = browser.does("[...document.querySelectorAll('.gallery img')].map((each) => each.style.transform)")
        assert len(set(styles)) == 1
        assert "scale(2)" in styles[0]
        assert browser.complaints == []
