"""What is said of a design: what is trained, and what it cannot tell apart."""

from __future__ import annotations

import string
from collections.abc import Iterator

from assay.design.design import Design
from assay.design.effects import effects_of
from assay.design.fraction import letters, resolution, roman, words_of

__all__ = ["sentences"]

_MOST_WORDS = 8  # that are listed
_FREE = {
    3: "the effect of a part cannot be told from interactions of two others",
    4: "parts are free of two-part interactions, which cannot all be told from each other",
    5: "parts and two-part interactions are free of one another, and mixed up with those of three and more parts alone",
}
_TAKEN = {
    "pairs": "The base, each of {parts} parts out, and each two of them out: {cells} rows.",
    "add-one": "All {parts} parts out, each of them alone added, and the base: {cells} rows.",
    "shapley": "All {cells} combinations of {parts} parts.",
    "factorial": "Full factorial: all {cells} combinations of {parts} parts.",
}


def sentences(design: Design) -> list[str]:
    """One each."""
    parts, cells = len(design.parts), len(design.cells)
    if design.orders:
        told = (
            f"{len(design.orders)} orders of adding {parts} parts, drawn before the run in pairs of one and its reverse"
        )
        return [f"{told}: they pass {cells} of {2**parts} combinations."]
    if design.kind == "factorial" and not design.full:
        return list(_fraction(design))
    return [_TAKEN[design.kind].format(parts=parts, cells=cells)]


def _fraction(design: Design) -> Iterator[str]:
    parts, words = len(design.parts), words_of(design.levels)
    found = resolution(words)
    yield (
        f"Fractional factorial: {len(design.cells)} of the {2**parts} combinations of {parts} parts, "
        f"{', '.join(design.generators)}; resolution {roman(found)}: {_FREE[min(found, 5)]}."
    )
    yield f"Parts: {', '.join(f'{letters(1 << n)} {part.title}' for n, part in enumerate(design.parts))}."
    listed = [letters(word) for word in words][:_MOST_WORDS]
    more = f" and {len(words) - len(listed)} more" if len(words) > len(listed) else ""
    yield f"Defining words: {', '.join(listed)}{more}."
    if chains := [chain for chain in _chains(design) if "=" in chain]:
        yield f"Not told apart: {', '.join(chains)}."


def _chains(design: Design) -> Iterator[str]:
    """Sets of one and two parts that are aliases of each other."""
    for effect in effects_of(design):
        sets = [effect.parts, *(alias for alias in effect.aliases if len(alias) <= 2)]
        yield " = ".join("".join(string.ascii_uppercase[place] for place in each) for each in sets)
