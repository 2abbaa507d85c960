"""`view`: what it refuses before anything is served, each in one line."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

import assay.cli.exit
import assay.view.server
from assay.cli.view import main
from tests.documents import read_document


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--no-browser"]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.count("\n") == 1
    return error


def test_a_folder_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "nowhere: expected the folder of a run" in _refused(capsys, str(tmp_path / "nowhere"))


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        assert f"--port {number}: Address already in use" in _refused(capsys, str(tmp_path), "--port", number)


@pytest.mark.parametrize("port", ["-1", "65536", "x", "²"])
def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], port: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--port={port}"])
    assert ended.value.code == 2
    assert "expected a port, 0..65535" in capsys.readouterr().err


def test_a_missing_package_is_told_with_the_extra_that_has_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (assay.view.server, assay.cli.exit):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert "'plotly' is not installed: run `make setup`" in _refused(capsys, str(tmp_path))
    monkeypatch.setattr(assay.cli.exit, "__file__", str(tmp_path / "site" / "assay" / "cli" / "exit.py"))
    assert ".whl[view]'`" in _refused(capsys, str(tmp_path))


@pytest.mark.parametrize(("files", "first"), [(("run.json",), "/run?at=.&token="), (("a/run.json",), "/?token=")])
def test_the_folder_of_one_run_opens_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], first: str
) -> None:
    async def end_at_once(server: object) -> None:
        """In place of waiting for the end."""

    monkeypatch.setattr(assay.view.server.uvicorn.Server, "main_loop", end_at_once)
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    told: list[str] = []
    assay.view.server.serve(tmp_path, 0, told.append, browser=False, write=False)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+" + re.escape(first) + r"[\w-]{40,}", told[0])


def test_the_address_in_the_document_opens_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    got: list[tuple[int, str]] = []

    def follow(address: str) -> None:
        cookies, no_proxy = urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.ProxyHandler({})
        with urllib.request.build_opener(cookies, no_proxy).open(address, timeout=60) as answer:
            got.append((answer.status, answer.url))

    async def until_followed(server: object) -> None:
        """In place of waiting for the end."""
        document = read_document(capsys.readouterr().out)
        await asyncio.to_thread(follow, document["result"]["address"])

    monkeypatch.setattr(assay.view.server.uvicorn.Server, "main_loop", until_followed)
    assert main([str(tmp_path), "--no-browser", "--json"]) == 0
    ((status, place),) = got
    assert status == 200
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", place)


def test_a_folder_that_cannot_be_read_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(place: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(place))

    monkeypatch.setattr(os, "scandir", refuse)
    assert f"{tmp_path}: expected a folder that can be read and looked into; Permission denied: " in _refused(
        capsys, str(tmp_path)
    )
