"""What an agent asks at, in one study and one folder: nothing is spent unshown, and nothing kept unproven."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.config.errors import UserError, unknown
from assay.documents.plans import parameters_of, plan_of, rows_of
from assay.evidence.statistics.online import level_of, refusal
from assay.mcp.answers import KeptRow, Listed, PlanShown, ProposalPart, RunPart
from assay.mcp.asked import Ablate, Request, Search, study_rows, suite_for
from assay.mcp.ledger import FOLDER, Ledger, Proposal

if TYPE_CHECKING:
    from assay.config.root import RootConfig
    from assay.documents.ablation import Ablation as AblationDocument
    from assay.documents.search import Search as SearchDocument
    from assay.launch.ablation import PlannedAblation
    from assay.launch.search import PlannedSearch
    from assay.runs import Run
    from assay.study import Study

__all__ = ["Desk"]

_COMMAND = ("assay", "mcp")


class Desk:
    """One study and one folder, which are chosen by whoever starts the server.

    Args:
        study: as `--study` takes it; read anew for every plan.
        folder: for runs and the ledger.
        words: configuration, `key=value`.
    """

    def __init__(self, study: str, folder: Path, words: Sequence[str] = ()) -> None:
        self.word, self.folder, self.words = study, folder, tuple(words)
        self.ledger = Ledger(folder)
        self._shown: dict[str, tuple[Request, str]] = {}

    def listed(self) -> Listed:
        """Rows, parameters, runs and proposals."""
        from assay.experiment.suite import suite_names
        from assay.tuning.spaces.space import parameters_of as known_parameters

        study, proposals = self._study(), self.ledger.proposals
        return Listed(
            rows=rows_of(study_rows(study), suite_names(study.suites)),
            parameters=parameters_of(known_parameters(study), study.defaults_of),
            runs=[RunPart(name=name, search=(path / "search.json").is_file()) for name, path in self._runs().items()],
            proposals=[ProposalPart.of(each) for each in proposals],
            next_level=level_of(len(proposals) + 1),
        )

    def plan(self, request: Request) -> PlanShown:
        """Show what a request would do; nothing is trained or written.

        Raises:
            UserError: anything is wrong with it.
        """
        if isinstance(request, Search):
            searched = self._search(request)
            token = self._search_token(request, searched)
            run, place, level, seeds, lines = searched.folder.name, None, None, None, plan_of(searched).lines
        else:
            proposal, planned = self._proposal(request)
            token, lines = self._token(request, proposal, planned), plan_of(planned).lines
            run, place, level = proposal.run, proposal.place, level_of(proposal.place)
            seeds = list(range(proposal.seed, proposal.next_seed))
        self._shown[token] = request, run
        return PlanShown(token=token, run=run, lines=lines, place=place, level=level, seeds=seeds)

    def run(self, token: str, kind: type[Request] | None = None) -> str:
        """Do what a plan has shown, whole; returns the name of the run. The same token again goes on, or has ended.

        Args:
            token: of the plan.
            kind: what it has to be of.

        Raises:
            UserError: no plan with this token was shown, or what would be run is no longer what it showed.
        """
        if token and (known := self.ledger.of_token(token)) and self._ended(known) and kind is not Search:
            return known.run
        if token not in self._shown:
            raise UserError("no such plan was shown: nothing is spent without one; call plan, and give its token")
        request, _ = self._shown[token]
        if kind is not None and not isinstance(request, kind):
            raise UserError(f"this plan is of {request.called}: give its token to that tool")
        if isinstance(request, Search):
            searched = self._search(request)
            self._same(token, self._search_token(request, searched))
            return searched.run(progress=False).folder.name
        proposal, planned = self._proposal(request)
        self._same(token, self._token(request, proposal, planned))
        self.ledger.begin(replace(proposal, token=token))
        return planned.run(progress=False).folder.name

    def run_of(self, token: str) -> str | None:
        """The name of the run of a plan that was shown here, or of a proposal that was run."""
        known = self.ledger.of_token(token)
        return self._shown[token][1] if token in self._shown else known.run if known else None

    def verdicts(self, name: str) -> AblationDocument | SearchDocument:
        """What a run of the folder has found, finished or not."""
        from assay.api import load_run
        from assay.documents.ablation import ablation_of
        from assay.documents.search import search_of
        from assay.runs import SearchRun

        run = load_run(self._folder(name))
        return search_of(run) if isinstance(run, SearchRun) else ablation_of(run)

    def keep(self, name: str, row: str, metric: str) -> KeptRow:
        """Keep a row of a proposal for a metric, if its verdict says better at the level of the proposal.

        Raises:
            UserError: it does not, or the run is no proposal, or is not what was proposed.
        """
        from assay.runs import Run

        folder, proposal = self._folder(name), self.ledger.of_run(name)
        if proposal is None:
            raise UserError(f"{name} is no proposal: keep what was planned here and run by the plan's token")
        run = Run(folder)
        _check_whole(run, proposal)
        known = [each.name for each in run.record.rows if each.name != run.record.base_row and not each.baseline]
        if row not in known:
            raise unknown("row", row, known)
        line = run.judged.cell(row, metric)
        if line is None:
            raise unknown("metric", metric, run.record.columns)
        level = level_of(proposal.place)
        if why := refusal(line.to_dict(), level):
            raise UserError(f"{row} is not kept for {metric}: {why}")
        changes = next(dict(each.changes) for each in run.record.rows if each.name == row)
        self.ledger.keep(proposal.place, row, metric, float(line["p_adjusted"]), changes)
        return KeptRow(run=name, row=row, metric=metric, p=line["p_adjusted"], level=level, changes=changes)

    def _study(self) -> Study:
        from assay.studies import load_study

        return load_study(self.word)

    def _runs(self) -> dict[str, Path]:
        from assay.view.folder.found import found

        there = found(self.folder).runs if self.folder.is_dir() else {}
        return {name: path for name, path in there.items() if name.partition("/")[0] != FOLDER and name != "."}

    def _folder(self, name: str) -> Path:
        runs = self._runs()
        if name not in runs:
            raise unknown("run", name, runs)
        return runs[name]

    def _proposal(self, request: Ablate) -> tuple[Proposal, PlannedAblation]:
        """Its place and its seeds, and the ablation: that of the same request which has begun and not ended, or new."""
        from assay.api import plan
        from assay.tuning.spaces.space import parameters_of as known_parameters

        study = self._study()
        config = study.schema.compose(list(self.words))
        suite = suite_for(request, study_rows(study), known_parameters(study), config)
        proposal = self._unfinished(request) or self._next(request, config, tuple(suite["rows"]))
        words = [*self.words, f"seed={proposal.seed}"]
        output = self.folder / proposal.run
        return proposal, plan(study, suite, seeds=proposal.seeds, output=output, words=words, command=_COMMAND)

    def _unfinished(self, request: Ablate) -> Proposal | None:
        asked = (each for each in self.ledger.proposals if each.request == request.digest)
        return next((each for each in asked if not self._ended(each)), None)

    def _ended(self, proposal: Proposal) -> bool:
        from assay.runs import Run

        folder = self.folder / proposal.run
        return (folder / "run.json").is_file() and not Run(folder).unfinished

    def _next(self, request: Ablate, config: RootConfig, rows: tuple[str, ...]) -> Proposal:
        proposals = self.ledger.proposals
        place, seed = len(proposals) + 1, self._fresh_seed(config)
        return Proposal(place, f"proposal-{place:04}", request.digest, seed, request.seeds, rows, made="")

    def _fresh_seed(self, config: RootConfig) -> int:
        """The first above all that any training has had, here or in the storage: what was seen decides nothing."""
        from assay.runs import Run
        from assay.store.store import TRIALS, Store

        used = [each.next_seed for each in self.ledger.proposals]
        for path in self._runs().values():
            if (path / "run.json").is_file():
                used += [trial.seed + 1 for trial in Run(path).record.trials]
        store = Store.to_read(config.storage)
        used += [entry.record.seed + 1 for entry in store.entries(TRIALS) if entry.record.seed is not None]
        return max([config.seed, *used])

    def _search(self, request: Search) -> PlannedSearch:
        from assay.api import plan_search
        from assay.tuning.spaces.space import parameters_of as known_parameters

        study = self._study()
        known = known_parameters(study)
        names = {*known, *(each.group for each in known.values())}
        for name in request.parameters:  # words with = would be configuration
            if name not in names:
                raise unknown("parameter", name, names)
        return plan_search(
            study,
            *request.parameters,
            *self.words,
            trials=request.trials,
            confirm=request.confirm,
            output=self.folder / f"search-{request.digest[:12]}",
            command=_COMMAND,
        )

    @staticmethod
    def _token(request: Ablate, proposal: Proposal, planned: PlannedAblation) -> str:
        """Bound to every trial: to configuration, data and code."""
        trials = sorted(trial.fingerprint for trial in planned.trials)
        about = [request.digest, proposal.place, proposal.seed, proposal.run, planned.config.storage, trials]
        return _digest(about)

    @staticmethod
    def _search_token(request: Search, planned: PlannedSearch) -> str:
        return _digest([request.digest, planned.identity, str(planned.folder), planned.settings.base.storage])

    @staticmethod
    def _same(token: str, now: str) -> None:
        if token != now:
            raise UserError("what would be run is no longer what this plan showed (configuration, code, data, or "
                            "another proposal): plan again")  # fmt: skip


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _check_whole(run: Run, proposal: Proposal) -> None:
    """Refuse a run that is not all that was proposed, and nothing else."""
    record = run.record
    rows = tuple(row.name for row in record.rows)
    seeds = {trial.seed for trial in record.trials if trial.seed >= 0}
    expected = set(range(proposal.seed, proposal.next_seed))
    if rows != proposal.rows or seeds != expected or record.looks or record.looked:
        raise UserError(f"{proposal.run} is not what was proposed: its rows or seeds are others; propose it again")
    if run.unfinished:
        raise UserError(f"{proposal.run} has not finished: {run.unfinished[0]}; the same plan goes on")
