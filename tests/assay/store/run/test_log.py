"""The log of a run's folder."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path
from typing import NoReturn

import pytest

from assay.store.run.log import LOG_FILE, RunLog, was_begun


def _lines(folder: Path) -> list[str]:
    """Without their times."""
    return [line[20:] for line in (folder / LOG_FILE).read_text().splitlines()]


def test_a_command_leaves_its_words_warnings_and_end_below_those_before(tmp_path: Path) -> None:
    for seeds in (2, 3):
        with RunLog(tmp_path).command(["assay", "ablate", f"--seeds={seeds}", "storage=s3://KEY:SECRET@bucket/x"]):
            logging.getLogger("assay.store.store").warning("put aside: %s", "s3://KEY:SECRET@bucket/x")
            RunLog(tmp_path).write("a seed 1: running\nnow")
    logging.getLogger("assay.store.store").warning("too late")
    began, *told = lines = _lines(tmp_path)
    assert began == f"began (process {os.getpid()}): assay ablate --seeds=2 'storage=s3://***@bucket/x'"
    assert told[:3] == ["warning: put aside: s3://***@bucket/x", "a seed 1: running now", "ended after 0 s"]
    assert lines[4:] == [began.replace("=2", "=3"), *told[:3]]
    assert was_begun(tmp_path)
    assert not was_begun(tmp_path)


def test_a_warning_is_printed_once_as_without_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger("assay"), "propagate", False)  # pytest listens at the root
    logger = logging.getLogger("assay.store.store")
    with RunLog(tmp_path / "outer").command(()), RunLog(tmp_path).command(()):
        logger.warning("put aside")
    assert capsys.readouterr().err == "put aside\n"
    logger.warning("later")
    assert capsys.readouterr().err == "later\n"


@pytest.mark.parametrize(
    ("error", "end"), [(KeyboardInterrupt(), "stopped"), (ValueError("no\nluck"), "ValueError: no luck")]
)
def test_what_ended_a_command_early_is_kept(error: BaseException, end: str, tmp_path: Path) -> None:
    with pytest.raises(type(error)), RunLog(tmp_path).command(["x", "y"]):
        raise error
    assert _lines(tmp_path)[-1] == f"ended after 0 s, before its end: {end}"


def test_what_was_printed_is_indented(tmp_path: Path) -> None:
    RunLog(tmp_path).quote("table\n\n  a 1\n")
    assert (tmp_path / LOG_FILE).read_text() == "    table\n\n      a 1\n"


def _full(handle: int, mode: str) -> NoReturn:
    os.close(handle)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("what", ["folder", "link", "pipe", "nowhere", "full"])
def test_a_log_that_cannot_be_written_ends_nothing(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, elsewhere = tmp_path / "run" / LOG_FILE, tmp_path / "elsewhere"
    if what != "nowhere":
        path.parent.mkdir()
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to(elsewhere)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "full":
        monkeypatch.setattr(os, "fdopen", _full)
    with RunLog(path.parent).command(["x"]):
        RunLog(path.parent).write("y")
    assert not elsewhere.exists()
