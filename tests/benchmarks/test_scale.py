"""The benchmark of scale, as small as it gets: its numbers are there and of the right parts. No time is compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.result import RESULTS
from benchmarks.scale.__main__ import main
from benchmarks.scale.figure import ray_share, write_figures

PAGE = ("trials", "workers", "ray")
SMALL = {
    "trials": ["--sizes", "10", "30", "--rounds", "3"],
    "workers": ["--workers", "2", "5"],
    "planning": ["--sizes", "8", "--report", "2", "2", "5"],
    "search": ["--sizes", "6", "12"],
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What every part but that with Ray measures."""
    folder, found = tmp_path_factory.mktemp("results"), {}
    for part, sizes in SMALL.items():
        path = folder / f"scale_{part}.json"
        main([part, *sizes, "--output", str(path)])
        found[part] = json.loads(path.read_text())["measured"]
    return found


def test_a_run_is_followed_to_its_end_and_its_time_told_by_part(measured: dict[str, Any]) -> None:
    for each in measured["trials"].values():
        assert each["ms_a_trial"] == sorted(each["ms_a_trial_of_each_round"])[1]
        assert set(each["ms_a_trial_by_part"]) == {"hand out", "collect", "Tune"}
        assert sum(each["ms_a_trial_by_part"].values()) == pytest.approx(each["ms_a_trial"])
        assert all(value > 0 for value in each["ms_a_trial_by_part"].values())


def test_run_json_is_written_as_seconds_pass_and_not_as_trials_end(measured: dict[str, Any]) -> None:
    """Thirty trials on sixteen workers take two rounds of ten seconds; in each trials end and begin at one moment."""
    assert {size: each["writes_of_run_json"] for size, each in measured["trials"].items()}["30"] <= 8


def test_the_reports_of_workers_come_as_often_as_they_say(measured: dict[str, Any]) -> None:
    for workers, each in measured["workers"].items():
        assert each["pause_s"] == 0.5
        assert 0.8 * int(workers) * 2 <= each["a_second"]["progress"] <= int(workers) * 2
        assert each["a_second"]["waits"] > each["a_second"]["progress"]


def test_a_plan_a_report_and_a_search_have_all_their_numbers(measured: dict[str, Any]) -> None:
    assert set(measured["planning"]["plan"]["8"]) == {"names_s", "plan_s", "estimate_s", "print_s"}
    assert measured["planning"]["report"]["report_s"] > 0
    for sampler in ("tpe", "random"):
        assert set(measured["search"][sampler]["ask_ms"]) == {"6", "12"}


def test_figures_are_drawn_of_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "scale_trials.json").write_text(json.dumps({"measured": {"10": {"ms_a_trial": 5.0}}}))
    (path,) = write_figures(tmp_path)
    first = path.read_bytes()
    assert b"<svg" in first
    write_figures(tmp_path)
    assert path.read_bytes() == first


def test_the_time_of_rays_calls_is_their_number_times_what_one_takes() -> None:
    costs = {"wait_ms": 2.0, "get_ms": 1.0, "call_ms": 0.5}
    assert ray_share({"waits": 100, "gets": 50, "calls": 20}, costs) == pytest.approx(0.26)


def test_the_page_tells_what_the_result_files_hold() -> None:
    page = (RESULTS.parent / "scale.md").read_text(encoding="utf-8")
    trials, workers, ray = (json.loads((RESULTS / f"scale_{part}.json").read_text())["measured"] for part in PAGE)
    assert f"| now | {' | '.join(format(each['ms_a_trial'], '.1f') for each in trials.values())} |" in page
    costs = ray["calls"]
    own = {number: sum(each["shares"].values()) for number, each in workers.items()}
    whole = [own[number] + ray_share(each["a_second"], costs[number]) for number, each in workers.items()]
    for row, shares in (("now, without Ray's calls", own.values()), ("all of it", whole)):
        assert f"| {row} | {' | '.join(format(100 * share, '.1f') for share in shares)} |" in page
