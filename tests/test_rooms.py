"""The arrows between the rooms go down, and a command is there before the heavy packages are."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smfnet.cli.main import COMMANDS

# From the top floor to the cellar. A room may import the floors below its own, not its neighbours.
FLOORS = (
    {"platform"},
    {"smfnet.cli"},
    {"smfnet.search"},
    {"smfnet.cluster", "analysis"},
    {"smfnet.experiment"},
    {"smfnet.training"},
    {"smfnet.model", "smfnet.losses", "smfnet.data", "smfnet.metrics"},
    {"smfnet.config"},
    {"smfnet"},  # the package's own file: the version
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Rooms that may use less than what lies below them: the only modules of ours that they may name.
ONLY = {
    "platform": ("smfnet.cli",),
    "analysis": ("smfnet.experiment.results", "smfnet.config"),
}
# Packages of others that only some rooms may use.
KEPT_IN = {"ray": {"smfnet.cluster"}, "optuna": {"smfnet.search", "smfnet.cli"}}
BARRED = {"analysis": {"torch", "ray", "optuna"}, "smfnet.config": {"torch"}}


def _name(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="module")
def modules(root: Path) -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    files = (file for top in ("platform", "smfnet", "analysis") for file in (root / top).rglob("*.py"))
    return {_name(file, root): file for file in files}


@pytest.fixture(scope="module")
def imports(modules: dict[str, Path]) -> dict[str, set[str]]:
    """The modules, ours and others', that each module names, wherever in the file the import stands."""
    return {name: set(_imported(name, file, modules)) for name, file in modules.items()}


def _imported(name: str, file: Path, modules: dict[str, Path]) -> Iterator[str]:
    """`from a import b` names the module a.b where there is one, else a."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                deeper = f"{source}.{alias.name}"
                yield deeper if deeper in modules else source


def _room(module: str) -> str:
    """The room of a module of ours, the top-level package of any other."""
    first, *rest = module.split(".")
    return f"smfnet.{rest[0]}" if first == "smfnet" and rest else first


def _within(module: str, allowed: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def test_every_module_stands_in_a_known_room(modules: dict[str, Path]) -> None:
    assert {_room(name) for name in modules} <= set(FLOOR_OF)
    assert {"platform", "smfnet.cli", "smfnet.config"} <= {_room(name) for name in modules}


def test_a_room_imports_only_rooms_below_it(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in others
        if _room(other) in FLOOR_OF.keys() - {"platform", _room(module)}  # `import platform` is the standard module
        and (
            FLOOR_OF[_room(other)] <= FLOOR_OF[_room(module)]
            or not _within(other, ONLY.get(_room(module), ("smfnet", "analysis")))
        )
    ]
    assert not wrong


def test_no_two_modules_import_each_other(imports: dict[str, set[str]]) -> None:
    graph = {module: others & imports.keys() - {module, "platform"} for module, others in imports.items()}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError with the circle


def test_heavy_packages_stay_in_their_rooms(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in others
        if _room(module) not in KEPT_IN.get(_room(other), {_room(module)})
        or _room(other) in BARRED.get(_room(module), set())
    ]
    assert not wrong


def _import_all(names: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Import the modules one after the other in a new process; its output names each that brought torch or ray."""
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    for heavy in {'torch', 'ray'} & set(sys.modules):\n"
        "        sys.exit(f'{name} imports {heavy}')\n"
    )
    return subprocess.run([sys.executable, *options, "-c", script, *names], capture_output=True, text=True)


def test_configuration_analysis_and_commands_import_neither_torch_nor_ray(
    modules: dict[str, Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    light = [name for name in modules if _room(name) in ("smfnet.config", "smfnet.cli", "analysis")]
    done = _import_all([name for name in light if not name.endswith("__main__")])
    assert done.returncode == 0, done.stderr


def test_commands_import_with_the_standard_library_alone(
    modules: dict[str, Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    commands = [f"smfnet.cli.{name}" for name in ("main", "exit", *COMMANDS)]
    done = _import_all(commands, "-S")
    assert done.returncode == 0, done.stderr
    assert set(commands) <= modules.keys()
