"""A search in Python is checked whole before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import assay
from assay.config.errors import UserError


@pytest.mark.parametrize(
    ("parameters", "options", "reason"),
    [
        ((), {}, "nothing to search: name parameters, such as lr; `search --list` shows all"),
        (({"net.width": [4, 8]},), {}, "nothing to search: name parameters, such as lr"),
        ((3,), {}, "expected a parameter's name, or a dict of names and ranges; got 3"),
        (({"lr": 0.1},), {}, "lr: expected (low, high), (low, high, scale) or a list of values; got 0.1"),
        (("lr",), {"trials": 2.5}, "trials: expected a whole number; got 2.5"),
        (("lr",), {"seeds_per_trial": 0}, "seeds per trial: expected at least 1; got 0"),
        (("lr",), {"best": 99}, "best: expected at most 11, as there are 12 trials, of which 1 is what it begins with"),
        (("lr",), {"best": 13, "confirm": 0}, "best: expected at most 12, as there are 12 trials; got 13"),
        (("lr",), {"trials": 0}, "trials: expected at least 1; got 0"),
        (("lr",), {"within": -1}, "within: expected a time as 90s, 10m, 2h or 1h30m; got -1"),
        (("lr",), {"objective": "err"}, "unknown objective 'err'. Did you mean error?"),
        (("lr",), {"sampler": "tep"}, "unknown sampler 'tep'. Did you mean tpe?"),
    ],
)
def test_what_is_wrong_is_one_line(line_study: Path, parameters: Any, options: Any, reason: str) -> None:
    with pytest.raises(UserError) as told:
        assay.plan_search("line.py", *parameters, **options)
    assert reason in str(told.value)
    assert not Path("runs").exists()


def test_a_parameter_of_a_value_that_there_is_not_is_named(line_study: Path) -> None:
    line_study.write_text(line_study.read_text().replace('"path": "optim.lr"', '"path": "optim.lrr"'))
    with pytest.raises(UserError, match=r"the parameter lr of line: unknown path 'optim.lrr'. Did you mean optim.lr\?"):
        assay.plan_search("line.py", "lr")


def test_it_says_what_it_is(line_study: Path) -> None:
    planned = assay.plan_search("line.py", "lr", trials=3, confirm=0)
    assert repr(planned) == "<a search over lr, planned: print it to see what it would take>"
    assert str(planned).startswith("search: 3 trials, 0 ended already; tpe over lr\n")
