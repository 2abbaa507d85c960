"""Which definitions make a result, in small packages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from assay.config.errors import UserError
from assay.experiment.naming import code
from assay.experiment.naming.code import Making, definitions_of

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(train="...", net="...")`: a package `study` of these modules; its folder's parent."""

    def made(**modules: str) -> Path:
        folder = tmp_path / "study"
        folder.mkdir(exist_ok=True)
        for name, text in {"__init__": "", **modules}.items():
            (folder / f"{name}.py").write_text(dedent(text))
        code._files.cache_clear()
        return tmp_path

    return made


def _found(root: Path, chosen: dict[str, Any] | None = None, entry: str = "study.train:train") -> dict[str, str]:
    return definitions_of(Making((entry,), ("study",)), chosen or {}, root=root)


def _names(root: Path, chosen: dict[str, Any] | None = None) -> set[str]:
    return {place.removeprefix("study.") for place in _found(root, chosen)}


NET = """
    from study.parts import Part
    SIZE = 3
    UNUSED = 4
    def build(config):
        return Part(SIZE)
    def other():
        return UNUSED
"""
PARTS = """
    class Part:
        def __init__(self, size): self.size = helper(size)
    def helper(size): return size
    class Beside: ...
"""


def test_names_are_followed_through_modules_and_what_stands_beside_is_not(write: Write) -> None:
    root = write(train="from study.net import build\ndef train(): return build(1)", net=NET, parts=PARTS)
    assert _names(root) == {"train:train", "net:build", "net:SIZE", "parts:Part", "parts:helper"}


@pytest.mark.parametrize(
    "train",
    [
        "from study import net\ndef train(): return net.build(1)",
        "from study.net import build as make\ndef train(): return make(1)",
        "from study import build\ndef train(): return build(1)",
        "from .net import build\ndef train(): return build(1)",
        "from . import net as n\ndef train(): return n.build(1)",
        "def train():\n    from study.net import build\n    return build(1)",
        "def train():\n    from study.net import build\n    return build(1)\n"
        "def other():\n    from study.parts import Beside as build\n    return build",
    ],
)
def test_a_name_is_found_however_it_is_imported(write: Write, train: str) -> None:
    root = write(train=train, net=NET, parts=PARTS, __init__="from study.net import build")
    assert {"net:build", "parts:helper"} <= _names(root)
    assert "net:other" not in _names(root)


def test_a_package_s_name_comes_before_its_module_of_the_same_name(write: Write) -> None:
    root = write(
        train="from study import build\ndef train(): return build()",
        build="def build(): ...\ndef beside(): ...",
        __init__="from study.build import build",
    )
    assert _names(root) == {"train:train", "build:build"}


@pytest.mark.parametrize(
    ("words", "same"), [('"""Says."""', True), ('LOG.info("now")  # a line', True), ("x += 1", False)]
)
def test_comments_docstrings_and_log_lines_change_nothing_and_the_rest_does(
    write: Write, words: str, same: bool
) -> None:
    source = """
        import logging, math
        LOG = logging.getLogger(__name__)
        def train(x):
            {}
            return math.exp(x)
    """
    before = _found(write(train=source.format("pass")))["study.train:train"].replace("    pass\n", "")
    assert (_found(write(train=source.format(words)))["study.train:train"] == before) == same


def test_a_variable_named_log_is_no_logger(write: Write) -> None:
    root = write(train="def train(log):\n    log.append(1)\n    return log")
    assert "log.append(1)" in _found(root)["study.train:train"]


TABLE = """
    from assay.config.tables import Slot, Terms
    def wide(): return helper()
    def deep(): ...
    def helper(): ...
    KINDS = Slot("part.kind", {"wide": wide, "deep": deep, "no": lambda: None})
    LOSSES = Terms("loss", {"edge.weight": wide, "area.weight": deep})
    def train(kind, loss): return KINDS[kind](), LOSSES.of(loss)
"""


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"part.kind": "wide"}, {"wide", "helper"}),
        ({"part.kind": "deep"}, {"deep"}),
        ({"part.kind": "no"}, set()),
        ({}, set()),
        ({"loss.edge.weight": 0.5, "loss.area.weight": 0.0}, {"wide", "helper"}),
        ({"loss.area.weight": 1}, {"deep"}),
    ],
)
def test_of_a_table_only_the_selected_entries_count(write: Write, chosen: dict[str, Any], names: set[str]) -> None:
    expected = {f"train:{name}" for name in {"train", "KINDS", "LOSSES", *names}}
    assert _names(write(train=TABLE), chosen) == expected


def test_a_table_that_is_made_elsehow_counts_whole(write: Write) -> None:
    source = TABLE.replace('{"wide": wide, "deep": deep, "no": lambda: None}', "dict(wide=wide, deep=deep)")
    assert {"train:wide", "train:deep"} <= _names(write(train=source), {"part.kind": "wide"})


