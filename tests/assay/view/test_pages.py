"""What the pages show of runs, searches and stores."""

from __future__ import annotations

import html
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from assay.evidence.tables.table import ablation_table
from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, TRIALS, Store
from tests.assay.view.conftest import TOKEN, Client, search_of


def test_the_first_page_has_a_line_for_every_run_and_says_what_is_wrong_with_a_damaged_one(client: Client) -> None:
    text = html.unescape(client().get("/").text)
    assert "4 below" in text
    assert text.count('name="at"') == 4
    for name in ("whole", "sub/halfway", "search", "broken"):
        assert f'value="{name}"' in text
    assert "18 of 18" in text  # three rows under six seeds
    assert "is damaged" in text


def test_runs_are_found_by_name_kind_and_state(client: Client) -> None:
    assert client().get("/", params={"q": "search", "part": 1}).text.count('name="at"') == 1
    assert client().get("/", params={"q": "DAMAGED", "part": 1}).text.count('name="at"') == 1
    assert "nothing matches" in client().get("/", params={"q": "<b>no such"}).text


def test_a_part_that_is_the_same_is_not_sent_again(client: Client, folder: Path) -> None:
    browser = client()
    first = browser.get("/run", params={"at": "sub/halfway", "part": "progress"})
    again = {"If-None-Match": first.headers["etag"]}
    words = {"at": "sub/halfway", "part": "progress"}
    assert browser.get("/run", params=words, headers=again).status_code == 304
    run = RunFolder(folder / "sub" / "halfway")
    record = run.record
    run.write_record(replace(record, trials=tuple(replace(each, status="finished") for each in record.trials)))
    changed = browser.get("/run", params=words, headers=again)
    assert changed.status_code == 200
    assert f"{len(record.trials)} of {len(record.trials)}" in changed.text


def test_the_table_has_the_words_and_the_intervals_of_the_report(client: Client, folder: Path) -> None:
    page = html.unescape(client().get("/run?at=whole").text)
    table = ablation_table(RunFolder(folder / "whole"))
    cell = table.cell("no_graph", "EN")
    assert cell["verdict"] == "worse"
    assert f"{cell['mean']:.4f} ± {cell['spread']:.4f} ▼" in page
    shown = f"{cell['low']:+.4f} to {cell['high']:+.4f}".replace("-", "\N{MINUS SIGN}")
    assert f", {shown}\np (corrected)" in page
    for note in table.notes:
        assert note in page


def test_figures_hold_the_differences_and_the_curves(client: Client, folder: Path) -> None:
    browser = client()
    forest = browser.get("/figure?at=whole&of=forest").json()
    table = ablation_table(RunFolder(folder / "whole"))
    assert [figure["title"].split()[0] for figure in forest] == list(table.columns)
    differences = [table.cell(row, "EN")["difference"] for row in ("no_graph", "swap_fusion")]
    assert forest[0]["data"][-1]["x"] == pytest.approx(differences)
    curves = browser.get("/figure?at=whole&of=curves&stage=stage1").json()
    assert [figure["title"] for figure in curves] == [f"{term} (weight 1)" for term in ("ssim", "gram", "semantic")]
    lines = [trace for trace in curves[1]["data"] if "fill" not in trace]
    assert {trace["meta"] for trace in lines} == {"ours", "no_graph", "swap_fusion"}
    assert lines[0]["y"] == pytest.approx([2 * 0.9**epoch + 0.025 for epoch in range(8)])  # seeds 0 to 5
    assert browser.get("/figure?at=whole&of=curves&stage=none").status_code == 404


def test_a_failed_trial_tells_why_as_text(client: Client) -> None:
    browser = client()
    page = browser.get("/run", params={"at": "sub/halfway"}).text
    assert "the loss gram became nan in epoch 3 of stage1" in page
    assert "/trial?at=sub%2Fhalfway&amp;id=swap_fusion-seed0" in page
    text = browser.get("/trial", params={"at": "sub/halfway", "id": "swap_fusion-seed0"}).text
    assert "Traceback &lt;b&gt;bold&lt;/b&gt;" in text


