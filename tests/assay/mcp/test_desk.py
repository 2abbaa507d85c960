"""Nothing is spent that was not shown, nothing is kept that is not proven, and an agent reaches nothing else."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from assay.cli.ablate import main as ablate
from assay.config.errors import UserError
from assay.evidence.statistics.online import level_of
from assay.mcp.asked import Ablate, Request, Search
from assay.mcp.desk import Desk
from tests.one_worker import OneByOne

BIAS = Ablate(rows=["no_bias"], seeds=4)


def _files(folder: Path = Path()) -> set[str]:
    return {str(path) for path in folder.rglob("*") if path.is_file()}


def test_a_plan_shows_place_level_and_fresh_seeds_and_spends_nothing(desk: Desk, worker: OneByOne) -> None:
    before = _files()
    shown = desk.plan(BIAS)
    assert (shown.place, shown.run, shown.seeds) == (1, "proposal-0001", [2025, 2026, 2027, 2028])
    assert shown.level == pytest.approx(0.05 * 6 / math.pi**2)
    assert any("8 trials" in line or "no_bias" in line for line in shown.lines)
    assert worker.confirmed == []
    assert _files() == before


@pytest.mark.parametrize("token", ["", "0" * 32])
def test_nothing_is_run_without_a_plan_that_was_shown(desk: Desk, worker: OneByOne, token: str) -> None:
    with pytest.raises(UserError, match="no such plan was shown"):
        desk.run(token)
    other = Desk("line.yaml", Path("runs"), ["storage=store"])
    with pytest.raises(UserError, match="no such plan was shown"):
        other.run(desk.plan(BIAS).token)
    with pytest.raises(UserError, match="this plan is of ablate: give its token to that tool"):
        desk.run(desk.plan(BIAS).token, Search)
    assert worker.confirmed == []
    assert not Path("runs").exists()


def test_a_plan_that_no_longer_holds_is_refused(desk: Desk, worker: OneByOne) -> None:
    shown = desk.plan(BIAS)
    script = Path("train.sh").read_text()
    Path("train.sh").write_text(script.replace("worse = ", "worse = 1 + "))
    Path("line.yaml").write_text(Path("line.yaml").read_text().replace("{kind}\n", "{kind} more\n"))
    with pytest.raises(UserError, match="no longer what this plan showed"):
        desk.run(shown.token)
    assert worker.confirmed == []


def test_a_proposal_that_another_one_overtook_is_planned_anew(desk: Desk) -> None:
    first, second = desk.plan(BIAS), desk.plan(Ablate(changes={"wide": {"width": 32}}, seeds=3))
    desk.run(second.token)
    with pytest.raises(UserError, match="plan again"):
        desk.run(first.token)
    again = desk.plan(BIAS)
    assert (again.place, again.seeds) == (2, [2028, 2029, 2030, 2031])
    assert again.level == pytest.approx(level_of(2))


def test_the_same_request_has_new_seeds_and_costs_a_place_each_time(desk: Desk, worker: OneByOne) -> None:
    for place in (1, 2):
        shown = desk.plan(BIAS)
        assert desk.run(shown.token) == f"proposal-{place:04}"
    used = [each.seeds for each in desk.listed().proposals]
    assert used == [[2025, 2026, 2027, 2028], [2029, 2030, 2031, 2032]]
    assert len(worker.confirmed) == 16  # nothing is taken from the store
    restarted = Desk("line.yaml", Path("runs"), ["storage=store"])
    assert (desk.run(shown.token), restarted.run(shown.token)) == ("proposal-0002", "proposal-0002")  # it has ended
    assert len(worker.confirmed) == 16


def test_seeds_of_other_runs_are_not_fresh(desk: Desk) -> None:
    assert ablate(["--study=line.yaml", "ours", "--seeds=2", "seed=3000", "--output=elsewhere", "storage=store"]) == 0
    assert desk.plan(BIAS).seeds == [3002, 3003, 3004, 3005]
    assert ablate(["--study=line.yaml", "ours", "--seeds=2", "seed=4000", "--output=runs/x", "storage=other"]) == 0
    assert desk.plan(BIAS).seeds == [4002, 4003, 4004, 4005]


def test_what_was_stopped_goes_on_at_its_place(desk: Desk, worker: OneByOne) -> None:
    shown = desk.plan(BIAS)
    worker.stop_after = None
    original = OneByOne._work

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    OneByOne._work = staticmethod(stopped)  # type: ignore[method-assign]
    try:
        with pytest.raises(KeyboardInterrupt):
            desk.run(shown.token)
    finally:
        OneByOne._work = staticmethod(original)  # type: ignore[method-assign]
    restarted = Desk("line.yaml", Path("runs"), ["storage=store"])
    again = restarted.plan(BIAS)
    assert (again.token, again.place, again.seeds) == (shown.token, 1, shown.seeds)
    assert restarted.run(again.token) == "proposal-0001"
    assert len(restarted.listed().proposals) == 1


def test_what_is_better_is_kept_once_and_what_is_not_is_refused(desk: Desk) -> None:
    """`no_bias` is worse; so a base without bias would be improved by it."""
    text = Path("line.yaml").read_text().replace("bias: true", "bias: false").replace("no_bias", "with_bias")
    Path("line.yaml").write_text(text.replace("changes: {bias: false}", "changes: {bias: true}"))
    run = desk.run(desk.plan(Ablate(rows=["with_bias"], changes={"wide": {"width": 32}}, seeds=4)).token)
    kept = desk.keep(run, "with_bias", "error")
    assert (kept.changes, kept.level) == ({"bias": True}, pytest.approx(level_of(1)))
    assert kept.p is not None
    assert kept.p < level_of(1)
    assert desk.keep(run, "with_bias", "error") == kept
    assert [each.kept for each in desk.listed().proposals] == [["with_bias.error"]]
    for row, metric, said in (
        ("wide", "error", "wide is not kept for error: its verdict is"),
        ("wid", "error", "Did you mean wide?"),
        ("ours", "error", "unknown row 'ours'"),
        ("wide", "errors", "Did you mean error?"),
    ):
        with pytest.raises(UserError) as raised:
            desk.keep(run, row, metric)
        assert said in str(raised.value)
    assert (
        json.loads(Path("runs/proposals/proposals.json").read_text())["proposals"][0]["kept"][0]["row"] == "with_bias"
    )


def test_what_is_worse_is_not_kept(desk: Desk) -> None:
    run = desk.run(desk.plan(BIAS).token)
    for metric in ("error", "score"):
        with pytest.raises(UserError, match=f"no_bias is not kept for {metric}: its verdict is worse, not better"):
            desk.keep(run, "no_bias", metric)


def test_a_run_that_nobody_proposed_is_not_kept(desk: Desk) -> None:
    words = ["--study=line.yaml", "--all", "--seeds=3", "storage=store"]
    assert ablate([*words, "--output=runs/own"]) == 0
    with pytest.raises(UserError, match="own is no proposal"):
        desk.keep("own", "no_bias", "error")


def test_a_proposal_to_which_seeds_were_added_is_not_kept(desk: Desk) -> None:
    run = desk.run(desk.plan(BIAS).token)
    record = json.loads(Path("runs", run, "run.json").read_text())
    record["trials"] = [trial for trial in record["trials"] if trial["seed"] != 2028]
    Path("runs", run, "run.json").write_text(json.dumps(record))
    with pytest.raises(UserError, match="is not what was proposed"):
        desk.keep(run, "no_bias", "error")


def test_a_ledger_that_cannot_be_read_stops_everything(desk: Desk, worker: OneByOne) -> None:
    shown = desk.plan(BIAS)
    Path("runs/proposals").mkdir(parents=True)
    for text in ("{", '{"proposals": [{"place": 2}]}', '{"proposals": [], "format": 99}'):
        Path("runs/proposals/proposals.json").write_text(text)
        for act in (lambda: desk.plan(BIAS), lambda: desk.run(shown.token), desk.listed):
            with pytest.raises(UserError, match="cannot be read"):
                act()
    assert worker.confirmed == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Ablate(rows=["no_bais"]), "Did you mean no_bias?"),
        (Ablate(rows=["../no_bias"]), "unknown row"),
        (Ablate(), "nothing is compared with ours"),
        (Ablate(changes={"wide": {"widht": 3}}), "Did you mean width?"),
        (Ablate(changes={"wide": {"storage": "elsewhere"}}), "unknown parameter 'storage'"),
        (Ablate(changes={"wide": {"seed": 3}}), "unknown parameter 'seed'"),
        (Ablate(changes={"wide": {"width": 65}}), "width: expected 4:64"),
        (Ablate(changes={"wide": {"width": "8; rm -rf /"}}), "width: expected 4:64"),
        (Ablate(changes={"wide": {"kind": "$(touch x)"}}), "kind: expected plain,round"),
        (Ablate(changes={"wide": {}}), "changes nothing"),
        (Ablate(changes={"NO_BIAS": {"width": 9}}), "is there already"),
        (Search(parameters=["storage=elsewhere"]), "unknown parameter 'storage=elsewhere'"),
        (Search(parameters=["width=1:1000"]), "unknown parameter"),
        (Search(parameters=["base=/etc/passwd"]), "unknown parameter"),
    ],
)
def test_only_names_and_values_of_the_study_are_taken(desk: Desk, request_: Request, said: str) -> None:
    before = _files()
    with pytest.raises(UserError) as raised:
        desk.plan(request_)
    assert said in str(raised.value)
    assert _files() == before


@pytest.mark.parametrize(
    "values",
    [{"seeds": 2}, {"seeds": 31}, {"changes": {"../x": {"width": 8}}}, {"seed": 3}, {"changes": {"a b": {"width": 8}}}],
)
def test_a_request_of_another_form_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Ablate(**values)


@pytest.mark.parametrize("name", ["..", "../store", "/etc", ".", "proposals", "nothing", "a\x00b"])
def test_only_runs_of_the_folder_are_shown(desk: Desk, name: str) -> None:
    desk.run(desk.plan(BIAS).token)
    for act in (lambda: desk.verdicts(name), lambda: desk.keep(name, "no_bias", "error")):
        with pytest.raises(UserError, match="unknown run"):
            act()


def test_a_search_needs_its_plan_and_is_no_proposal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.evidence.figures.search.search_figures", lambda results: iter(()))
    shown = desk.plan(Search(parameters=["width"], trials=4, confirm=3))
    assert (shown.place, shown.level, shown.seeds) == (None, None, None)
    run = desk.run(shown.token, Search)
    assert run == shown.run
    found = desk.verdicts(run)
    assert found.kind == "search"
    assert len(found.trials) == 4
    assert desk.listed().proposals == []
    with pytest.raises(UserError, match="is no proposal"):
        desk.keep(run, "best1", "error")
    assert [each.search for each in desk.listed().runs] == [True]
