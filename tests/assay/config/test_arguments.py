"""Functions are handed what their parameters name."""

from __future__ import annotations

import pytest

from assay.config.arguments import called_by_name
from assay.config.errors import UserError


def test_a_function_gets_what_it_names_and_keeps_its_own_values() -> None:
    given = {"a": [0.5, 0.75], "x": 1, "weights": None}
    assert called_by_name("bisect:bisect_left", given, "m") == 2  # its lo, hi and key have values


def test_what_is_not_given_is_named_with_who_asks() -> None:
    with pytest.raises(UserError, match=r"^loss\.edges: bisect:bisect_left reads x; expected some of a, b$"):
        called_by_name("bisect:bisect_left", {"a": 1, "b": 2}, "loss.edges")
    with pytest.raises(UserError, match=r"^loss\.edges asks for bisect:absent, which cannot be imported"):
        called_by_name("bisect:absent", {}, "loss.edges")
