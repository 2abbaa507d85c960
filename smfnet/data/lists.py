"""Lists of names: text files beside the data, or some that come with the package."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError, unknown
from assay.config.reading import MIB, read_text
from smfnet.data.folder import place_in, stem_of

__all__ = ["NameList", "read_list", "read_table", "shipped_lists"]

_MOST = 16 * MIB
_SHIPPED = Path(__file__).parent / "splits"


@dataclass(frozen=True)
class NameList:
    """What a list names.

    Attributes:
        path: the file.
        lines: without comments and empty lines.
        own: the user's; one that comes with the package may name pairs that a part of its data set lacks.
    """

    path: Path
    lines: tuple[str, ...]
    own: bool

    @property
    def stems(self) -> tuple[str, ...]:
        """The names as pairs have them, in order."""
        return tuple(map(stem_of, self.lines))

    def check(self, key: str, known: Collection[str], place: str, names: Collection[str] | None = None) -> None:
        """Refuse a list of the user's that names what is not there: with a mistyped name nothing would be done.

        Args:
            key: of the configuration that names the list.
            known: names of the pairs that there are.
            place: where they are, in words.
            names: what the list names; its lines if None.

        Raises:
            UserError: a name is none of the known.
        """
        missing = sorted(set(self.stems if names is None else names) - set(known))
        if self.own and missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise UserError(f"{key}: {self.path} names {missing[0]}{more}, and there is no such pair in {place}")


def shipped_lists() -> list[str]:
    """Names of the lists that come with the package, for `data.exclude`, `data.same_scene` and the like."""
    return sorted(path.name for path in _SHIPPED.iterdir() if path.suffix in (".txt", ".csv"))


def read_list(root: Path, name: str) -> NameList:
    """A list under `root`, or one that comes with the package.

    UTF-8, with a byte order mark or without, and any line ends; what begins with # is a comment.

    Raises:
        UserError: there is no such list, or it is not text in UTF-8.
    """
    path = place_in(root, name)
    own = path.is_file()
    path = path if own else _SHIPPED / name
    if not path.is_file():
        raise unknown(f"list of names: no such file under {root}, and no shipped list", name, shipped_lists())
    try:
        text = read_text(path, _MOST)
    except OSError as error:
        raise UserError(f"cannot read the list {path}: {error.strerror}") from error
    except ValueError as error:
        raise UserError(f"cannot read the list {path}: {error}") from error
    if "\0" in text:
        raise UserError(f"the list {path} holds zero bytes, as UTF-16 does: save it as UTF-8")
    lines = (line.strip() for line in text.splitlines())
    return NameList(path, tuple(line for line in lines if line and not line.startswith("#")), own)


def read_table(listed: NameList, key: str) -> list[tuple[str, str]]:
    """Columns a and b of a list in the form of CSV, as pairs have them.

    Raises:
        UserError: it has no such columns, or a line lacks one of them.
    """
    table = csv.DictReader(listed.lines)
    if not {"a", "b"} <= set(table.fieldnames or ()):
        raise UserError(f"{key}: expected columns a and b in {listed.path}; got {', '.join(table.fieldnames or ())}")
    rows = [(row["a"], row["b"]) for row in table]
    if short := [number for number, row in enumerate(rows, 1) if not all(row)]:
        raise UserError(f"{key}: row {short[0]} of {listed.path} lacks a name: expected one in column a and one in b")
    return [(stem_of(one), stem_of(other)) for one, other in rows]
