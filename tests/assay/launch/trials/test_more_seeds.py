"""What the last lines of an ablation say of more seeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import assay
from assay.launch.trials.more_seeds import more_seeds_lines
from assay.runs import Run

TrainHere = Callable[..., list[str]]
SUITE = {"rows": {"ours": {}, "no_bias": {"changes": {"net.bias": False}}, "wide": {"changes": {"net.width": 3}}}}


def _lines(seeds: int, **more: object) -> tuple[list[str], Run]:
    planned = assay.plan("line.py", SUITE, seeds=seeds, output="run", storage="kept", **more)  # type: ignore[arg-type]
    run = planned.run(progress=False)
    return list(more_seeds_lines(planned, run)), run


@pytest.mark.usefixtures("line_study")
def test_a_line_each_for_half_as_many_more_and_for_twice_as_many(train_here: TrainHere) -> None:
    train_here()
    lines, run = _lines(4)
    asked = [
        re.match(r"the same command with --seeds (\d+), in about .* more: about (\d+) of 2 cells", s) for s in lines
    ]
    assert [match.group(1) for match in asked if match] == ["6", "8"]
    told = run.forecast(8)
    assert told
    assert asked[1]
    assert int(asked[1].group(2)) == round(told.decided)


@pytest.mark.usefixtures("line_study")
def test_one_seed_tells_nothing_of_more(train_here: TrainHere) -> None:
    train_here()
    assert _lines(1)[0] == []


@pytest.mark.usefixtures("line_study")
def test_looks_say_themselves_what_comes_next(train_here: TrainHere) -> None:
    train_here()
    planned = assay.plan("line.py", SUITE, seeds=[3, 4], output="run", storage="kept")
    assert list(more_seeds_lines(planned, planned.run(progress=False))) == []


def test_nothing_is_said_where_every_cell_has_its_word(line_study: Path, train_here: TrainHere) -> None:
    train_here()
    far = line_study.read_text().replace(
        "(network(x) - 2 * x - 3)", "(network(x) - 2 * x - 3 + 1e3 * config.net.width)"
    )
    line_study.write_text(far.replace("5 if split", "20 if split"))
    suite = {"rows": {"ours": {}, "wide": {"changes": {"net.width": 3}}}}
    planned = assay.plan("line.py", suite, seeds=4, output="run", storage="kept")
    run = planned.run(progress=False)
    assert list(run.verdicts()["verdict"]) == ["worse"]
    assert list(more_seeds_lines(planned, run)) == []
