"""The tools over the protocol: what a client sees, and what it is told when it is refused."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from assay.cli.mcp import main
from assay.mcp.desk import Desk
from assay.mcp.server import server_for
from tests.documents import printed_document


def _session(desk: Desk, talk: Callable[[Callable[..., Awaitable[Any]]], Awaitable[None]]) -> None:
    """A client in this process that talks to the server."""

    async def both() -> None:
        async with Client(server_for(desk)) as client:

            async def call(tool: str, **arguments: Any) -> Any:
                result = await client.call_tool(tool, arguments)
                return result.content[0].text if result.is_error else result.structured_content

            await talk(call)

    asyncio.run(both())


def test_a_client_lists_plans_runs_reads_and_is_refused(desk: Desk) -> None:
    async def talk(call: Callable[..., Awaitable[Any]]) -> None:
        listed = await call("list")
        assert [row["name"] for row in listed["rows"]["rows"]] == ["ours", "no_bias"]
        assert "width" in [each["name"] for each in listed["parameters"]["parameters"]]
        assert "no such plan was shown" in await call("ablate", token="0" * 32)
        shown = await call("plan", rows=["no_bias"], seeds=3)
        ended = await call("ablate", token=shown["token"])
        assert ended == {"run": "proposal-0001", "state": "ended", "unfinished": []}
        found = await call("verdicts", run="proposal-0001")
        found = found.get("result", found)
        assert {line["verdict"] for line in found["verdicts"]} == {"worse"}
        assert "its verdict is worse, not better" in await call(
            "keep", run="proposal-0001", row="no_bias", metric="error"
        )
        assert "Did you mean no_bias?" in await call("plan", rows=["no_bais"])
        assert "expected rows and changes, or parameters" in await call("plan", rows=["no_bias"], search=["width"])

    _session(desk, talk)


def test_a_long_run_is_waited_for_with_its_token(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    go_on = threading.Event()
    run = desk.run
    monkeypatch.setattr(desk, "run", lambda *asked: go_on.wait(60) and run(*asked))

    async def talk(call: Callable[..., Awaitable[Any]]) -> None:
        shown = await call("plan", rows=["no_bias"], seeds=3)
        other = await call("plan", search=["width"], trials=2)
        running = await call("ablate", token=shown["token"], wait_s=0)
        assert running == {"run": "proposal-0001", "state": "running", "unfinished": []}
        kept = await call("keep", run="proposal-0001", row="no_bias", metric="error")
        assert "proposal-0001 is running: wait for it, with its token" in kept
        assert "another run goes on" in await call("search", token=other["token"], wait_s=0)
        go_on.set()
        assert (await call("ablate", token=shown["token"], wait_s=60))["run"] == "proposal-0001"

    _session(desk, talk)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("plan", {"rows": ["no_bias"], "seeds": 2}, "seeds: Input should be greater than or equal to 3; got 2"),
        ("plan", {"rows": "no_bias"}, "rows: Input should be a valid list; got 'no_bias'"),
        ("ablate", {"token": "0", "wait_s": -1}, "wait_s: Input should be greater than or equal to 0; got -1"),
        ("ablate", {}, "token: Field required"),
        ("plan", {"changes": {"wide": {"width": 8}}}, "changes: wide changes nothing: ours has width=8 already"),
    ],
)
def test_wrong_arguments_are_one_line(desk: Desk, tool: str, arguments: dict[str, Any], said: str) -> None:
    async def talk(call: Callable[..., Awaitable[Any]]) -> None:
        answer = await call(tool, **arguments)
        assert said in answer
        assert len(answer.splitlines()) == 1

    _session(desk, talk)


def test_the_token_of_an_ablation_is_no_search(desk: Desk) -> None:
    async def talk(call: Callable[..., Awaitable[Any]]) -> None:
        shown = await call("plan", rows=["no_bias"], seeds=3)
        assert "this plan is of ablate: give its token to that tool" in await call("search", token=shown["token"])

    _session(desk, talk)


def test_tools_say_whether_they_only_read(desk: Desk) -> None:
    async def tools() -> dict[str, bool]:
        async with Client(server_for(desk)) as client:
            return {tool.name: tool.annotations.read_only_hint for tool in (await client.list_tools()).tools}

    reads = asyncio.run(tools())
    assert reads == dict.fromkeys(("list", "plan", "verdicts"), True) | dict.fromkeys(
        ("ablate", "search", "keep"), False
    )


def test_over_stdio_nothing_but_the_protocol_is_on_stdout(desk: Desk, root: Path) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    called = {"name": "plan", "arguments": {"rows": ["no_bias"]}}
    asked = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": called},
    ]
    words = [sys.executable, "-m", "assay.cli.mcp", "--study=line.yaml", "storage=store"]
    environment = os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write("".join(json.dumps(each) + "\n" for each in asked))
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdin.close()
        assert process.stdout.read() == ""
    assert process.returncode == 0
    assert answers[0]["result"]["serverInfo"]["name"] == "assay"
    assert answers[1]["result"]["structuredContent"]["run"] == "proposal-0001"


def test_mistakes_of_who_starts_it_are_told_at_once(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["--study=lin.yaml"], "lin.yaml"),
        (["--study=line.yaml", "seed=3"], "without seeds, which the ledger gives"),
        (["--study=line.yaml", "widht=3"], "unknown key 'widht'"),
        (["--study=line.yaml", "--folder=train.sh"], "--folder train.sh"),
    ):
        assert main(words) == 2
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 1)
        assert said in err
    assert main(["--study=line.yaml", "--json"]) == 2
    assert "JSON-RPC on stdout" in printed_document(capsys)[0]["error"]["message"]
