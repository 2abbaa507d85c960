"""Parameters, ranges and configuration are told apart; what is wrong with a word is said in one line."""

from __future__ import annotations

from typing import Any

import pytest

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.tuning.spaces.ranges import split_words
from assay.tuning.spaces.space import catalogue, catalogue_files, declared_parameters
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA
from smfnet.folders import search_spaces_folder

KNOWN = catalogue(catalogue_files(search_spaces_folder()))


def test_words_are_parameters_ranges_or_configuration() -> None:
    asked = split_words(["alpha3=1:32", "train.epochs=6", "beta1", "preset=quick", "base=best.yaml"], KNOWN, SCHEMA)
    assert asked.space.names == ("alpha3", "beta1")
    assert asked.overrides == ["train.epochs=6", "preset=quick", "base=best.yaml"]
    alpha3, beta1 = asked.space_for(Config()).parameters
    assert (alpha3.low, alpha3.high, alpha3.scale) == (1, 32, "log")
    assert (beta1.low, beta1.high) == (KNOWN["beta1"].low, KNOWN["beta1"].high)


def test_a_group_stands_for_its_parameters_and_none_comes_twice() -> None:
    space = split_words(["width", "widths"], KNOWN, SCHEMA).space
    assert space.names == ("width", "heads", "groups", "pairs")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("alpha3=1:32:linear", {"low": 1, "high": 32, "scale": "linear"}),
        ("alpha3=1:32:int", {"low": 1, "high": 32, "scale": "int"}),
        ("batch=2:16", {"low": 2, "high": 16, "scale": "intlog"}),
        ("batch=2:16:linear", {"low": 2, "high": 16, "scale": "int"}),
        ("groups=1:2:log", {"scale": "intlog"}),
        ("alpha3=4,8,16", {"choices": (4.0, 8.0, 16.0), "scale": "choice", "paper": 8.0}),
        ("batch=2,6", {"choices": (2, 6), "paper": 6}),
        ("graph_branch=none,reasoning", {"choices": ("none", "reasoning")}),
        ("cross_attention=TRUE,false", {"choices": (True, False)}),
        ("width=8,64", {"choices": (8, 64)}),
        ("alpha3=2,4", {"choices": (2.0, 4.0), "paper": 8.0}),
    ],
)
def test_ranges_can_be_typed(word: str, expected: dict[str, Any]) -> None:
    (parameter,) = split_words([word], KNOWN, SCHEMA).space_for(Config()).parameters
    assert {key: getattr(parameter, key) for key in expected} == expected
    assert split_words([f"{parameter.name}={parameter.range}"] if ":" in word else [word], KNOWN, SCHEMA)


def test_one_value_for_a_parameter_that_is_named_by_its_path_is_for_the_configuration() -> None:
    known = KNOWN | declared_parameters(SCHEMA.config())
    asked = split_words(["loss.mse.weight=1:2", "alpha3"], known, SCHEMA)
    assert (asked.space.names, asked.ranges) == (("loss.mse.weight", "alpha3"), {"loss.mse.weight": "1:2"})
    asked = split_words(["loss.mse.weight=3", "alpha3"], known, SCHEMA)
    assert (asked.space.names, asked.overrides) == (("alpha3",), ["loss.mse.weight=3"])


def test_choices_keep_the_changes_that_they_stand_for() -> None:
    (parameter,) = split_words(["graph_branch=none,reasoning"], KNOWN, SCHEMA).space_for(Config()).parameters
    assert parameter.effects.keys() == {"none", "reasoning"}
    assert parameter.changes("none")["graph.enabled"] is False


def test_typed_numbers_are_meant_as_they_stand_whatever_the_preset() -> None:
    nine = apply(Config(), {"train.stage1_epochs": 3, "train.epochs": 9})
    (parameter,) = split_words(["stage1_epochs=2:4"], KNOWN, SCHEMA).space_for(nine).parameters
    assert (parameter.low, parameter.high, parameter.paper) == (2, 4, 3)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["alpha3=32:1"], r"alpha3=32:1:log: the range is inverted; expected 1:32"),
        (["alpha3=4:4"], r"the range is empty"),
        (["alpha3=0:4"], r"a log range needs a low above 0"),
        (["alpha3=-1:4:log"], r"a log range needs a low above 0"),
        (["alpha3=0:nan"], r"finite"),
        (["alpha3=1:inf"], r"finite"),
        (["alpha3=:4"], r"expected low:high"),
        (["alpha3=a:b"], r"expected low:high, .* with numbers"),
        (["alpha3=1:2:log:3"], r"expected low:high"),
        (["alpha3=1:2:lgo"], r"unknown scale 'lgo'. Did you mean log\?"),
        (["batch=1.5:4"], r"whole numbers"),
        (["batch=2,6,2.5"], r"whole numbers; got 2\.5"),
        (["alpha3=8"], r"one value leaves nothing to search.*loss\.stage1\.w_ssim=8"),
        (["alpha3="], r"alpha3="),
        (["alpha3=1:2", "alpha3=1:3"], r"alpha3: expected one range; got 1:2 and 1:3"),
        (["graph_branch=none,nnoe"], r"unknown choice of graph_branch 'nnoe'. Did you mean none\?"),
        (["graph_branch=1:2"], r"expected some of its choices, reasoning,conv,none"),
        (["alhpa3"], r"unknown parameter 'alhpa3'. Did you mean alpha3\?"),
        (["alhpa3=1:2"], r"unknown parameter or key 'alhpa3'. Did you mean alpha3\?"),
        (["loss_weight"], r"Did you mean loss_weights\?"),
        (["alpha3", "epochs=6"], r"unknown parameter or key 'epochs'. Did you mean train\.epochs\?"),
        (["nosuch"], r"unknown parameter 'nosuch'. Known: "),  # nothing is like it
        ([], r"nothing to search"),
        (["train.epochs=6"], r"nothing to search"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words: list[str], reason: str) -> None:
    with pytest.raises(UserError, match=reason) as raised:
        split_words(words, KNOWN, SCHEMA).space_for(Config())
    assert "\n" not in str(raised.value)


def test_a_range_that_the_configuration_refuses_names_the_parameter() -> None:
    space = split_words(["lr=-1:1:linear"], KNOWN, SCHEMA).space_for(Config())
    with pytest.raises(UserError, match=r"lr=-1:1:linear does not fit: optim\.lr"):
        space.check(Config())
