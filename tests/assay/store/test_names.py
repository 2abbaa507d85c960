"""Names that may become paths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.store.names import safe_name


@given(st.text(max_size=150))
def test_any_name_is_a_safe_file_name(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 100
    assert safe.isascii()
    assert not set(safe) & set('/\\:*?"<>| \n')
    assert not safe.startswith(".")
    assert safe_name(safe) == safe


def test_a_good_name_stays_and_long_ones_stay_different() -> None:
    assert safe_name("no_graph-seed2025") == "no_graph-seed2025"
    assert safe_name(200 * "x") != safe_name(201 * "x")
