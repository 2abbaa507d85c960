"""An answer is kept for the objects that it was given for, and for no others that equal them."""

from __future__ import annotations

from assay.config.once import once_each


def test_the_same_objects_are_asked_once_and_equal_ones_again() -> None:
    asked = []

    @once_each
    def told(objects: tuple[list[float], ...], word: str) -> str:
        asked.append(word)
        return f"{word}: {objects}"

    one, other = [1], [1.0]
    assert [told((one,), "a"), told((one,), "a"), told((other,), "a"), told((one,), "b")] == [
        *("a: ([1],)", "a: ([1],)", "a: ([1.0],)", "b: ([1],)")
    ]
    assert asked == ["a", "a", "b"]
    told((one, other), "a")
    told((other, one), "a")
    told((one, other), "a")
    assert asked == ["a", "a", "b", "a", "a"]
