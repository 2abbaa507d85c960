"""What a source file defines, imports and does, read without importing it."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = [
    "Definition",
    "SourceFile",
    "Table",
    "essence",
    "modules_of",
    "names_in",
    "source_file",
    "texts_in",
    "whole_uses",
]

Definition = ast.stmt
_TABLES = ("Slot", "Terms")
_PLACE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Table:
    """A `Slot("path", {...})` or `Terms(...)` whose entries can be told apart.

    Attributes:
        kind: `Slot` or `Terms`.
        path: of the value, or of the section of weights.
        entries: name -> what stands there.
    """

    kind: str
    path: str
    entries: Mapping[str, ast.expr]


@dataclass
class SourceFile:
    """A module, as text.

    Attributes:
        definitions: name -> its functions, classes or values (more than one for overloads).
        imports: name -> modules and the name in each; None for the module itself. Those of functions are among them.
        tables: names of definitions that are tables.
        loose: statements that do something when the module is imported.
        decorators: of the definitions.
        loggers: names of loggers.
    """

    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    imports: dict[str, set[tuple[str, str | None]]] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    loose: list[ast.stmt] = field(default_factory=list)
    decorators: list[ast.expr] = field(default_factory=list)
    loggers: set[str] = field(default_factory=set)

    def takes_from_the_engine(self, name: str) -> bool:
        """Whether a name is what the engine calls so, and not somebody's of the same name."""
        return any(source.startswith("assay.") and inner == name for source, inner in self.imports.get(name, ()))

    def definition_at(self, line: int) -> str:
        """The definition that a line belongs to, decorators included; empty if it belongs to none."""
        for name, nodes in self.definitions.items():
            for node in nodes:
                first = min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
                if first <= line <= (node.end_lineno or 0):
                    return name
        return ""


def source_file(module: str, root: Path | None = None) -> SourceFile | None:
    """The module's file, parsed; None if there is no such module below its package's folder.

    Args:
        module: dotted name.
        root: a folder that may hold its package; where it would be imported from if it does not.
    """
    path = _path_of(module, root)
    return _parsed(path, module, path.stat().st_mtime_ns) if path else None


def modules_of(package: str, root: Path | None = None) -> list[str]:
    """Dotted names of a package or module and of all below it."""
    folder = _parent_of(package.partition(".")[0], root)
    place = folder / package.replace(".", "/")
    if not place.is_dir():
        return [package]
    names = [path.relative_to(folder).with_suffix("").parts for path in sorted(place.rglob("*.py"))]
    return [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in names]


def essence(node: ast.AST, loggers: frozenset[str] = frozenset()) -> str:
    """What source computes, as text: without comments, docstrings and calls of these loggers."""
    return ast.unparse(_Essence(loggers).visit(ast.parse(ast.unparse(node))))


def names_in(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Every name that is used, with the attribute that is read of it, if one is."""
    owned = {id(inner.value) for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            yield inner.value.id, inner.attr
        elif isinstance(inner, ast.Name) and id(inner) not in owned:
            yield inner.id, None


def texts_in(node: ast.AST) -> Iterator[str]:
    """Every text that may name a definition, `package.module:name`."""
    constants = (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant))
    return (text for text in constants if isinstance(text, str) and _PLACE.fullmatch(text))


def whole_uses(node: ast.AST) -> set[str]:
    """Names of tables whose entries a piece of source may use otherwise than by the configuration's choice.

    By that choice are `TABLE[chosen]` and `TABLE.of(section)`; `chosen in TABLE` and `TABLE.keys()` use no entry.
    """
    spared: set[int] = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Subscript(value=ast.Name() as name, slice=chosen) if not isinstance(chosen, ast.Constant):
                spared.add(id(name))
            case ast.Attribute(value=ast.Name() as name, attr="of" | "keys"):
                spared.add(id(name))
            case ast.Compare(comparators=[ast.Name() as name], ops=[ast.In() | ast.NotIn()]):
                spared.add(id(name))
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and id(inner) not in spared}


def _parent_of(top: str, root: Path | None) -> Path:
    """The folder that holds a package or module: the root, if it is there, else where it would be imported from."""
    if root and ((root / top).is_dir() or (root / f"{top}.py").is_file()):
        return root
    spec = importlib.util.find_spec(top)
    places = [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.origin else [])] if spec else []
    if not places:
        raise ModuleNotFoundError(f"no package {top}", name=top)
    return Path(places[0]).parent


def _path_of(module: str, root: Path | None) -> Path | None:
    place = _parent_of(module.partition(".")[0], root) / module.replace(".", "/")
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


@cache
def _parsed(path: Path, module: str, mtime_ns: int) -> SourceFile:
    """Parse a file; its time is there to notice a change."""
    found = SourceFile()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for statement in tree.body:
        _note(statement, found, package)
    for inner in ast.walk(tree):
        if isinstance(inner, ast.Import | ast.ImportFrom):
            _note_import(inner, found, package)
    for name in [name for name, table in found.tables.items() if not found.takes_from_the_engine(table.kind)]:
        del found.tables[name]
    return found


def _note(statement: ast.stmt, found: SourceFile, package: str) -> None:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            found.definitions.setdefault(statement.name, []).append(statement)
            found.decorators += [each for node in ast.walk(statement) for each in getattr(node, "decorator_list", ())]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            _note_value(name, statement, found)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            for inner in statement.body:
                _note(inner, found, package)
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return
        case ast.Assign() if names := _bound(statement):
            for name in names:
                found.definitions.setdefault(name, []).append(statement)
        case _:
            for name in _bound(statement):
                found.definitions.setdefault(name, []).append(statement)
            found.loose.append(statement)


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a statement makes: by assignment, or as functions and classes under a condition."""
    made = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = list(ast.walk(statement))
    values = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return values | {node.name for node in nodes if isinstance(node, made)}


def _note_import(statement: ast.Import | ast.ImportFrom, found: SourceFile, package: str) -> None:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            found.imports.setdefault(alias.asname or alias.name.partition(".")[0], set()).add((alias.name, None))
        return
    above = package.split(".")
    place = ".".join(above[: len(above) - statement.level + 1]) if statement.level else ""
    for alias in statement.names:
        source = ".".join(filter(None, (place, statement.module)))
        found.imports.setdefault(alias.asname or alias.name, set()).add((source, alias.name))


def _note_value(name: str, statement: ast.Assign | ast.AnnAssign, found: SourceFile) -> None:
    if name == "__all__":
        return
    match statement.value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="logging"), attr="getLogger")):
            found.loggers.add(name)
            return
        case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(path)), ast.Dict(keys=keys, values=values)]):
            texts = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
            if kind in _TABLES and len(texts) == len(keys):
                found.tables[name] = Table(kind, path, dict(zip(texts, values, strict=True)))
    found.definitions.setdefault(name, []).append(statement)


class _Essence(ast.NodeTransformer):
    """Drops what cannot change a result: docstrings, and what is said to a logger."""

    def __init__(self, loggers: frozenset[str]) -> None:
        self._loggers = loggers

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                kept = [statement for statement in statements if not self._is_silent(statement)]
                setattr(node, name, kept or ([ast.Pass()] if name == "body" and statements else []))
        return node

    def _is_silent(self, node: ast.stmt) -> bool:
        match node:
            case ast.Expr(value=ast.Constant()):
                return True
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
                return name in self._loggers
        return False
