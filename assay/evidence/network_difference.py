"""What one network has in parameters that another has not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["beyond", "parts_of"]

Shapes = Mapping[str, Sequence[int]]


def beyond(network: Shapes, other: Shapes) -> dict[str, Sequence[int]]:
    """Parameters that the other network lacks, or has in another shape.

    Args:
        network, other: name -> shape.
    """
    return {name: shape for name, shape in network.items() if list(other.get(name, ())) != list(shape)}


def parts_of(names: Iterable[str], other: Iterable[str]) -> list[str]:
    """The largest modules of which the other network has nothing, one for each name and each once.

    >>> parts_of(["graph.fuse.weight", "graph.fuse.bias", "enc.base.tail.0.weight"], ["enc.base.stem.weight"])
    ['graph', 'enc.base.tail']
    """
    known = {name[:end] for name in other for end in _ends(name)}
    parts = (next((name[:end] for end in _ends(name) if name[:end] not in known), name) for name in names)
    return list(dict.fromkeys(parts))


def _ends(name: str) -> list[int]:
    """Where the modules in a dotted name end, outermost first, and the name itself."""
    return [position for position, character in enumerate(name) if character == "."] + [len(name)]
