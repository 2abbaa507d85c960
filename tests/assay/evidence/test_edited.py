"""A folder that was edited by hand, or for us, is read as it is or refused in one line that names the file."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.config.errors import UserError
from assay.design.cells import drawn_orders, every
from assay.design.design import Design, Part
from assay.evidence.measurements import measurements
from assay.evidence.proof import proof_of
from assay.evidence.search_results import search_results
from assay.evidence.statistics.parts.contrasts import contrasts_of
from assay.evidence.tables.effects import effects_csv, effects_markdown
from assay.evidence.tables.render import write_tables
from assay.evidence.tables.search import terminal, write_summary
from assay.store.run.folder import RunFolder
from tests.synthetic_runs import Plan, write_designed_run, write_run

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_LEAF = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | _TEXT | st.sampled_from([[], {}, "../x"])
)
_VALUE = st.recursive(_LEAF, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _places(each, (*path, key))


def _edited(document: Any, data: st.DataObject) -> Any:
    """With one value somewhere in it replaced, left out, or there twice."""
    document = copy.deepcopy(document)
    path = data.draw(st.sampled_from(list(_places(document))))
    if not path:
        return data.draw(_VALUE)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    match data.draw(st.sampled_from(["replace", "drop", "double"])):
        case "replace":
            holder[path[-1]] = data.draw(_VALUE)
        case "drop":
            del holder[path[-1]]
        case "double" if isinstance(holder, list):
            holder.append(holder[path[-1]])
    return document


def _refused_or_read(read: Callable[[], object], folder: Path) -> None:
    try:
        read()
    except UserError as error:
        line = str(error)
    else:
        return
    assert str(folder) in line
    assert "\n" not in line


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    plan = Plan(rows=("ours", "no_graph"), seeds=2, images=3)
    return write_run(tmp_path_factory.mktemp("edited") / "run", plan)


def _all_of(run: RunFolder) -> None:
    write_tables(run)
    proof_of(run)
    measurements(run)
    run.config()
    run.curves()


@settings(max_examples=80)
@given(data=st.data(), name=st.sampled_from(["run.json", "run.json", "proof/no_graph-seed0.json"]))
def test_an_edited_record_or_proof_of_a_run(run: RunFolder, data: st.DataObject, name: str) -> None:
    _with_edited(run.folder / name, data, lambda: _all_of(run))


@pytest.fixture(scope="module")
def combined(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    orders = drawn_orders(3, 10)
    parts = tuple(Part(f"no_{name}", name) for name in "abc")
    design = Design("shapley", parts, {f"row{n}": cell for n, cell in enumerate(every(3))}, orders=orders)
    return write_designed_run(tmp_path_factory.mktemp("combined") / "run", design, seeds=2, images=3)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_an_edited_design(combined: RunFolder, data: st.DataObject) -> None:
    def read() -> None:
        contrasts = contrasts_of(measurements(combined))
        if contrasts is not None:
            effects_csv(contrasts)
            effects_markdown(contrasts)

    path = combined.folder / "run.json"
    whole = path.read_text()
    document = json.loads(whole)
    try:
        path.write_text(json.dumps(document | {"design": _edited(document["design"], data)}))
        _refused_or_read(read, combined.folder)
    finally:
        path.write_text(whole)


def _with_edited(path: Path, data: st.DataObject, read: Callable[[], object]) -> None:
    whole = path.read_text()
    try:
        path.write_text(json.dumps(_edited(json.loads(whole), data)))
        _refused_or_read(read, path.parents[path.parent.name == "proof"])
    finally:
        path.write_text(whole)


@settings(max_examples=40)
@given(data=st.data())
def test_edited_tables(run: RunFolder, data: st.DataObject) -> None:
    path = run.folder / data.draw(st.sampled_from(["results", "curves"])) / "no_graph-seed0.parquet"
    whole = path.read_bytes()
    table = pd.read_parquet(path)
    try:
        name = data.draw(st.sampled_from(list(table.columns)))
        match data.draw(st.sampled_from(["drop", "other", "empty", "double", "bytes"])):
            case "drop":
                table.drop(columns=name).to_parquet(path)
            case "other":
                values = data.draw(st.sampled_from([1, 1.5, "x", True, None, b"x", pd.Timestamp(0)]))
                table.assign(**{name: values}).to_parquet(path)
            case "empty":
                table.head(0).to_parquet(path)
            case "double":
                pd.concat([table, table]).to_parquet(path)
            case _:
                path.write_bytes(data.draw(st.binary(max_size=64)))
        _refused_or_read(lambda: _all_of(run), run.folder)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 10_000, '"\\ud800"', "\x00", "{}", "[]", "5"])
def test_what_is_no_record_at_all(run: RunFolder, tmp_path: Path, text: str) -> None:
    folder = shutil.copytree(run.folder, tmp_path / "run")
    for name in ("run.json", "proof/no_graph-seed0.json", "config.yaml"):
        whole = (folder / name).read_bytes()
        (folder / name).write_text(text)
        _refused_or_read(lambda: _all_of(RunFolder(folder)), folder)
        (folder / name).write_bytes(whole)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.assay.evidence.conftest import write_search_folder

    return write_search_folder(tmp_path_factory.mktemp("edited") / "search")


def _all_of_search(folder: Path) -> None:
    results = search_results(folder)
    terminal(results)
    write_summary(results, folder)


@settings(max_examples=40)
@given(data=st.data())
def test_an_edited_record_of_a_search(search: Path, data: st.DataObject) -> None:
    _with_edited(search / "search.json", data, lambda: _all_of_search(search))


@settings(max_examples=40)
@given(data=st.data())
def test_edited_tables_of_a_search(search: Path, data: st.DataObject) -> None:
    path = search / data.draw(st.sampled_from(["trials.csv", "values.csv", "importance.csv"]))
    whole = path.read_bytes()
    table = pd.read_csv(path).astype(object)
    try:
        name = data.draw(st.sampled_from(list(table.columns)))
        if data.draw(st.booleans()):
            table = table.drop(columns=name)
        else:
            place = data.draw(st.integers(0, max(len(table) - 1, 0)))
            table.loc[place, name] = data.draw(_TEXT | st.floats() | st.none())
        table.to_csv(path, index=False)
        _refused_or_read(lambda: _all_of_search(search), search)
    finally:
        path.write_bytes(whole)
