"""Every shipped parameter fits the configuration; a user's file is read or refused in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from assay.config.changes import apply, difference
from assay.config.errors import UserError
from assay.config.root import RootConfig
from assay.config.section import at_least, paths_of
from assay.tuning.spaces.parameter import Parameter
from assay.tuning.spaces.space import DEFAULTS, OWN, Space, catalogue, catalogue_files, declared_parameters
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA, compose
from smfnet.folders import search_spaces_folder

SHIPPED = catalogue(catalogue_files(search_spaces_folder()))


def test_the_weights_of_the_paper_are_there() -> None:
    """Values of section 3.1 of the paper: alpha1, alpha2, alpha3 and beta1 of stage I, alpha4 and alpha5 as printed."""
    names = ("alpha1", "alpha2", "alpha3", "beta1", "alpha4", "alpha5")
    assert [SHIPPED[name].paper for name in names] == [2, 5, 8, 10, 10, 2]


@pytest.mark.parametrize("parameter", SHIPPED.values(), ids=str)
def test_the_papers_value_is_the_default(parameter: Parameter) -> None:
    space = Space((parameter,)).scaled_to(Config())
    assert difference(Config(), space.apply(Config(), space.paper)) == {}


@pytest.mark.parametrize("parameter", SHIPPED.values(), ids=str)
def test_every_bound_and_choice_is_valid_and_around_the_papers_value(parameter: Parameter) -> None:
    Space((parameter,)).check(Config())
    assert parameter.holds(parameter.paper)
    assert len(parameter.meaning) > 10


@pytest.mark.parametrize("preset", SCHEMA.options("preset"))
def test_all_of_them_fit_every_preset(preset: str) -> None:
    config = compose([f"preset={preset}"])
    Space(tuple(SHIPPED.values())).scaled_to(config).check(config)


def test_no_parameter_is_called_like_a_configuration_key_or_a_group_of_parameters() -> None:
    keys = {*paths_of(Config()), *(item.name for item in fields(Config)), *SCHEMA.groups, "base"}
    assert not keys & SHIPPED.keys()
    assert not {parameter.group for parameter in SHIPPED.values()} & (SHIPPED.keys() | keys)


def test_a_choice_can_stand_for_several_changes() -> None:
    space = Space((SHIPPED["graph_branch"],))
    without = space.apply(Config(), {"graph_branch": "none"})
    assert not without.graph.enabled
    assert without.loss.stage2.decomp_terms == ("D",)
    assert space.sample_of(without) == {"graph_branch": "none"}


def test_numbers_that_hold_for_the_papers_epochs_shrink_with_the_presets() -> None:
    nine = apply(Config(), {"train.stage1_epochs": 3, "train.epochs": 9, "sched.step": 3})
    scaled = SHIPPED["stage1_epochs"].scaled_to(nine)
    assert (scaled.low, scaled.high, scaled.paper) == (1, 5, 3)


def test_the_sample_of_a_configuration_gives_it_back() -> None:
    space = Space((SHIPPED["alpha3"], SHIPPED["cross_attention"], SHIPPED["groups"]))
    sample = {"alpha3": 3.5, "cross_attention": False, "groups": 1}
    assert space.sample_of(space.apply(Config(), sample)) == sample


def test_a_configuration_outside_the_choices_has_no_sample() -> None:
    odd = apply(Config(), {"base.transformer.residual": False})
    assert Space((SHIPPED["base_branch"],)).sample_of(odd) is None


def test_two_parameters_that_set_one_path_differently_are_refused() -> None:
    twin = Parameter("swap_too", "mine", "fuse.swap", "choice", False, "the same again", choices=(False, True))
    space = Space((SHIPPED["fusion_swap"], twin))
    with pytest.raises(UserError, match=r"both set fuse\.swap"):
        space.changes({"fusion_swap": True, "swap_too": False})


def test_the_papers_values_come_first_and_the_presets_own_where_they_differ() -> None:
    space = Space((SHIPPED["alpha3"], SHIPPED["lr"]))
    assert space.first_samples(Config()) == [(DEFAULTS, {"alpha3": 8, "lr": 1e-4})]
    faster = apply(Config(), {"optim.lr": 1e-3})
    assert space.first_samples(faster) == [
        (DEFAULTS, {"alpha3": 8, "lr": 1e-4}),
        (OWN, {"alpha3": 8, "lr": 1e-3}),
    ]


def test_papers_values_that_do_not_fit_are_left_out() -> None:
    narrow = apply(Config(), {"network.heads": 2, "network.width": 8})
    heads = Space((replace(SHIPPED["heads"], choices=(1, 2)),))
    assert heads.first_samples(narrow) == [(OWN, {"heads": 2})]
    assert Space((replace(SHIPPED["heads"], choices=(2, 8)),)).first_samples(narrow) == [(OWN, {"heads": 2})]


def test_a_0_that_a_logarithmic_scale_cannot_take_is_not_tried() -> None:
    """It ended the search in a traceback."""
    space = Space((SHIPPED["alpha3"],))
    (first,) = space.first_samples(apply(Config(), {"loss.stage1.w_ssim": 0}))
    assert first == (DEFAULTS, {"alpha3": 8.0})
    off = Space((replace(SHIPPED["alpha3"], paper=0.0),))
    assert [role for role, _ in off.first_samples(Config())] == [OWN]


@dataclass(frozen=True)
class _FieldsConfig(RootConfig):
    width: int = at_least(1, 4, searched=(2, 8, "intlog"))
    other: int = 3


def test_a_field_that_says_where_a_search_looks_is_a_parameter_by_its_path() -> None:
    (width,) = declared_parameters(_FieldsConfig()).values()
    assert (width.name, width.path, width.range, width.paper) == ("width", "width", "2:8:intlog", 4)
    weight = declared_parameters(Config())["loss.mse.weight"]
    assert (weight.group, weight.path, weight.range, weight.paper) == ("loss", "loss.mse.weight", "0:10:linear", 0)
    assert Space((weight,)).first_samples(Config()) == [(DEFAULTS, {"loss.mse.weight": 0})]


def test_how_many_samples_there_are() -> None:
    assert Space((SHIPPED["cross_attention"], SHIPPED["groups"])).size == 2 * 3
    assert Space((SHIPPED["cross_attention"], SHIPPED["lr"])).size == float("inf")


@pytest.fixture
def file_with(tmp_path: Path) -> Callable[[str], Path]:
    """`file_with(text)`: a user's file."""

    def write(text: str) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return path

    return write


