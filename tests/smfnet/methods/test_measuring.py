"""Values do not depend on how many processes measure, and what a process raises is told."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from assay.config.errors import UserError
from smfnet.fusion.fused_files import FusedFiles
from smfnet.methods import measuring
from smfnet.methods.measuring import cores, measured_files

METRICS = ("EN", "VIF", "Qabf", "SSIM", "CC")


@pytest.fixture
def files(tmp_path: Path) -> list[FusedFiles]:
    rng = np.random.default_rng(3)
    found = []
    for name in "abcdef":
        paths = [tmp_path / f"{name}_{kind}.png" for kind in ("fused", "ir", "vi")]
        for path in paths:
            Image.fromarray(rng.integers(0, 256, (70, 90), dtype=np.uint8)).save(path)
        found.append(FusedFiles(name, *paths))
    return found


def test_two_processes_and_one_give_the_same_digits_in_order(files: list[FusedFiles]) -> None:
    before = torch.get_num_threads()
    one = list(measured_files(files, METRICS, 1))
    assert list(measured_files(files, METRICS, 2)) == one
    assert [each["EN"] for each in one] == [each.measure(["EN"])["EN"] for each in files]
    assert torch.get_num_threads() == before


def test_what_a_process_finds_wrong_is_an_error_here(files: list[FusedFiles]) -> None:
    files[4].fused.write_bytes(b"no image")
    with pytest.raises(UserError, match=r"e_fused\.png is damaged"):
        list(measured_files(files, METRICS, 2))


def test_little_work_stays_in_this_process(files: list[FusedFiles], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smfnet.methods.measuring._in_pool", lambda *_: pytest.fail("a pool for six small images"))
    assert len(list(measured_files(files, ("EN",), None))) == 6
    assert cores() >= 1


def test_a_process_that_is_killed_is_told(files: list[FusedFiles], monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise BrokenProcessPool("a process ended abruptly")

    monkeypatch.setattr("smfnet.methods.measuring.ProcessPoolExecutor.submit", killed)
    with pytest.raises(UserError, match="killed, for want of memory perhaps: --workers 1"):
        list(measured_files(files, METRICS, 2))


def _hangs(measured: Path, *_: object) -> list[dict[str, float]]:
    """In place of what measures: it says that it has begun, and never ends."""
    (measured / str(os.getpid())).touch()
    threading.Event().wait()
    return []


def test_a_stop_ends_processes_in_the_middle_of_their_work(
    files: list[FusedFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    begun.mkdir()

    def stopped(*_: object) -> None:
        while len(list(begun.iterdir())) < 2:
            threading.Event().wait(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "_measure", partial(_hangs, begun))
    monkeypatch.setattr("concurrent.futures.Future.result", stopped)
    before = set(multiprocessing.active_children())
    with pytest.raises(KeyboardInterrupt):
        list(measuring._in_pool(files, METRICS, 2))
    assert set(multiprocessing.active_children()) == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


_STOPPED = """\
import os, signal
from smfnet.methods import measuring

try:
    with measuring._no_interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        print("the last one")
except KeyboardInterrupt:
    print("stopped", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


def test_a_stop_while_processes_are_begun_comes_when_all_are_known(root: Path) -> None:
    done = subprocess.run(  # in a process of its own: what holds the tests would die of a Ctrl-C that comes late
        [sys.executable, "-c", _STOPPED],
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the last one\nstopped True\n", "")
