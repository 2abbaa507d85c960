"""What each address answers."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from assay.config.errors import UserError
from assay.evidence.report.beside.comparable import uncompared
from assay.evidence.report.beside.side_by_side import (
    MOST_RUNS,
    circumstances_grid,
    metric_grids,
    table_of_run,
    words_grid,
)
from assay.store.run.folder import RunFolder
from assay.view.content import stored as store_entries
from assay.view.content.evidence import curves_of, evidence_of
from assay.view.content.paging import page_of
from assay.view.content.pictures import picture_bytes, samples, shown
from assay.view.content.run_page import about_run, about_search, search_of, trial_lines
from assay.view.content.search_plots import history_figures, parallel_figures
from assay.view.content.trials import texts_of
from assay.view.drawn import address, answer
from assay.view.folder.viewed import Absent, Viewed
from assay.view.guard import TOKEN

__all__ = ["Pages"]

_FORM = 4096  # bytes
_RUNS, _TRIALS, _ENTRIES = 50, 100, 100  # lines of a page


class Pages:
    """Answers to requests that the guard let through.

    Args:
        viewed: the folder.
        token: which a form must have that changes something.
        write: whether anything may be changed at all.
    """

    def __init__(self, viewed: Viewed, token: str, *, write: bool) -> None:
        self.viewed, self._token, self._write = viewed, token, write

    def runs(self, request: Request) -> Response:
        """All runs below the folder."""
        words = request.query_params
        query = words.get("q", "").strip()
        every = self.viewed.summaries()
        lines = [each for each in every if query.lower() in each.words]
        page = page_of(lines, words.get("page"), _RUNS)
        template = "runs_part.html.j2" if "part" in words else "runs.html.j2"
        stores = self.viewed.found().stores
        running = sum(each.state == "running" for each in every)
        return self._answer(
            request, template, page=page, query=query, total=len(every), running=running, stores=list(stores)
        )

    def run(self, request: Request) -> Response:
        """One run, or its part that changes while it goes on."""
        name = _at(request)
        line = self.viewed.summary(name)
        part = request.query_params.get("part")
        if part == "progress":
            return self._answer(request, "progress.html.j2", line=line)
        if line.problem:
            return self._answer(request, "damaged.html.j2", line=line)
        context = {"line": line, "made": self._evidence(name), "parts": {}}
        if part == "table":
            return self._answer(request, "table.html.j2", **context)
        folder = self.viewed.run(name)
        trials = trial_lines(folder, request.query_params)
        page = page_of(trials.grid.lines, request.query_params.get("page"), _TRIALS)
        grid = replace(trials.grid, lines=tuple(page.items))
        context |= {"trials": trials, "page": page, "grid": grid, "samples": samples(folder)}
        context |= {"search": about_search(folder, self._search(name)) if line.kind == "search" else None}
        context |= {"curves": self._curves(name), "about": about_run(folder)}
        return self._answer(request, "run.html.j2", **context)

    def figure(self, request: Request) -> Response:
        """Figures of a run as plotly reads them."""
        name, what = _at(request), request.query_params.get("of", "")
        if what == "forest" and (made := self._evidence(name)):
            return JSONResponse(made.forest)
        if what in ("history", "parallel") and (results := self._search(name)):
            draw = history_figures if what == "history" else parallel_figures
            return JSONResponse(self.viewed.made(what, name, lambda _: draw(results)))
        curves = self._curves(name)
        stage = request.query_params.get("stage", "")
        if what != "curves" or curves is None or stage not in curves.stages:
            raise Absent("there is no such figure")
        return JSONResponse(curves.stages[stage])

    def pictures(self, request: Request) -> Response:
        """All pictures of one sample."""
        name = _at(request)
        folder = self.viewed.run(name)
        names = samples(folder)
        sample = request.query_params.get("sample", names[0] if names else "")
        if sample not in names:
            raise Absent(f"the run keeps no picture of {sample[:200]!r}")
        pictures = shown(RunFolder(folder), sample)
        return self._answer(request, "pictures.html.j2", name=name, sample=sample, samples=names, pictures=pictures)

    def picture(self, request: Request) -> Response:
        """One picture."""
        words = request.query_params
        try:
            png = picture_bytes(self.viewed.run(_at(request)), words.get("group", ""), words.get("file", ""))
        except (OSError, ValueError) as error:
            raise Absent("the picture cannot be read") from error
        if png is None:
            raise Absent("the run keeps no such picture")
        return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=60"})

    def trial(self, request: Request) -> Response:
        """What a trial printed, and why it failed."""
        name, trial = _at(request), request.query_params.get("id", "")
        texts = texts_of(self.viewed.run(name), trial)
        if texts is None:
            raise Absent(f"nothing is kept of a trial {trial[:200]!r}")
        return self._answer(request, "trial.html.j2", name=name, trial=trial, texts=texts)

    def compare(self, request: Request) -> Response:
        """Runs side by side."""
        names = list(dict.fromkeys(request.query_params.getlist("at")))
        if not names or len(names) > MOST_RUNS:
            raise UserError(f"expected one to {MOST_RUNS} runs, as they are chosen on the first page; got {len(names)}")
        tables, problems = {}, {}
        for name in names:
            try:
                tables[name] = self.viewed.made("table", name, table_of_run)
            except Absent:
                raise
            except UserError as error:
                problems[name] = str(error)
        folders: dict[str, Path] = {name: self.viewed.run(name) for name in tables}
        context: dict[str, Any] = {"grids": metric_grids(tables), "words": words_grid(tables), "problems": problems}
        context |= {"different": circumstances_grid(folders) if len(folders) > 1 else None}
        records = {name: RunFolder(folder).record for name, folder in folders.items()}
        context |= {"uncompared": uncompared(records) if len(records) > 1 else []}
        return self._answer(request, "compare.html.j2", names=names, **context)

    def store(self, request: Request) -> Response:
        """What is in a store."""
        name, words = _at(request), request.query_params
        every = self._entries(name)
        unused = words.get("unused") == "1"
        chosen = [each for each in every if not each.runs and not each.trials] if unused else every
        sizes = {"all": sum(each.size for each in every), "shown": sum(each.size for each in chosen)}
        page = page_of(chosen, words.get("page"), _ENTRIES)
        context = {"name": name, "page": page, "total": len(every), "sizes": sizes, "unused": unused}
        return self._answer(request, "store.html.j2", **context, folder=self.viewed.store(name))

    def entry(self, request: Request) -> Response:
        """One entry: how it was made, who needs it, and what would be lost with it."""
        name = _at(request)
        one = self._entry(name, request)
        lost = store_entries.lost_with(one)
        return self._answer(request, "entry.html.j2", name=name, one=one, lost=lost, token=self._token)

    async def delete(self, request: Request) -> Response:
        """Remove an entry; the form must have the token, and the command `--write`."""
        if not self._write:
            raise Forbidden("this page only reads: start the command with --write")
        form = parse_qs(bytes(await request.body())[:_FORM].decode("latin-1"))
        if not secrets.compare_digest("".join(form.get(TOKEN, [])).encode(), self._token.encode()):
            raise Forbidden("expected the form of this page")
        await run_in_threadpool(self._delete, request)
        return RedirectResponse(address("/store", at=_at(request)), 303)

    def _delete(self, request: Request) -> None:
        name = _at(request)
        store_entries.delete(self.viewed.store(name), self._entry(name, request), self.viewed.summaries())

    def _entries(self, name: str) -> list[store_entries.Stored]:
        return store_entries.entries_of(self.viewed.store(name), self.viewed.summaries())

    def _entry(self, name: str, request: Request) -> store_entries.Stored:
        words = request.query_params
        return store_entries.stored(self._entries(name), words.get("kind", ""), words.get("id", ""))

    def _evidence(self, name: str) -> Any:
        if not (self.viewed.run(name) / "run.json").is_file():
            return None
        return self.viewed.made("evidence", name, evidence_of)

    def _curves(self, name: str) -> Any:
        if not (self.viewed.run(name) / "run.json").is_file():
            return None
        return self.viewed.made("curves", name, curves_of)

    def _search(self, name: str) -> Any:
        return self.viewed.made("search", name, search_of)

    def _answer(self, request: Request, template: str, **context: Any) -> Response:
        return answer(request, template, **context, root=self.viewed.root, write=self._write)


class Forbidden(UserError):
    """It may not be done here."""


def _at(request: Request) -> str:
    return request.query_params.get("at", "")