def test_pictures_of_all_rows_and_their_sources_are_on_one_page(client: Client) -> None:
    browser = client()
    page = browser.get("/pictures?at=whole&sample=001").text
    assert page.count('loading="lazy"') == 5  # two sources, three rows
    png = browser.get("/picture?at=whole&group=ours&file=001")
    assert png.headers["content-type"] == "image/png"
    assert png.content.startswith(b"\x89PNG")


def test_a_search_shows_its_best_its_history_and_every_trial_once(client: Client) -> None:
    browser = client()
    page = browser.get("/run?at=search").text
    assert "Best configurations" in page
    history = browser.get("/figure?at=search&of=history").json()[0]["data"]
    finished = next(trace for trace in history if trace["name"] == "finished")
    assert finished["x"] == [0, 1, 2, 4, 5]
    best = next(trace for trace in history if trace["name"] == "best so far")
    assert best["y"] == [1, 1.125, 1.25, 1.5, 1.625]
    (parallel,) = browser.get("/figure?at=search&of=parallel").json()
    drawn = [place for trace in parallel["data"] for place in trace["x"]]
    assert drawn.count(None) == 5  # a gap after each finished trial
    assert [*dict.fromkeys(place for place in drawn if place is not None)] == [0, 1, 2]


def test_a_long_search_is_sorted_as_a_whole_and_shown_by_pages(client: Client, folder: Path) -> None:
    search_of(folder / "long", 250)
    browser = client()
    first = browser.get("/run", params={"at": "long", "sort": "-trial"}).text
    assert "page 1 of 3, 250 trials" in first
    assert '<span class="text">249</span>' in first
    assert '<span class="text">149</span>' not in first
    assert (
        '<span class="text">149</span>' in browser.get("/run", params={"at": "long", "sort": "-trial", "page": 2}).text
    )
    assert browser.get("/run", params={"at": "long", "sort": "nonsense", "page": "x"}).status_code == 200


def test_a_search_without_trials_is_shown(client: Client, folder: Path) -> None:
    (folder / "search" / "trials.csv").unlink()
    assert "No trial has begun" in client().get("/run?at=search").text


def test_runs_stand_side_by_side(client: Client) -> None:
    browser = client()
    page = html.unescape(browser.get("/compare", params={"at": ["whole", "sub/halfway", "broken"]}).text)
    assert "6 seeds" in page
    assert "2 seeds" in page
    assert "is damaged" in page
    assert browser.get("/compare").status_code == 422
    assert browser.get("/compare", params={"at": ["whole", "nope"]}).status_code == 404


def test_two_hundred_runs_are_shown_by_pages_and_read_once(client: Client, folder: Path) -> None:
    for number in range(200):
        (folder / f"more{number:03d}").mkdir()
        shutil.copy(folder / "whole" / "run.json", folder / f"more{number:03d}")
    browser = client()
    page = browser.get("/").text
    assert "204 below" in page
    assert page.count('name="at"') == 50
    assert "page 1 of 5" in page
    (folder / "more000" / "run.json").write_text("{}")
    assert "damaged" in browser.get("/", params={"q": "more000"}).text


def test_one_run_can_be_viewed_alone(client: Client, folder: Path) -> None:
    browser = client(folder / "whole")
    assert "1 below" in browser.get("/").text
    assert browser.get("/run?at=.").status_code == 200
    assert browser.get("/run?at=..").status_code == 404


def test_the_store_says_what_is_in_it_and_who_needs_it(client: Client, folder: Path) -> None:
    browser = client()
    page = browser.get("/store?at=store").text
    assert "4 entries" in page
    assert page.count("/run?at=whole") == 3
    unused = browser.get("/store?at=store&unused=1").text
    assert "no run here" in unused
    assert "/run?at=whole" not in unused
    entry = browser.get("/entry", params={"at": "store", "kind": "stages", "id": 32 * "a"}).text
    assert "the weights of a stage of 3 epochs" in entry
    assert "Needed by sub/halfway, whole" in entry
    assert "<form" not in entry


