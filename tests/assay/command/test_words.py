"""A command is split before it is filled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.command.words import filled, names_in, split_command


def test_only_known_names_are_replaced() -> None:
    words = split_command("""run --json '{"a": {x}}' {x} {unknown} {{x}} 'two words'""", "it")
    assert filled(words, {"x": 0.001}) == [
        "run",
        "--json",
        '{"a": 0.001}',
        "0.001",
        "{unknown}",
        "{0.001}",
        "two words",
    ]
    assert names_in(words, ("x", "y")) == {"x"}


@given(st.text())
def test_whatever_a_value_is_it_stays_one_word_and_is_not_filled_again(text: str) -> None:
    assert filled(("run", "--x={x}"), {"x": text, "y": "no"}) == ["run", f"--x={text}"]
    assert filled(("{x}",), {"x": "{y}", "y": "no"}) == ["{y}"]


def test_truth_is_written_small() -> None:
    assert filled(("{a}", "{b}"), {"a": True, "b": False}) == ["true", "false"]
