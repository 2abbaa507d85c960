"""Tables from a name to a builder of which a configuration selects some entries; the others decide nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from assay.config.section import Section

__all__ = ["Slot", "Terms"]

Entry = TypeVar("Entry")


class Slot(Mapping[str, Entry], Generic[Entry]):
    """A table of which one value of the configuration selects one entry: `Slot("base.kind", {"transformer": ...})`.

    Entries stand in the call as they are, so that the code of the one that is selected can be told from the others'.

    Args:
        path: dotted path of the value that names an entry.
        entries: name -> builder.
    """

    def __init__(self, path: str, entries: Mapping[str, Entry]) -> None:
        self.path, self._entries = path, dict(entries)

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Terms(Slot[Entry]):
    """A table of which every entry is selected whose weight is not 0: `Terms("loss", {"gram.weight": ...})`.

    Args:
        path: dotted path of the section that holds the weights.
        entries: path of a weight in this section -> what computes the term.
    """

    def of(self, section: Section) -> Iterator[tuple[float, Entry]]:
        """Weight and entry of every term that is asked for, in the table's order.

        Args:
            section: the one that `path` names.
        """
        for name, entry in self.items():
            if weight := _at(section, name):
                yield weight, entry


def _at(section: Any, path: str) -> Any:
    for name in path.split("."):
        section = getattr(section, name)
    return section
