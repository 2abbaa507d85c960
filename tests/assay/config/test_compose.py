"""Presets, groups and `key=value` become one checked configuration, or one line that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from assay.config.changes import apply, difference
from assay.config.compose import Schema, to_yaml
from assay.config.errors import UserError
from assay.config.root import RootConfig
from assay.config.section import paths_of
from smfnet.config.root import Config
from smfnet.config.schema import SCHEMA, compose


def _refused(*overrides: str) -> str:
    """The message, which must be one line."""
    with pytest.raises(UserError) as raised:
        compose(overrides)
    message = str(raised.value)
    assert "\n" not in message
    return message


def test_without_words_it_is_the_preset_quick() -> None:
    config = compose()
    assert config == compose(["preset=quick"])
    assert config.network.width < compose(["preset=paper"]).network.width
    assert "not comparable" in config.note


def test_a_value_on_the_command_line_wins_over_the_preset_wherever_it_stands() -> None:
    assert compose(["optim.lr=2e-3", "preset=quick"]).optim.lr == 2e-3
    assert compose(["preset=paper"]).train.epochs == 120


def test_lists_become_tuples_so_that_a_configuration_can_be_a_key() -> None:
    config = compose(["loss.stage1.decomp_terms=[D,G]"])
    assert config.loss.stage1.decomp_terms == ("D", "G")
    assert hash(config) == hash(compose(["loss.stage1.decomp_terms=[D,G]"]))


def test_a_whole_section_can_be_given() -> None:
    train = compose(["preset=paper", "train={epochs: 4, stage1_epochs: 1}"]).train
    assert (train.epochs, train.stage1_epochs, train.batch) == (4, 1, 6)


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/path?endpoint_override=http://127.0.0.1:9000&scheme=http",
        "/data/a folder (1), with = and 'quotes'",
        "C:\\pairs\\",
        "8",
        "a,b",
    ],
)
def test_text_needs_no_quotes(text: str) -> None:
    assert compose([f"storage={text}"]).storage == text


def test_text_may_have_quotes_and_null_is_nothing() -> None:
    assert compose(["data.root='/a b'"]).data.root == "/a b"
    assert compose(["data.root=null"]).data.root is None


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("train.epoch=3", ["unknown key 'train.epoch'", "Did you mean train.epochs?"]),
        ("stage1_epochs=3", ["Did you mean train.stage1_epochs?"]),
        ("optim.learning_rate=1", ["unknown key", "optim.lr", "optim.clip_norm"]),
        ("presets=quick", ["Did you mean preset?"]),
        ("preset=quik", ["unknown preset 'quik'", "Did you mean quick?", "paper, quick, standard"]),
        ("profile=release", ["Did you mean released?"]),
        ("data=generate", ["Did you mean generated?"]),
        ("+train.epochs=3", ["cannot be added or removed"]),
        ("~train.epochs", ["cannot be added or removed"]),
        ("train.epochs", ["expected key=value"]),
        ("train.epochs=many", ["train.epochs", "'many'", "Integer"]),
        ("train.epochs=", ["train.epochs", "Integer"]),
        ("train.epochs=1.5", ["train.epochs", "1.5"]),
        ("train.epochs=3,4", ["train.epochs=3,4"]),
        ("train.bf16=maybe", ["train.bf16", "maybe"]),
        ("train=3", ["train"]),
        ("note='open", ["note='open", "cannot be read"]),
        ("base.kind=conv", ["base.kind: expected one of transformer, single_attention; got 'conv'"]),
        ("detail.cai.inn.blocks=-1", ["detail.cai.inn.blocks: expected a number >= 0; got -1"]),
        ("seeds=0", ["seeds: expected a number >= 1; got 0"]),
    ],
)
def test_a_mistake_is_one_line_that_names_what_is_known(override: str, parts: list[str]) -> None:
    message = _refused(override)
    assert [part for part in parts if part not in message] == []


def test_values_of_a_file_stand_between_presets_and_command_line(tmp_path: Path) -> None:
    file = tmp_path / "best.yaml"
    file.write_text("optim: {lr: 5.0e-4, clip_norm: 0.1}\nloss.stage1.w_ssim: 4\n")
    config = compose(["preset=paper", "optim.clip_norm=0.2"], base=file)
    assert (config.optim.lr, config.optim.clip_norm, config.loss.stage1.w_ssim) == (5e-4, 0.2, 4.0)
    assert config.train.epochs == 120


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("optim: {rate: 1}", r"unknown key in .*'optim\.rate'.*Did you mean optim\.lr"),
        ("optim: {lr: [", r"cannot read .*best\.yaml"),
        ("- 1\n- 2", "expected keys and values, got a list"),
        ("optim: {lr: fast}", "optim.lr: .*'fast'"),
        ("optim: 3", "unknown key in"),
        ("optim.lr: 1\noptim.lr: 2", r"cannot read .*best\.yaml: 'optim\.lr' is there twice"),
        ("1: 2", "unknown key in"),
        ("train: {epochs: {a: 1}}", r"unknown key in .*'train\.epochs\.a'"),
        ("data: {train: [{a: 1}, [2]]}", r"data\.train"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "best.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=expected) as raised:
        compose(base=file)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "override", ["train.batch=" + "[" * 5000, "train.batch=" + "1" * 20_000, "seed=" + "{a: " * 2000]
)
def test_an_override_without_end_is_refused_in_time(override: str) -> None:
    _refused(override)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*absent\.yaml"):
        compose(base=tmp_path / "absent.yaml")


@pytest.mark.parametrize("group", SCHEMA.groups)
def test_every_shipped_preset_is_whole(group: str) -> None:
    for option in SCHEMA.options(group):
        assert isinstance(compose([f"{group}={option}"]), Config)


def test_the_profiles_differ_where_paper_and_release_do() -> None:
    changed = difference(compose(["profile=paper"]), compose(["profile=released"]))
    assert set(changed) == {
        "loss.cc.mode",
        "loss.cc.detach",
        "loss.ssim.form",
        "loss.gram.form",
        "loss.semantic.mode",
        "loss.stage2.w_decomp",
        "loss.stage2.w_grad",
        "loss.stage2.decomp_terms",
        "graph.reasoning.gate_layout",
    }


def test_the_preset_paper_is_the_recipe_of_the_paper() -> None:
    config = compose(["preset=paper"])
    assert (config.train.epochs, config.train.stage1_epochs, config.train.batch) == (120, 40, 6)
    assert (config.optim.lr, config.optim.clip_norm, config.sched.step, config.sched.gamma) == (1e-4, 0.01, 20, 0.5)
    assert (config.network.width, config.network.heads, config.data.patch) == (64, 8, 128)
    assert config.train.steps_per_epoch is None
    stage1 = config.loss.stage1
    assert (stage1.w_decomp, stage1.w_tv, stage1.w_ssim, stage1.w_grad) == (2, 5, 8, 10)


def test_paths_name_every_value_once() -> None:
    flat = paths_of(Config())
    tree = OmegaConf.to_container(OmegaConf.structured(Config()))
    assert flat["loss.stage1.w_ssim"] == 8.0

    def leaves(node: object, prefix: str = "") -> set[str]:
        if isinstance(node, dict):
            return {path for key, value in node.items() for path in leaves(value, f"{prefix}.{key}".lstrip("."))}
        return {prefix}

    assert set(flat) == leaves(tree)


_TEXT = st.text(
    st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs"), exclude_characters="$"), max_size=12
)
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "note": _TEXT,
        "storage": _TEXT.filter(bool),
        "optim.lr": st.floats(1e-12, 1e6),
        "loss.stage2.w_grad": st.floats(0, 1e9),
        "train.epochs": st.integers(41, 10**6),
        "train.steps_per_epoch": st.none() | st.integers(1, 10**6),
        "train.bf16": st.booleans(),
        "graph.reasoning.dilations": st.tuples(*3 * [st.integers(1, 64)]),
        "loss.stage1.decomp_terms": st.lists(st.sampled_from(["D", "G"]), max_size=3).map(tuple),
        "data.root": st.none() | _TEXT,
        "data.train": st.lists(_TEXT, max_size=2).map(tuple),
    },
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=_CHANGES)
def test_a_configuration_comes_back_from_its_own_file(tmp_path: Path, changes: dict[str, object]) -> None:
    config = apply(Config(), changes)
    file = tmp_path / "config.yaml"
    file.write_text(to_yaml(config), encoding="utf-8")
    assert difference(compose(["preset=standard"], base=file), config) == {}


def test_a_value_of_the_engine_cannot_be_had_by_another_meaning() -> None:
    @dataclass(frozen=True)
    class Mine(RootConfig):
        seeds: int = 2

    with pytest.raises(UserError, match=r"Mine\.seeds: this is a value of the engine's"):
        Schema(Mine)


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="$"), max_size=30)


@given(st.fixed_dictionaries({}, optional={"note": PRINTABLE, "storage": PRINTABLE.filter(bool)}))
def test_texts_that_are_written_in_python_arrive_as_they_are(changes: dict[str, str]) -> None:
    schema = Schema(RootConfig)
    config = schema.compose(schema.words(changes))
    assert {name: getattr(config, name) for name in changes} == changes


def test_values_that_are_written_in_python_arrive_as_they_are(tmp_path: Path) -> None:
    schema = Schema(RootConfig)
    config = schema.compose(schema.words({"cluster": {"cpus": np.int64(2)}, "seed": 7, "storage": tmp_path / "store"}))
    assert (config.cluster.cpus, config.seed, config.storage) == (2, 7, str(tmp_path / "store"))


@pytest.mark.parametrize(
    ("words", "data"),
    [([], "generated"), (["preset=gpu"], "road_and_msrs"), (["preset=gpu", "seed=3", "data=tno"], "tno")],
)
def test_the_chosen_presets_are_those_that_a_preset_chooses_too(words: list[str], data: str) -> None:
    assert SCHEMA.chosen(words)["data"] == data


def test_no_storage_is_none_and_not_the_current_folder() -> None:
    with pytest.raises(UserError, match=r"storage: expected a folder or a URL; got '' \(\. is the current folder\)"):
        Schema(RootConfig).compose(["storage="])