@pytest.mark.parametrize(
    "other",
    [
        "from study.train import KINDS\nKINDS['mine'] = print",
        "from study.train import register\n@register\ndef mine(): ...",
        "from study.train import register\nregister(print)",
        "from study import train\ntrain.KINDS.update(mine=print)",
        "from study.train import KINDS\nfor name in 'ab':\n    KINDS[name] = print",
        "from study.train import KINDS\nif True:\n    KINDS['mine'] = print",
    ],
)
def test_a_table_that_others_fill_makes_everything_count(write: Write, other: str) -> None:
    train = """
        KINDS = {}
        def register(builder):
            KINDS[builder.__name__] = builder
            return builder
        def train(): return KINDS["mine"]()
    """
    root = write(train=train, other=other, third="def far(): ...")
    assert "third:far" in _names(root)


def test_decorators_that_fill_nothing_are_no_reason(write: Write) -> None:
    train = """
        import functools
        SIZE = 3
        def train(): return SIZE
    """
    other = """
        import functools
        LIMIT = 3
        def logged(function): return LIMIT, function
        @logged
        @functools.cache
        def far(): ...
    """
    assert _names(write(train=train, other=other)) == {"train:train", "train:SIZE"}


@pytest.mark.parametrize(
    "body",
    [
        "import importlib\ndef train(name): return importlib.import_module(name)",
        "from importlib import import_module\ndef train(name): return import_module(name)",
        "def train(name): return globals()[name]",
        "def train(name): return eval(name)",
        "import study.far\ndef train(): return study.far.build()",
        "from study import far\ndef train(): return vars(far)",
    ],
)
def test_what_cannot_be_followed_makes_everything_count(write: Write, body: str) -> None:
    root = write(train=body, far="def build(): ...\ndef beside(): ...")
    assert {"far:build", "far:beside"} <= _names(root)


WHOLE = [
    *("for kind in KINDS.values(): kind()", "KINDS['deep']()", "show(KINDS)", "dict(KINDS)", "KINDS.get(name)()"),
    *("k = KINDS", "from study import train as me\n        me.KINDS[name]()"),
]


@pytest.mark.parametrize("use", WHOLE)
def test_a_table_that_is_used_otherwise_than_by_its_choice_counts_whole(write: Write, use: str) -> None:
    source = TABLE.replace("return KINDS[kind](), LOSSES.of(loss)", f"\n        {use}")
    assert {"train:wide", "train:deep"} <= _names(write(train=source), {"part.kind": "wide"})


@pytest.mark.parametrize("use", ["KINDS[chosen]()", "chosen in KINDS", "', '.join(KINDS.keys())", "LOSSES.of(section)"])
def test_to_choose_or_to_list_names_uses_no_further_entry(write: Write, use: str) -> None:
    source = TABLE.replace("return KINDS[kind](), LOSSES.of(loss)", f"return {use}")
    assert "train:deep" not in _names(write(train=source), {"part.kind": "wide"})


def test_a_table_of_somebody_elses_of_that_name_counts_whole(write: Write) -> None:
    source = TABLE.replace("assay.config.tables", "other.tables")
    assert {"train:wide", "train:deep"} <= _names(write(train=source), {"part.kind": "wide"})


@pytest.mark.parametrize(
    "net",
    [
        "try:\n    from fast import build\nexcept ImportError:\n    def build(): return helper()\ndef helper(): ...",
        "import sys\nif sys.platform == 'linux':\n    def build(): return helper()\ndef helper(): ...",
        "build = other = lambda: helper()\ndef helper(): ...",
        "build, other = (lambda: helper()), 1\ndef helper(): ...",
        "with open('x') as helper:\n    build = helper.read()",
    ],
)
def test_a_definition_is_found_however_it_is_made(write: Write, net: str) -> None:
    root = write(train="from study.net import build\ndef train(): return build()", net=net)
    assert {"net:build", "net:helper"} <= _names(root)


@pytest.mark.parametrize(
    ("train", "net"),
    [
        ("from study.net import *\ndef train(): return build()", "def build(): ..."),
        ("from study.net import build\ndef train(): return build()", "def __getattr__(name): return far"),
        ("from study import net\ndef train(): return net.build()", "vars()['build'] = print"),
    ],
)
def test_a_name_whose_definition_is_not_found_makes_everything_count(write: Write, train: str, net: str) -> None:
    assert "third:far" in _names(write(train=train, net=net, third="def far(): ..."))


