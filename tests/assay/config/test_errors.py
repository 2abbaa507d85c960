"""An unknown name is answered with what is known."""

from __future__ import annotations

from assay.config.errors import UserError, unknown


def test_the_closest_name_is_offered() -> None:
    assert str(unknown("row", "no_grph", ["ours", "no_graph"])) == (
        "unknown row 'no_grph'. Did you mean no_graph? Known: ours, no_graph."
    )


def test_nothing_is_offered_when_nothing_is_close() -> None:
    assert str(unknown("row", "zzz", ["ours"])) == "unknown row 'zzz'. Known: ours."
    assert str(unknown("row", "x", [])) == "unknown row 'x'. Known: none."


def test_of_very_many_names_the_nearest_are_told_and_how_many_there_are() -> None:
    names = [f"trial{number}" for number in range(41)]
    assert str(unknown("trial", "x", names[:40])).endswith(f"Known: {', '.join(names[:40])}.")
    told = str(unknown("trial", "trail7", names))
    assert told.startswith("unknown trial 'trail7'. Did you mean trial7? Known: trial7, ")
    assert told.endswith(" and 36 more.")
    assert len(told) < 120


def test_a_user_error_is_a_value_error() -> None:
    assert issubclass(UserError, ValueError)


def test_below_a_notebooks_cell_it_is_one_line_and_no_traceback() -> None:
    """IPython asks an exception for this before it draws anything of its own."""
    assert UserError("expected a run;\ngot \x1b[31m")._render_traceback_() == ["error: expected a run; got \\x1b[31m"]
