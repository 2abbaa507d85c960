"""The arrows between the rooms go down, and a command is there before the heavy packages are."""

from __future__ import annotations

import ast
import graphlib
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smfnet.cli.main import COMMANDS

TOPS = ("platform", "assay", "smfnet", "analysis")
# From the top floor to the cellar. A room may import the floors below its own, not its neighbours.
FLOORS = (
    {"platform"},
    {"smfnet.cli", "analysis"},
    {"assay.cli", "smfnet.api", "smfnet.gallery"},
    {"assay.mcp"},
    {"assay.api", "smfnet.study"},
    {"smfnet.tasks"},
    {"smfnet.methods"},
    {"assay.documents"},
    {"assay.launch", "smfnet.fusion", "assay.view"},
    {"assay.track"},
    {"assay.runs"},
    {"assay.console"},
    {"assay.testing"},
    {"assay.tuning"},
    {"assay.cluster", "assay.evidence.report"},
    {"assay.evidence.figures"},
    {"assay.evidence.tables"},
    {"assay.evidence.statistics"},
    {"assay.evidence"},  # what a run or a search left, as data
    {"assay.experiment"},
    {"smfnet.training", "smfnet.conventions"},
    {"smfnet.model", "smfnet.losses", "smfnet.data", "smfnet.metrics"},
    {"smfnet.config"},
    {"smfnet.folders"},
    {"assay.studies", "assay.torch_study"},
    {"assay.command", "assay.files"},
    {"assay.training", "assay.store"},
    {"assay.study"},
    {"assay.stage"},
    {"assay.metric", "assay.design"},
    {"assay.config"},
    {"assay", "smfnet"},  # the packages' own files: version and words
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
EVIDENCE = tuple(room for room in FLOOR_OF if room.startswith("assay.evidence"))

# Rooms that may use less than what lies below them: the only modules of ours that they may name.
ONLY = {
    "platform": ("smfnet.cli", "assay.cli"),
    "analysis": (
        *("assay.evidence", "assay.design", "assay.store.run.looks", "assay.store.run.folder", "assay.config.errors"),
        *("assay.cli.exit", "assay.files"),
    ),
    **dict.fromkeys(EVIDENCE, ("assay.evidence", "assay.store", "assay.metric", "assay.design", "assay.config")),
    **{
        f"smfnet.{room}": (*("smfnet", "assay.config", "assay.files", "assay.metric", "assay.stage", "assay.training"),)
        for room in ("config", "conventions", "data", "losses", "metrics", "model", "training", "folders")
    },
}
# What studies may use, and nothing else of the engine: `docs/api/index.md` names the modules, by what they are for.
PUBLIC = {
    *("assay", "assay.files", "assay.metric", "assay.runs", "assay.stage", "assay.studies", "assay.study"),
    *("assay.testing", "assay.torch_study"),
    *("assay.config.arguments", "assay.config.changes", "assay.config.compose", "assay.config.errors"),
    *("assay.config.folders", "assay.config.ignored", "assay.config.reading", "assay.config.root"),
    *("assay.config.section", "assay.config.tables", "assay.config.training"),
    *("assay.training.loop", "assay.training.precision", "assay.training.probe", "assay.training.proof"),
    *("assay.training.recipe", "assay.training.shuffled", "assay.training.state", "assay.training.steps"),
    *("assay.training.term", "assay.training.work"),
    *("assay.console.progress", "assay.evidence.csv_text"),
    *("assay.evidence.tables.methods", "assay.evidence.figures.methods", "assay.evidence.report.page"),
}
# And what the commands of a study may: those of the engine, with their exit codes.
PUBLIC_COMMANDS = {
    *("assay.cli.ablate", "assay.cli.search", "assay.cli.export", "assay.cli.main", "assay.cli.answer"),
    *("assay.cli.exit", "assay.cli.mcp", "assay.cli.output", "assay.cli.parser", "assay.cli.plan"),
    *("assay.documents.ablation", "assay.documents.envelope", "assay.documents.schema"),
}
# Packages of others that only some rooms may use.
KEPT_IN = {
    "ray": {"assay.cluster"},
    "optuna": {"assay.tuning", "assay.console", "assay.launch"},
    "mcp": {"assay.mcp"},
    **{package: {"assay.view"} for package in ("plotly", "starlette", "uvicorn")},
    **{package: {"assay.track"} for package in ("mlflow", "tensorboard", "wandb")},
}
BARRED = {
    **{room: {"torch", "ray", "optuna"} for room in ("analysis", "assay.view", *EVIDENCE)},
    **{room: {"torch"} for room in ("assay.config", "assay.store", "smfnet.config")},
}


def _name(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="module")
def modules(root: Path) -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    return {_name(file, root): file for top in TOPS for file in (root / top).rglob("*.py")}


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
    if (inner := ".".join([first, *rest[:2]])) in EVIDENCE:
        return inner
    return f"{first}.{rest[0]}" if first in ("assay", "smfnet") and rest else first


def _within(module: str, allowed: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def test_every_module_stands_in_a_known_room(modules: dict[str, Path]) -> None:
    assert {_room(name) for name in modules} == set(FLOOR_OF)


def test_a_room_imports_only_rooms_below_it(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in others
        if module not in ("assay", "smfnet")  # the faces: they hand on what people import
        and _room(other) in FLOOR_OF.keys() - {"platform", _room(module)}  # `import platform` is the standard module
        and (
            FLOOR_OF[_room(other)] <= FLOOR_OF[_room(module)]
            or not _within(other, ONLY.get(_room(module), ("assay", "smfnet")))
        )
    ]
    assert not wrong


def test_the_engine_knows_no_study(imports: dict[str, set[str]]) -> None:
    known = [(m, other) for m, others in imports.items() for other in others if m.partition(".")[0] == "assay"]
    assert [(module, other) for module, other in known if _within(other, ("smfnet", "examples", "analysis"))] == []


def test_nothing_in_the_engine_names_smfnet(root: Path) -> None:
    naming = [file for file in (root / "assay").rglob("*.py") if "smfnet" in file.read_text(encoding="utf-8").lower()]
    assert naming == []


def test_studies_use_the_public_face_of_the_engine_alone(imports: dict[str, set[str]]) -> None:
    for module, names in imports.items():
        if module.partition(".")[0] == "smfnet":
            face = PUBLIC | PUBLIC_COMMANDS if _room(module) == "smfnet.cli" else PUBLIC
            assert {other for other in names if other.partition(".")[0] == "assay"} <= face, module


def test_names_of_the_public_face_are_those_that_its_modules_offer(root: Path, modules: dict[str, Path]) -> None:
    files = [file for name, file in modules.items() if name.partition(".")[0] == "smfnet"]
    named = {pair for file in files for pair in _names_from_the_engine(file) if ".".join(pair) not in modules}
    assert len(named) > 50
    assert {pair for pair in named if pair[1] not in importlib.import_module(pair[0]).__all__} == set()


def _names_from_the_engine(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "assay":
            yield from ((str(node.module), alias.name) for alias in node.names)


def test_examples_import_the_face_alone(root: Path, modules: dict[str, Path]) -> None:
    files = sorted((root / "examples").rglob("*.py"))
    assert files
    named = {other for file in files for other in _imported(file.stem, file, modules)}
    assert {other for other in named if other.partition(".")[0] == "assay"} == {"assay"}


def test_the_pages_name_the_public_modules_and_each_has_a_list_of_its_names(root: Path) -> None:
    page = (root / "docs" / "api" / "index.md").read_text(encoding="utf-8")
    assert sorted(name for name in PUBLIC | PUBLIC_COMMANDS if f"`{name}`" not in page) == []
    assert [name for name in sorted(PUBLIC) if not importlib.import_module(name).__all__] == []


def test_no_two_modules_import_each_other(imports: dict[str, set[str]]) -> None:
    graph = {module: others & imports.keys() - {module, "platform"} for module, others in imports.items()}
    del graph["assay"], graph["smfnet"]  # the faces, which import what is asked for when it is asked for
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


def test_configuration_evidence_and_commands_import_neither_torch_nor_ray(
    modules: dict[str, Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    rooms = (
        *EVIDENCE,
        "assay.config",
        "assay.store",
        "assay.cli",
        "assay.console",
        "assay.view",
        "smfnet.config",
        "smfnet.cli",
        "analysis",
    )
    light = [name for name in modules if _room(name) in rooms]
    done = _import_all([name for name in light if not name.endswith("__main__")])
    assert done.returncode == 0, done.stderr


def test_commands_import_with_the_standard_library_alone(
    modules: dict[str, Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    own = [command.module for command in COMMANDS.values()]
    commands = ["assay.cli.main", "assay.cli.exit", "assay.cli.parser", "smfnet.cli.main", *own]
    done = _import_all(commands, "-S")
    assert done.returncode == 0, done.stderr
    assert set(commands) <= modules.keys()
