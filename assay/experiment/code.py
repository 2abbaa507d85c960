"""The definitions that make a result, found by following names from where its making begins.

A top-level definition (function, class, value) counts if one that counts names it, in the packages that are followed;
imports do not count by themselves. Of a `Slot` or `Terms` only the entries count that the configuration selects: what
stands beside them can be added without a result being made again. A section's fields do not count, their values are
named. What cannot be followed (`import_module`, a module that is handed on whole, a table that decorators or statements
elsewhere may fill) makes everything count.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assay.experiment.source_file import Definition, SourceFile, essence, modules_of, names_in, source_file

__all__ = ["Making", "code_of", "definitions_of"]

Place = tuple[str, str]  # module and name
Selection = frozenset[tuple[str, str, str]]  # module, table and entry
_UNTRACEABLE = {"__import__", "eval", "exec", "globals", "import_module"}


@dataclass(frozen=True)
class Making:
    """Where the making of a result begins, and how far it is followed.

    Attributes:
        entries: `module:name` of the first definitions.
        within: packages and modules whose definitions are followed; others (the standard library, say) are not.
        beyond: of these, packages and modules that are not followed after all: what they decide is named otherwise.
    """

    entries: tuple[str, ...]
    within: tuple[str, ...]
    beyond: tuple[str, ...] = ()

    def follows(self, module: str) -> bool:
        """Whether the definitions of a module count."""
        return _below(module, self.within) and not _below(module, self.beyond)


def code_of(making: Making, chosen: Mapping[str, Any], root: Path | None = None) -> str:
    """Hash of all definitions that count; of the files as they were when it was first asked for.

    Args:
        making: where it begins.
        chosen: the configuration that is in force, by dotted path; a slot whose path is not there has no entry.
        root: the folder that holds the packages; where they are imported from if None.
    """
    return _code_of(making, _selected(making, chosen, root), root)


def definitions_of(making: Making, chosen: Mapping[str, Any], root: Path | None = None) -> dict[str, str]:
    """What `code_of` is the hash of: `module:name` -> source without comments and docstrings."""
    return dict(_found(making, _selected(making, chosen, root), root))


@cache
def _code_of(making: Making, selected: Selection, root: Path | None) -> str:
    return hashlib.sha256(repr(_found(making, selected, root)).encode()).hexdigest()


def _found(making: Making, selected: Selection, root: Path | None) -> list[tuple[str, str]]:
    search = _Search(making, selected, root)
    entries: list[Place] = [(module, name) for module, _, name in (each.partition(":") for each in making.entries)]
    search.follow(entries)
    if search.lost or search.may_be_filled_elsewhere():
        search.follow_everything()
    return sorted((f"{module}:{name}", text) for (module, name), text in search.texts.items())


def _selected(making: Making, chosen: Mapping[str, Any], root: Path | None) -> Selection:
    """The entries of tables that a configuration selects, anywhere in what is followed."""
    return frozenset(
        (module, name, entry)
        for module, file in _files(making, root).items()
        for name, table in file.tables.items()
        for entry in table.entries
        if (str(chosen.get(table.path)) == entry if table.kind == "Slot" else chosen.get(f"{table.path}.{entry}"))
    )


@cache
def _files(making: Making, root: Path | None) -> dict[str, SourceFile]:
    names = [name for package in making.within for name in modules_of(package, root) if making.follows(name)]
    return {name: file for name in names if (file := source_file(name, root))}


def _below(module: str, places: Iterable[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def _is_field(node: ast.stmt) -> bool:
    """Of a section: a field, or the check of its fields' values."""
    return isinstance(node, ast.AnnAssign) or (isinstance(node, ast.FunctionDef) and node.name == "__post_init__")