def test_a_users_file_adds_parameters(file_with: Callable[[str], Path]) -> None:
    path = file_with(
        "parameters:\n  delta: {path: loss.delta, range: [1.001, 2], scale: linear, paper: 1.01, meaning: of eq. 26}\n"
    )
    known = catalogue(catalogue_files(search_spaces_folder(), path))
    assert known["delta"].group == "mine"
    assert known.keys() > SHIPPED.keys()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("just words", "no search space"),
        ("parameters: {x: {path: optim.lr, scale: log, paper: 1, meaning: m}}", "x: expected a path, a range"),
        ("parameters: {x: {path: optim.lr, range: [2, 1], scale: log, paper: 1, meaning: m}}", "inverted"),
        ("parameters: {x: {path: optim.lr, range: [0, 1], scale: log, paper: 1, meaning: m}}", "above 0"),
        ("parameters: {x: {path: optim.lr, range: [1, 2], scale: lag, paper: 1, meaning: m}}", "got 'lag'"),
        ("parameters: {x: {path: optim.lr, range: [1], scale: log, paper: 1, meaning: m}}", "no search space"),
        ("parameters: {x: {choices: [a, b], paper: a, meaning: m}}", "expected a path"),
        ("parameters: {x: {path: base.kind, choices: [a, b], paper: c, meaning: m}}", "none of the choices a,b"),
        ("a: [", "no search space"),
        ("parameters: {x: 5}", "parameters.x: "),
        ("parameters: {1: {path: a.b, range: [1, 2], scale: log, paper: 1, meaning: m}}", "parameters.1"),
        ("parameters: {../x: {path: a.b, range: [1, 2], scale: log, paper: 1, meaning: m}}", "parameters.../x"),
        ("parameters: {x: {path: [a], range: [1, 2], scale: log, paper: 1, meaning: m}}", "parameters.x.path"),
        ("parameters: {x: {path: a.b, range: [a, 2], scale: log, paper: 1, meaning: m}}", "parameters.x.range.0"),
        (
            "parameters: {x: {path: a.b, range: [1, 2], scale: log, paper: one, meaning: m}}",
            "x: expected a path, a range",
        ),
        ("parameters: {x: {path: a.b, range: [1, 2], scale: log, paper: 1, meaning: 5}}", "parameters.x.meaning"),
        ("parameters: {x: {path: a.b, choices: [], paper: 1, meaning: m}}", "x: expected a path and its choices"),
        ("parameters: {x: {path: a.b, choices: [[a]], paper: 1, meaning: m}}", "parameters.x.choices"),
        ("parameters: {x: {choices: {a: 5}, paper: a, meaning: m}}", "parameters.x.choices"),
        ("parameters: {x: {path: a.b, range: [1, 2], scale: int, paper: 1, meaning: m, per: {a.b: 0}}}", "per.a.b"),
        ("parameters: {x: {path: a.b, range: [1, 2], scale: int, paper: .nan, meaning: m}}", "not JSON compliant"),
        ("parameters: {x: {paht: a.b, range: [1, 2], scale: int, paper: 1, meaning: m}}", "parameters.x.paht"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(file_with: Callable[[str], Path], text: str, reason: str) -> None:
    with pytest.raises(UserError, match=re.escape(reason)) as raised:
        catalogue([file_with(text)])
    assert "mine.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"cannot read the search space absent\.yaml"):
        catalogue([Path("absent.yaml")])


def test_a_path_that_the_configuration_does_not_know_is_refused_before_anything_starts(
    file_with: Callable[[str], Path],
) -> None:
    path = file_with("parameters: {x: {path: optim.rate, range: [1, 2], scale: log, paper: 1, meaning: m}}")
    with pytest.raises(UserError, match=r"optim\.rate"):
        Space((catalogue([path])["x"],)).check(Config())
