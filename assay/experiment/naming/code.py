"""The definitions that make a result, found by following names from where its making begins.

A top-level definition (function, class, value) counts if one that counts names it, in the packages that are followed;
imports do not count by themselves. Of a `Slot` or `Terms` only the entries count that the configuration selects: what
stands beside them can be added without a result being made again. A section's fields do not count, their values are
named; the builders that a configuration asks for as text (`assay.config.tables.builders_of`) are handed in as further
beginnings. A text `package.module:name` of a definition is a use of it. What cannot be followed (`import_module`, a
module that is handed on whole, a table that decorators or statements elsewhere may fill) makes everything count.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assay.config.errors import UserError
from assay.experiment.naming.class_parts import makes_subclasses, without_fields, without_members
from assay.experiment.naming.source_file import (
    Definition,
    SourceFile,
    essence,
    modules_of,
    names_in,
    source_file,
    texts_in,
    whole_uses,
)
from assay.study import Making

__all__ = ["code_of", "definitions_of"]

Place = tuple[str, str]  # module and name
_LOOSE = "(when imported)"  # stands for the statements of a module that define nothing
Selection = frozenset[tuple[str, str, str]]  # module, table and entry
_UNTRACEABLE = {"__import__", "eval", "exec", "globals", "import_module"}


def code_of(making: Making, chosen: Mapping[str, Any], builders: Iterable[str] = (), root: Path | None = None) -> str:
    """Hash of all definitions that count; of the files as they were when it was first asked for.

    Args:
        making: where it begins.
        chosen: the configuration that is in force, by dotted path; a slot whose path is not there has no entry.
        builders: what this configuration asks for, `module:name` each.
        root: a folder that may hold the packages, before where they are imported from; that of `making` if None.

    Raises:
        UserError: a builder is not defined in the code that is followed.
    """
    root = root or making.root
    return _code_of(making, _selected(making, chosen, root), frozenset(builders), root)


def definitions_of(
    making: Making, chosen: Mapping[str, Any], builders: Iterable[str] = (), root: Path | None = None
) -> dict[str, str]:
    """What `code_of` is the hash of: `module:name` -> source without comments and docstrings."""
    root = root or making.root
    return dict(_found(making, _selected(making, chosen, root), frozenset(builders), root))


@cache
def _code_of(making: Making, selected: Selection, builders: frozenset[str], root: Path | None) -> str:
    return hashlib.sha256(repr(_found(making, selected, builders, root)).encode()).hexdigest()


def _found(making: Making, selected: Selection, builders: frozenset[str], root: Path | None) -> list[tuple[str, str]]:
    search = _Search(making, selected, root)
    entries: list[Place] = [(module, name) for module, _, name in (each.partition(":") for each in making.entries)]
    search.follow([*entries, *(place for text in sorted(builders) for place in search.builder(text))])
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


_file = cache(source_file)


class _Search:
    """Definitions that were found so far, and what is yet to be looked into."""

    def __init__(self, making: Making, selected: Selection, root: Path | None) -> None:
        self._making, self._selected, self._root = making, selected, root
        self._files = _files(making, root)
        self.texts: dict[Place, str] = {}
        self.lost = False  # something cannot be followed
        self._whole: set[Place] = set()  # tables of which every entry may be used

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
            self.texts[module, name] = self._essence(file, kept)
            read = [*kept, *self._loose(module, file)]
            waiting += [place for node in read for place in self._named(module, node)]
            waiting += self._used_whole(module, read)

    def builder(self, text: str) -> list[Place]:
        """Where a builder is defined, that a configuration names.

        Raises:
            UserError: nowhere in what is followed: a change of it would not be noticed.
        """
        module, _, name = text.partition(":")
        followed = self._making.follows(module)
        places = list(self._resolved(module, name.partition(".")[0], None)) if followed else []
        if not places:
            raise UserError(
                f"{text}, which the configuration asks for, is not defined in the code that is followed: expected a "
                f"function or class below {', '.join(self._making.within)}"
            )
        return places

    def follow_everything(self) -> None:
        """Note every definition of every module."""
        self.follow((module, name) for module, file in self._files.items() for name in file.definitions)

    def may_be_filled_elsewhere(self) -> bool:
        """Whether a decorator or a statement of some module works with a value that was found here."""
        values = {place for place in self.texts if self._is_value(place)}
        for module, file in self._files.items():
            outside = () if (module, _LOOSE) in self.texts else file.loose
            for node in (*file.decorators, *outside, *self._called_by_subclasses(module, file)):
                other = _Search(self._making, self._selected, self._root)
                other.follow(other._named(module, node))
                if other.lost or values & other.texts.keys():
                    return True
        return False

    def _is_value(self, place: Place) -> bool:
        nodes = self._files[place[0]].definitions.get(place[1], [])
        return any(not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in nodes)

    def _loose(self, module: str, file: SourceFile) -> Iterator[ast.AST]:
        """What a module does when it is imported counts with the first of its definitions."""
        if file.loose and (module, _LOOSE) not in self.texts:
            self.texts[module, _LOOSE] = self._essence(file, file.loose)
            yield from file.loose

    def _essence(self, file: SourceFile, nodes: Iterable[ast.AST]) -> str:
        return "\n".join(essence(node, frozenset(file.loggers)) for node in nodes)

    def _kept(self, module: str, name: str, file: SourceFile) -> Iterator[ast.AST]:
        """The nodes of a definition, less what does not count."""
        if table := file.tables.get(name):
            yield ast.Constant(f"{table.kind} {table.path}")
            for entry, builder in table.entries.items():
                if (module, name, entry) in self._selected or (module, name) in self._whole:
                    yield ast.Dict([ast.Constant(entry)], [builder])
            return
        for node in file.definitions[name]:
            if self._making.aside and isinstance(node, ast.ClassDef) and f"{module}:{name}" in self._making.entries:
                yield without_members(node, self._making.aside)
            else:
                yield without_fields(node) if self._is_section(module, node) else node

    def _is_section(self, module: str, node: Definition) -> bool:
        """Whether a class is a part of the configuration, by its bases."""
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)] if isinstance(node, ast.ClassDef) else []
        file = _file(module, self._root)
        imports = file.imports if file else {}
        return any(
            any(source.startswith("assay.") and name == "Section" for source, name in imports.get(base, ()))
            or any(self._is_section_at(place) for place in self._resolved(module, base, None))
            for base in bases
        )

    def _is_section_at(self, place: Place) -> bool:
        file = _file(place[0], self._root)
        return file is not None and any(self._is_section(place[0], each) for each in file.definitions.get(place[1], []))

    def _used_whole(self, module: str, nodes: Iterable[ast.AST]) -> list[Place]:
        """Tables that are used otherwise than by the configuration's choice, to be looked into once more."""
        used: set[tuple[str, str | None]] = set()
        for node in nodes:
            used.update((name, None) for name in whole_uses(node) if not self._is_alias(module, name))
            used.update(each for each in names_in(node) if self._is_alias(module, each[0]))
        places = {place for name, attribute in used for place in self._resolved(module, name, attribute)}
        tables = [(where, name) for where, name in places - self._whole if self._is_table(where, name)]
        for place in tables:
            self._whole.add(place)
            self.texts.pop(place, None)
        return tables

    def _is_table(self, module: str, name: str) -> bool:
        return module in self._files and name in self._files[module].tables

    def _is_alias(self, module: str, name: str) -> bool:
        """Whether a name may stand for a module."""
        imports = [(source, inner) for source, inner in self._imports(module, name) if self._is_ours(source)]
        return any(inner is None or not self._has(source, inner) for source, inner in imports)

    def _called_by_subclasses(self, module: str, file: SourceFile) -> Iterator[ast.AST]:
        """What runs when a class is made: `__init_subclass__` of its bases, or a metaclass."""
        for node in (each for nodes in file.definitions.values() for each in nodes if isinstance(each, ast.ClassDef)):
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "metaclass")
            for base in (each.id for each in node.bases if isinstance(each, ast.Name)):
                for where, name in self._resolved(module, base, None):
                    for parent in self._files[where].definitions[name] if where in self._files else ():
                        if isinstance(parent, ast.ClassDef) and makes_subclasses(parent):
                            yield ast.Name(base)

    def _named(self, module: str, node: ast.AST) -> Iterator[Place]:
        """The definitions that a piece of source names, where they are followed."""
        for name, attribute in names_in(node):
            if name in _UNTRACEABLE or attribute == "import_module":
                self.lost = True
            yield from (place for place in self._resolved(module, name, attribute) if self._making.follows(place[0]))
        for where, name in (text.split(":") for text in texts_in(node)):
            if where in self._files and name in self._files[where].definitions:
                yield where, name

    def _resolved(
        self, module: str, name: str, attribute: str | None, seen: frozenset[Place] = frozenset()
    ) -> Iterator[Place]:
        """Where a name that stands in a module is defined; nothing for names of others, or on a way that was `seen`."""
        file = self._files.get(module) or _file(module, self._root)
        if file is None:
            return
        if name in file.definitions:
            yield module, name
        for source, inner in self._imports(module, name):
            yield from self._imported(source, inner, attribute, seen | {(module, name)})

    def _imports(self, module: str, name: str) -> list[tuple[str, str | None]]:
        file = _file(module, self._root)
        return [*file.imports.get(name, ()), *file.imports.get("*", ())] if file else []

    def _has(self, module: str, name: str) -> bool:
        file = _file(module, self._root)
        return file is not None and (name in file.definitions or name in file.imports or name in file.loggers)

    def _is_ours(self, module: str) -> bool:
        """Whether a module is of a package of which something is followed."""
        return module.partition(".")[0] in {place.partition(".")[0] for place in self._making.within}

    def _imported(
        self, source: str, name: str | None, attribute: str | None, seen: frozenset[Place]
    ) -> Iterator[Place]:
        if not self._is_ours(source):
            return
        inner = f"{source}.{name}" if name else source
        if name and (source, name) not in seen and self._has(source, name):  # a package's name before its module's
            yield from self._resolved(source, name, attribute, seen)
        elif name and attribute and _file(inner, self._root) and self._has(inner, attribute):
            yield from self._resolved(inner, attribute, None, seen)
        elif self._making.follows(inner):  # a module as a whole, or what it makes of its names when it is asked
            self.lost = True
