"""A suite is an ordered list of rows, each a named change; the shipped one is the paper's Table 5."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assay.config.changes import apply, difference
from assay.config.errors import UserError
from assay.experiment.suite import Suite, load_suite, suite_names, suite_of
from assay.metric import Metric
from smfnet.config.metrics import METRICS
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder
from smfnet.fusion.rules import RULES
from smfnet.study import study
from smfnet.training import stages_of

ROWS = [
    "both_stages_ccg",
    "one_stage",
    "no_intensity_semantic",
    "plain_transformer",
    "cai_to_inn",
    "no_graph",
    "swap_fusion",
    "ours",
]


@pytest.fixture(scope="module")
def table5() -> Suite:
    return load_suite("table5", ablations_folder())


def test_the_eight_rows_of_the_paper_are_the_default_in_its_order(table5: Suite) -> None:
    assert [variant.name for variant in table5.default] == ROWS
    assert table5.base == "ours"
    assert not table5.pick(["ours"])[0].changes
    assert set(table5.baselines) <= RULES.keys()


def test_every_other_reading_is_a_row_outside_the_default(table5: Suite) -> None:
    others = [variant for variant in table5.variants if variant.alternative]
    assert len(others) == 13
    assert {variant.published for variant in others} <= {variant.published for variant in table5.default}


@pytest.mark.parametrize("profile", ["paper", "released"])
def test_every_row_changes_exactly_what_it_names(table5: Suite, profile: str) -> None:
    base = compose([f"profile={profile}"])
    values = {variant.name: apply(base, variant.changes) for variant in table5.variants}
    for variant in table5.variants:
        named = {path: tuple(v) if isinstance(v, list) else v for path, v in variant.changes.items()}
        changed = difference(base, values[variant.name])
        assert {path: value for path, (_, value) in changed.items()}.items() <= named.items()
        assert profile == "released" or changed.keys() == named.keys(), variant.name
    one, other = values["no_graph"], values["swap_fusion"]
    named = table5.pick(["no_graph"])[0].changes.keys() | table5.pick(["swap_fusion"])[0].changes.keys()
    assert difference(one, other).keys() == named


def test_rows_have_the_stages_that_their_titles_say(table5: Suite) -> None:
    base = compose()
    kinds = {v.name: [stage.kind for stage in stages_of(apply(base, v.changes), 1)] for v in table5.variants}
    joint = {name for name, names in kinds.items() if names == ["joint"]}
    assert joint == {"one_stage", "one_stage_sum"}
    assert all(names == ["stage1", "stage2"] for name, names in kinds.items() if name not in joint)


def test_picked_rows_come_in_table_order_once(table5: Suite) -> None:
    assert [variant.name for variant in table5.pick(["ours", "no_graph", "ours"])] == ["no_graph", "ours"]


def test_an_unknown_row_is_answered_with_the_closest(table5: Suite) -> None:
    with pytest.raises(UserError, match=r"unknown row 'no_grph'. Did you mean no_graph\? Known: both_stages_ccg"):
        table5.pick(["ours", "no_grph"])


def test_an_unknown_suite_is_answered_with_the_known_ones() -> None:
    assert "table5" in suite_names(ablations_folder())
    with pytest.raises(UserError, match=r"unknown suite 'tabel5'. Did you mean table5\?"):
        load_suite("tabel5", ablations_folder())
    with pytest.raises(UserError, match=r"unknown suite 'absent\.yaml'"):
        load_suite("absent.yaml", ablations_folder())


def _load(folder: Path, text: str) -> Suite:
    (folder / "mine.yaml").write_text(text)
    return load_suite(str(folder / "mine.yaml"))


def test_a_suite_of_the_users_own(tmp_path: Path) -> None:
    suite = _load(tmp_path, "base: a\nrows:\n  a:\n  b: {changes: {fuse.swap: true}}\n")
    assert (suite.name, suite.title, suite.published, suite.baselines) == ("mine", "mine", None, ())
    assert [(v.name, v.title, dict(v.changes)) for v in suite.variants] == [
        ("a", "a", {}),
        ("b", "b", {"fuse.swap": True}),
    ]


def test_margins_of_a_suite_take_the_place_of_the_metrics_own(tmp_path: Path) -> None:
    suite = _load(tmp_path, "rows: {ours: {}}\nmargins: {EN: 0.2, SD: null}\n")
    metrics = suite.metrics((Metric("EN", margin=0.1), Metric("SD", margin=2.0), Metric("VIF", margin=0.3)))
    assert [metric.margin for metric in metrics] == [0.2, None, 0.3]


def test_a_margin_of_no_metric_is_answered_with_the_closest(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("rows: {ours: {}}\nmargins: {SSIN: 0.2}\n")
    with pytest.raises(UserError, match=r"unknown metric in the margins of the suite mine 'SSIN'. Did you mean SSIM\?"):
        suite_of(study(), str(tmp_path / "mine.yaml"))


def test_every_metric_of_the_papers_tables_has_a_margin() -> None:
    margins = {metric.name: metric.margin for metric in study().metrics if metric.name in METRICS}
    assert all(margin is not None and margin > 0 for margin in margins.values())
    assert list(margins) == list(METRICS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rows: {ours: {}}\nmargins: [EN]", "margins: expected keys and values, got list"),
        ("rows: {ours: {}}\nmargins: {EN: 0}", "margins: EN: expected a number > 0, or null for none; got 0"),
        ("rows: {ours: {}}\nmargins: {EN: true}", "margins: EN: expected a number > 0, or null for none; got True"),
        ("rows: {ours: {}}\nmargins: {EN: .inf}", "margins: EN: expected a number > 0, or null for none; got inf"),
        ("rows: {ours: {}}\nmargins: {EN: .nan}", "margins: EN: expected a number > 0, or null for none; got nan"),
        ("rows: {ours: {}}\nmargins: {EN: a}", "margins: EN: expected a number > 0, or null for none; got 'a'"),
        ("", "the file: expected keys and values, got NoneType"),
        ("- a\n- b", "the file: expected keys and values, got list"),
        ("rows: [a, b]", "rows: expected keys and values, got list"),
        ("rows: {a: {}}", "base 'ours' is none of its rows"),
        ("rows: {ours: {}, ours: {title: x}}", "'ours' is there twice"),
        ("rows: {ours: {titel: x}}", "unknown key in row ours 'titel'. Did you mean title?"),
        ("rows: {ours: {changes: [fuse.swap]}}", "changes of row ours: expected keys and values, got list"),
        ("rows: {ours: x}", "row ours: expected keys and values, got str"),
        ("rows: {ours: {}, no: {}}", "the row False needs quotes"),
        ("rows: {ours: {}, Ours: {}}", "two rows would be stored as 'ours': expected names that differ in more than"),
        ("rows: {ours: {}, Sources: {}}", "a row cannot be called 'sources'"),
        ("rows: {ours: {}, caf\u00e9: {}, cafe\u0301: {}}", "two rows would be stored as 'caf\u00e9'"),
        ("rows: {ours: {}, max: {}}\nbaselines: [max]", "two rows would be stored as 'max'"),
        ("row: {ours: {}}", "unknown key in the file 'row'. Did you mean rows?"),
        ("rows: {ours: {", "expected"),
        ("rows: {ours: {changes: {a: !!set {b}}}}", "tag:yaml.org,2002:set"),
        ("rows: {ours: {}}\nbaselines: 5", "baselines: expected a list of names, got 5"),
        ("rows: {ours: {}}\nbaselines: [[max]]", "baselines: expected a list of names, got [['max']]"),
        ("rows: {ours: {}}\nbase: [ours]", "the file: base: expected text, got list"),
        ("rows: {ours: {title: {a: b}}}", "row ours: title: expected text, got dict"),
        ("rows: {ours: {alternative: 2}}", "row ours: alternative: expected true or false, got 2"),
        ("rows: {ours: 0}", "row ours: expected keys and values, got int"),
        ('rows: {ours: {}, "a\\nb": {}}', r"the row 'a\nb' cannot be named"),
        ("rows: {ours: {}, a=b: {}}", "the row 'a=b' cannot be named"),
        ("rows: {ours: {}, --all: {}}", "the row '--all' cannot be named"),
    ],
)
def test_a_file_that_is_no_suite_says_why_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UserError) as raised:
        _load(tmp_path, text)
    message = str(raised.value)
    assert message.startswith(f"{tmp_path}/mine.yaml is no suite: ")
    assert reason in message
    assert "\n" not in message


@pytest.mark.shared
def test_numbers_in_scientific_notation_are_numbers(shared: Path) -> None:
    slow, ours = load_suite(str(shared / "cases" / "suite" / "sci.yaml")).variants
    base = compose(["preset=paper"])
    changed = apply(base, slow.changes)
    assert difference(apply(base, ours.changes), changed) == {"optim.lr": (1e-4, 1e-5)}
    assert type(changed.optim.lr) is float


@pytest.mark.shared
@pytest.mark.parametrize("name", ["bracket", "latex", "same"])
def test_titles_are_read_as_they_are_written(shared: Path, name: str) -> None:
    path = shared / "cases" / "suite" / f"{name}.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {v.name: v.title for v in load_suite(str(path)).variants} == {
        row: values["title"] for row, values in raw["rows"].items()
    }