def _delete(browser, name: str = 32 * "a", kind: str = STAGES, token: str = TOKEN) -> int:
    words = {"at": "store", "kind": kind, "id": name}
    return browser.post("/delete", params=words, data={"token": token}, follow_redirects=False).status_code


def test_nothing_is_deleted_without_the_option_or_without_the_form(client: Client, folder: Path) -> None:
    assert _delete(client()) == 403
    writing = client(write=True)
    assert _delete(writing, token="") == 403
    assert writing.get("/delete", params={"at": "store", "kind": STAGES, "id": 32 * "a"}).status_code == 405
    headers = {"origin": "http://evil.example"}
    words = {"at": "store", "kind": STAGES, "id": 32 * "a"}
    assert writing.post("/delete", params=words, data={"token": TOKEN}, headers=headers).status_code == 403
    assert Store.to_read(str(folder / "store")).find(STAGES, 32 * "a")


def test_an_entry_is_deleted_by_its_form_and_nothing_else_goes(client: Client, folder: Path) -> None:
    writing = client(write=True)
    assert f'value="{TOKEN}"' in writing.get("/entry", params={"at": "store", "kind": STAGES, "id": 32 * "a"}).text
    assert _delete(writing) == 303
    store = Store.to_read(str(folder / "store"))
    assert store.find(STAGES, 32 * "a") is None
    assert store.find(STAGES, 32 * "b")
    assert _delete(writing) == 404
    assert _delete(writing, "../../whole", TRIALS) == 404


def test_what_verdicts_rest_on_cannot_be_deleted(client: Client, folder: Path) -> None:
    assert _delete(client(write=True), 32 * "d", "looks") == 422
    assert Store.to_read(str(folder / "store")).find("looks", 32 * "d")


def test_nothing_is_deleted_while_a_run_goes_on(client: Client, folder: Path) -> None:
    run = RunFolder(folder / "sub" / "halfway")
    run.write_record(run.record)  # a moment ago: somebody is at it
    assert _delete(client(write=True)) == 422
    assert Store.to_read(str(folder / "store")).find(STAGES, 32 * "a")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": 1}', "\x00", "[" * 5000, json.dumps({"rows": "x"})])
def test_a_damaged_record_breaks_no_page(client: Client, folder: Path, text: str) -> None:
    (folder / "broken" / "run.json").write_text(text)
    (folder / "broken" / "search.json").write_text(text)
    browser = client()
    assert browser.get("/").status_code == 200
    assert browser.get("/run?at=broken").status_code == 200
    assert browser.get("/run?at=whole").status_code == 200


def test_damaged_results_are_told_on_the_page_of_the_run_alone(client: Client, folder: Path) -> None:
    (folder / "whole" / "results" / "ours-seed0.parquet").write_bytes(b"no table")
    browser = client()
    answer = browser.get("/run?at=whole")
    assert answer.status_code == 422
    assert "ours-seed0.parquet is damaged" in answer.text
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("name", ["run.json", "config.yaml", "results/ours-seed0.parquet", "images/ours/000.png"])
@pytest.mark.parametrize("odd", ["pipe", "loop", "folder"])
def test_what_is_no_file_stops_no_page(client: Client, folder: Path, name: str, odd: str) -> None:
    """A pipe would never end, a link to itself leads nowhere."""
    path = folder / "whole" / name
    path.unlink()
    {"pipe": lambda: os.mkfifo(path), "loop": lambda: path.symlink_to(path.name), "folder": path.mkdir}[odd]()
    browser = client()
    for page in ("/", "/run?at=whole&part=progress", "/picture?at=whole&group=ours&file=000", "/pictures?at=whole"):
        assert browser.get(page).status_code in (200, 404, 422)
