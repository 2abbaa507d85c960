"""The MCP server: the tools of a `Desk`, over stdio."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import Field, ValidationError

from assay import __version__
from assay.config.errors import UserError, one_line
from assay.config.reading import first_problem
from assay.config.text.credentials import redacted
from assay.documents.ablation import Ablation
from assay.documents.search import Search as SearchDocument
from assay.mcp.answers import KeptRow, Listed, PlanShown, Started
from assay.mcp.asked import Ablate, Search, Value
from assay.mcp.desk import Desk

__all__ = ["server_for"]

P = ParamSpec("P")
T = TypeVar("T")
Token = Annotated[str, Field(description="of a plan that was shown", max_length=64)]
RunName = Annotated[str, Field(description="name of a run, as list has it", max_length=300)]
Wait = Annotated[float, Field(description="answer `running` after so many seconds", ge=0, le=600)]
RowNames = Annotated[list[str], Field(description="rows of the study's suite, by name", max_length=20)]
_CHANGES = "new rows: name -> parameter of the study -> its value, inside its range"
Changes = Annotated[dict[str, dict[str, Value]], Field(description=_CHANGES, max_length=20)]
Seeds = Annotated[int, Field(description="of every row; more resolve more", ge=3, le=30)]
ParameterNames = Annotated[list[str], Field(description="to search instead: names or groups", max_length=30)]
Trials = Annotated[int, Field(description="of a search", ge=1, le=1000)]
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_TRAINS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
INSTRUCTIONS = """\
Ablations and searches of one study, with verdicts. Nothing is trained without a plan: call `plan`, show its lines to
the person, and give its token to `ablate` or `search`. More seeds, other rows or values are another plan. Each proposal
(an ablation) has seeds of its own and spends a part of the 5 % by its place: make few, and good ones. `keep` refuses
whatever its verdict does not call better at that level; report a refusal as what it is.
"""


class _Work:
    """One run at a time, in a thread that ends with the process: what was done is stored, and the same plan goes on."""

    def __init__(self) -> None:
        self.token = ""
        self._ended = threading.Event()
        self._ended.set()
        self._result: str | BaseException = ""

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.is_set()

    def begin(self, token: str, run: Callable[[], str]) -> None:
        """Begin what does not go on already.

        Raises:
            UserError: something else goes on.
        """
        if self.goes_on:
            if token != self.token:
                raise UserError("another run goes on: wait for it, with its token")
            return
        self.token, self._ended = token, threading.Event()
        threading.Thread(target=self._carry_out, args=(run, self._ended), daemon=True).start()

    def _carry_out(self, run: Callable[[], str], ended: threading.Event) -> None:
        try:
            self._result = run()
        except BaseException as error:  # whatever it is, whoever waits is told
            self._result = error
        ended.set()

    def wait(self, seconds: float) -> str | None:
        """The name of the run if it has ended by then; raises what has ended it otherwise."""
        if not self._ended.wait(seconds):
            return None
        if isinstance(self._result, BaseException):
            raise self._result
        return self._result


def _told(tool: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A tool that answers from a thread, and whose mistakes are one line."""

    @functools.wraps(tool)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(tool, *args, **kwargs)
        except ValidationError as error:
            raise ToolError(one_line(first_problem(error))) from error
        except UserError as error:
            raise ToolError(one_line(redacted(str(error)))) from error

    return call


class _Server(MCPServer[Any]):
    """Says in one line what is wrong with arguments, too."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; see `MCPServer`."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            raise ToolError(f"{name}: {first_problem(error.__cause__)}") from error


def server_for(desk: Desk) -> MCPServer[Any]:
    """The server of a desk."""
    server = _Server("assay", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING", subscriptions=False)
    work = _Work()

    def listed() -> Listed:
        """Rows, parameters with their ranges, runs, and the proposals so far."""
        return desk.listed()

    def plan(
        rows: RowNames | None = None,
        changes: Changes | None = None,
        seeds: Seeds = 5,
        search: ParameterNames | None = None,
        trials: Trials = 12,
    ) -> PlanShown:
        """Show what an ablation (rows, changes) or a search would do and cost. Trains nothing; show its lines."""
        if search and (rows or changes):
            raise UserError("expected rows and changes, or parameters to search; got both")
        if search:
            return desk.plan(Search(parameters=search, trials=trials))
        return desk.plan(Ablate(rows=rows or [], changes=changes or {}, seeds=seeds))

    def carried_out(token: str, wait_s: float, kind: type[Ablate] | type[Search]) -> Started:
        work.begin(token, lambda: desk.run(token, kind))
        run = work.wait(wait_s)
        if run is None:
            return Started(run=desk.run_of(token), state="running", unfinished=[])
        return Started(run=run, state="ended", unfinished=desk.verdicts(run).unfinished)

    def ablate(token: Token, wait_s: Wait = 50.0) -> Started:
        """Train and test what a plan of an ablation has shown. Answers `running` while it goes on: call it again."""
        return carried_out(token, wait_s, Ablate)

    def search(token: Token, wait_s: Wait = 50.0) -> Started:
        """Search as a plan has shown, and confirm the best with fresh seeds. Answers as `ablate` does."""
        return carried_out(token, wait_s, Search)

    def verdicts(run: RunName) -> Ablation | SearchDocument:
        """What a run has found: values, and for each row and metric the difference to the base with its word."""
        return desk.verdicts(run)

    def keep(run: RunName, row: str, metric: str) -> KeptRow:
        """Keep a row of a proposal. Refused unless its verdict for the metric is better, at the proposal's level."""
        if work.goes_on and run == desk.run_of(work.token):
            raise UserError(f"{run} is running: wait for it, with its token, until it has ended")
        return desk.keep(run, row, metric)

    for tool, name, hints in (
        (listed, "list", _READS), (plan, "plan", _READS), (ablate, "ablate", _TRAINS), (search, "search", _TRAINS),
        (verdicts, "verdicts", _READS), (keep, "keep", _TRAINS),
    ):  # fmt: skip
        server.add_tool(_told(tool), name=name, annotations=hints)
    return server