class _Search:
    """Definitions that were found so far, and what is yet to be looked into."""

    def __init__(self, making: Making, selected: Selection, root: Path | None) -> None:
        self._making, self._selected, self._root = making, selected, root
        self._files = _files(making, root)
        self.texts: dict[Place, str] = {}
        self.lost = False  # something cannot be followed

    def follow(self, places: Iterable[Place]) -> None:
        """Note these definitions, and all that they name.

        Raises:
            LookupError: there is no such definition.
        """
        waiting = list(places)
        while waiting:
            module, name = waiting.pop()
            if (module, name) in self.texts or not self._making.follows(module):
                continue
            file = self._files.get(module)
            if file is None or name not in file.definitions:
                raise LookupError(f"no definition {module}:{name}")
            kept = list(self._kept(module, name, file))
            loggers = frozenset(file.loggers)
            self.texts[module, name] = "\n".join(essence(node, loggers) for node in kept)
            waiting += (place for node in (*kept, *self._loose(module, file)) for place in self._named(module, node))

    def follow_everything(self) -> None:
        """Note every definition of every module."""
        self.follow((module, name) for module, file in self._files.items() for name in file.definitions)

    def may_be_filled_elsewhere(self) -> bool:
        """Whether a decorator or a statement of some module works with a value that was found here."""
        values = {place for place in self.texts if self._is_value(place)}
        for module, file in self._files.items():
            outside = [node for node in file.loose if (module, f"loose {node.lineno}") not in self.texts]
            for node in (*file.decorators, *outside):
                other = _Search(self._making, self._selected, self._root)
                other.follow(other._named(module, node))
                if other.lost or values & other.texts.keys():
                    return True
        return False

    def _is_value(self, place: Place) -> bool:
        nodes = self._files[place[0]].definitions.get(place[1], [])
        return any(isinstance(node, ast.Assign | ast.AnnAssign) for node in nodes)

    def _loose(self, module: str, file: SourceFile) -> Iterator[ast.AST]:
        """What a module does when it is imported counts with the first of its definitions."""
        for node in file.loose:
            if (module, f"loose {node.lineno}") not in self.texts:
                self.texts[module, f"loose {node.lineno}"] = essence(node)
                yield node

    def _kept(self, module: str, name: str, file: SourceFile) -> Iterator[ast.AST]:
        """The nodes of a definition, less what does not count."""
        if table := file.tables.get(name):
            yield ast.Constant(f"{table.kind} {table.path}")
            for entry, builder in table.entries.items():
                if (module, name, entry) in self._selected:
                    yield ast.Dict([ast.Constant(entry)], [builder])
            return
        for node in file.definitions[name]:
            yield self._without_fields(node) if self._is_section(module, node) else node

    def _is_section(self, module: str, node: Definition) -> bool:
        """Whether a class is a part of the configuration, by its bases."""
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)] if isinstance(node, ast.ClassDef) else []
        file = source_file(module, self._root)
        imports = file.imports if file else {}
        return any(
            any(source.startswith("assay.") and name == "Section" for source, name in imports.get(base, ()))
            or any(self._is_section_at(place) for place in self._resolved(module, base, None))
            for base in bases
        )

    def _is_section_at(self, place: Place) -> bool:
        file = source_file(place[0], self._root)
        return file is not None and any(self._is_section(place[0], each) for each in file.definitions.get(place[1], []))

    def _without_fields(self, node: Definition) -> ast.AST:
        shown = copy.copy(node)
        assert isinstance(shown, ast.ClassDef)
        shown.body = [each for each in shown.body if not _is_field(each)] or [ast.Pass()]
        return shown

    def _named(self, module: str, node: ast.AST) -> Iterator[Place]:
        """The definitions that a piece of source names, where they are followed."""
        for name, attribute in names_in(node):
            if name in _UNTRACEABLE or attribute == "import_module":
                self.lost = True
            yield from (place for place in self._resolved(module, name, attribute) if self._making.follows(place[0]))

    def _resolved(self, module: str, name: str, attribute: str | None) -> Iterator[Place]:
        """Where a name that stands in a module is defined; nothing for names of others."""
        file = self._files.get(module) or source_file(module, self._root)
        if file is None:
            return
        if name in file.definitions:
            yield module, name
        for source, inner in file.imports.get(name, ()):
            yield from self._imported(source, inner, attribute)

    def _has(self, module: str, name: str) -> bool:
        file = source_file(module, self._root)
        return file is not None and (name in file.definitions or name in file.imports)

    def _imported(self, source: str, name: str | None, attribute: str | None) -> Iterator[Place]:
        if not _below(source.partition(".")[0], {place.partition(".")[0] for place in self._making.within}):
            return
        inner = f"{source}.{name}" if name else source
        if name and (self._has(source, name) or source_file(inner, self._root) is None):
            yield from self._resolved(source, name, attribute)  # a package's name comes before its module's
        elif name and attribute:
            yield from self._resolved(inner, attribute, None)
        elif self._making.follows(inner):  # a module as a whole
            self.lost = True