@pytest.mark.parametrize(
    "other",
    [
        "from study.train import Base\nclass Mine(Base): ...",
        "from study.train import Meta\nclass Mine(metaclass=Meta): ...",
        "from study.train import register\nclass Mine:\n    @register\n    def build(self): ...",
    ],
)
def test_a_table_that_subclasses_or_methods_fill_makes_everything_count(write: Write, other: str) -> None:
    train = """
        KINDS = {}
        def register(function):
            KINDS["x"] = function
            return function
        class Base:
            def __init_subclass__(cls): KINDS[cls.__name__] = cls
        class Meta(type):
            def __init__(cls, *_): KINDS["m"] = cls
        def train(): return KINDS["mine"]()
    """
    assert "third:far" in _names(write(train=train, other=other, third="def far(): ..."))


def test_a_comment_above_what_a_module_does_changes_nothing(write: Write) -> None:
    source = "SIZE = [1]\nSIZE.append(2)\ndef train(): return SIZE"
    assert _found(write(train=source)) == _found(write(train=f"# a comment\n{source}"))


def test_what_a_module_does_when_it_is_imported_counts_with_it(write: Write) -> None:
    root = write(train="SIZE = [1]\nSIZE.append(2)\ndef train(): return SIZE")
    assert "SIZE.append(2)" in _found(root).values()


def test_the_fields_of_a_section_do_not_count_and_its_methods_do(write: Write) -> None:
    train = """
        from dataclasses import dataclass
        from assay.config.section import Section, at_least
        @dataclass(frozen=True)
        class Base(Section):
            \"\"\"Words.\"\"\"
            width: int = at_least(1, 8)
            def __post_init__(self): print("checked")
            @property
            def double(self): return 2 * self.width
        class Special(Base):
            depth: int = 3
        def train(config: Special): return config.double
    """
    found = _found(write(train=train))
    assert "double" in found["study.train:Base"]
    assert "at_least" not in found["study.train:Base"]
    assert "checked" not in found["study.train:Base"]
    assert "depth" not in found["study.train:Special"]


def test_other_packages_and_what_lies_beyond_are_not_followed(write: Write) -> None:
    root = write(train="import json\nfrom study.far import f\ndef train(): return json.dumps(f())", far="def f(): ...")
    making = Making(("study.train:train",), ("study",), ("study.far",))
    assert definitions_of(making, {}, root=root).keys() == {"study.train:train"}


def test_an_entry_that_is_not_there_is_an_error(write: Write) -> None:
    with pytest.raises(LookupError, match=r"no definition study\.train:missing"):
        _found(write(train="def train(): ..."), entry="study.train:missing")


PLACES = """
    CONTENTS = {"entropy": "study.parts:entropy", "mean": "study.parts:absent", "lr": "1:2", "other": "os:path"}
    def train(): return CONTENTS
"""


def test_a_text_that_names_a_definition_is_a_use_of_it(write: Write) -> None:
    root = write(train=PLACES, parts="def entropy(): return helper()\ndef helper(): ...\ndef beside(): ...")
    assert _names(root) == {"train:train", "train:CONTENTS", "parts:entropy", "parts:helper"}


def test_builders_that_a_configuration_asks_for_count_with_all_that_they_name(write: Write) -> None:
    root = write(
        train="def train(config): return config.build()",
        parts="class Wide:\n    size = helper()\ndef helper(): ...\nclass Deep: ...",
        __init__="from study.parts import Deep",
    )
    making = Making(("study.train:train",), ("study",))
    for builder, names in (("study.parts:Wide", {"parts:Wide", "parts:helper"}), ("study:Deep", {"parts:Deep"})):
        found = definitions_of(making, {}, [builder], root)
        assert {name.removeprefix("study.") for name in found} == {"train:train", *names}


@pytest.mark.parametrize("text", ["study.parts:Absent", "study.absent:Wide", "collections:Counter"])
def test_a_builder_whose_changes_would_not_be_noticed_is_refused(write: Write, text: str) -> None:
    root = write(train="def train(): ...", parts="class Wide: ...")
    with pytest.raises(UserError, match=rf"^{text}, which the configuration asks for, is not defined .* below study$"):
        definitions_of(Making(("study.train:train",), ("study",)), {}, [text], root)


@pytest.mark.parametrize(
    "package",
    [
        "from study import net",
        "def __getattr__(name):\n    from study import net\n    return getattr(net, name)",
        "from study.net import build\nfrom study import net",
    ],
)
def test_a_package_that_has_its_own_module_from_itself_is_followed(write: Write, package: str) -> None:
    train = "from study import net\ndef train(): return net.build()"
    root = write(__init__=package, train=train, net="def build(): return deep()\ndef deep(): ...")
    assert {"train:train", "net:build", "net:deep"} <= _names(root)


def test_modules_that_have_a_name_from_each_other_end(write: Write) -> None:
    root = write(train="from study.net import size\ndef train(): return size", net="from study.train import size")
    assert "train:train" in _names(root)
