"""Studies by name: a command in YAML, a Python file, a module, what is installed, or what was sent to a worker."""

from __future__ import annotations

import ast
import atexit
import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from assay.config.errors import UserError, one_line, raised_at, unknown
from assay.config.mistakes.written_twice import check_written_once
from assay.config.reading import read_text
from assay.metric import Metric
from assay.store.disk.scratch import node_folder
from assay.study import Study, StudyCode

__all__ = ["ENTRY_POINTS", "load_study", "study_of"]

ENTRY_POINTS = "assay.studies"  # group under which a package announces its studies


def load_study(word: str | None) -> Study:
    """The study that `--study` names.

    Args:
        word: `FILE.yaml`, a command; `FILE.py`, a file with a study in it (`FILE.py:NAME` if it has several);
            `MODULE:NAME`; or a name that an installed package announces.

    Raises:
        UserError: there is no such study, or its code cannot be imported.
    """
    installed = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    if word is None:
        known = f" or one that is installed: {', '.join(sorted(installed))}" if installed else ""
        raise UserError(f"what is studied? say --study FILE.py, FILE.yaml, MODULE:NAME{known}")
    if word and word not in installed and Path(word).is_dir():
        raise UserError(f"--study {word}: expected a file, and this is a folder: name the study's .py or .yaml in it")
    path, _, name = word.partition(".py:") if ".py:" in word else (word.removesuffix(".py"), "", "")
    if word.endswith((".yaml", ".yml")):
        return study_of(_command(Path(word)))
    if word.endswith(".py") or ".py:" in word:
        return _from_file(Path(f"{path}.py"), name)
    if ":" in word:
        return _from_module(word)
    if word not in installed:
        raise unknown("study", word, installed)
    return study_of(StudyCode(installed[word]))


def study_of(code: StudyCode) -> Study:
    """The study, in a process that may never have heard of it.

    Raises:
        UserError: its code cannot be imported, or gives no study.
    """
    if code.sources:
        _unpack(code)
    module, _, name = code.place.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
        made = _made(found, code.arguments)
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # whatever a user's file does when it is imported
        raise _broken(code.place, error) from error
    _check(code.place, made)
    if not hasattr(made, "code") or code.sources:
        made.code = code
    return made


def _made(found: Any, arguments: tuple[str, ...]) -> Any:
    if inspect.isabstract(found):
        missing = ", ".join(f"{name}()" for name in sorted(found.__abstractmethods__))
        raise UserError(f"{found.__name__} has no {missing}: a study must define them, see assay.study.Study")
    return found(*arguments) if callable(found) and not isinstance(found, Study) else found


def _check(place: str, made: Any) -> None:
    """Refuse what is no study, or says too little of itself.

    Raises:
        UserError: so it is.
    """
    what = f"the study {place}"
    if not isinstance(made, Study):
        raise UserError(f"{what}: expected an assay.study.Study; got {type(made).__name__}")
    if missing := [name for name in ("name", "schema") if not hasattr(made, name)]:
        raise UserError(f"{what} has no {missing[0]}: its __init__ must set it, or call super().__init__()")
    metrics = getattr(made, "metrics", ())
    if not metrics:
        raise UserError(f"{what} has no metrics: expected at least one, metrics = (Metric(...), ...)")
    if not isinstance(metrics, list | tuple) or not all(isinstance(each, Metric) for each in metrics):
        got = one_line(repr(metrics), most=80)
        raise UserError(f"{what}: metrics: expected a tuple of Metric objects, metrics = (Metric(...), ...); got {got}")
    if twice := [name for name, count in Counter(metric.name for metric in metrics).items() if count > 1]:
        raise UserError(f"{what}: metrics: {twice[0]} is there twice")


def _broken(what: str, error: BaseException) -> UserError:
    told = one_line(str(error), most=300)
    return UserError(f"the study {what} cannot be imported: {type(error).__name__}: {told}{raised_at(error)}")


def _from_module(word: str) -> Study:
    study = study_of(StudyCode(word))
    with contextlib.suppress(OSError, TypeError):  # a module without a file
        check_written_once(inspect.getsource(module := sys.modules[type(study).__module__]), f"{module.__name__}")
    return study


def _command(path: Path) -> StudyCode:
    """A study whose training is a command."""
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read the study {path}: {error}") from error
    return StudyCode("assay.command.study:command_study", (text, str(path.resolve())))


def _from_file(path: Path, name: str) -> Study:
    """The study in a Python file, with the modules beside it that it imports."""
    if not path.is_file():
        raise UserError(f"no study: {path} is not there; expected a Python file")
    if not path.stem.isidentifier():
        raise UserError(f"{path}: expected a file whose name can be imported (letters, digits, _); rename it")
    folder = path.resolve().parent
    sources = dict(_sources(folder, path.stem))
    for module, text in sources.items():
        check_written_once(text, f"{module.replace('.', '/')}.py")
    for module in sources:  # an earlier study's, of the same name
        sys.modules.pop(module, None)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        loaded = importlib.import_module(path.stem)
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        raise _broken(str(path), error) from error
    chosen = name or _only(loaded, path)
    if not hasattr(loaded, chosen):
        raise UserError(f"{path} has no {chosen}")
    return study_of(StudyCode(f"{path.stem}:{chosen}", (), sources, str(folder)))


def _only(module: Any, path: Path) -> str:
    """The name of the study in a module: STUDY, or its only class of a study."""
    if hasattr(module, "STUDY"):
        return "STUDY"
    classes = [
        name
        for name, each in vars(module).items()
        if inspect.isclass(each) and issubclass(each, Study) and each.__module__ == module.__name__
    ]
    if len(classes) != 1:
        if not classes:
            own = [name for name, each in vars(module).items() if getattr(each, "__module__", "") == module.__name__]
            raise UserError(f"{path}: expected a study, class NAME(TorchStudy); it has {', '.join(own) or 'nothing'}")
        raise UserError(f"{path}: expected one study, or STUDY = ...; got {', '.join(classes)}; say {path}:NAME")
    return classes[0]


def _sources(folder: Path, module: str) -> Iterator[tuple[str, str]]:
    """The modules of a folder that one of them imports, itself first, with their texts."""
    waiting, seen = [module], set()
    while waiting:
        name = waiting.pop()
        path = _file_of(folder, name)
        if name in seen or path is None:
            continue
        seen.add(name)
        try:
            text = path.read_text(encoding="utf-8")
            waiting += _imports(ast.parse(text, path.name), name, package=path.name == "__init__.py")
        except (OSError, ValueError, SyntaxError) as error:
            raise UserError(f"the study {path} cannot be read: {error}") from error
        yield (f"{name}.__init__" if path.name == "__init__.py" else name), text


def _file_of(folder: Path, module: str) -> Path | None:
    place = folder.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _imports(tree: ast.AST, module: str, *, package: bool) -> Iterator[str]:
    """Names of modules that a module may mean, and of the packages that they are in."""
    inside = module if package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = inside.split(".")[: len(inside.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            names = [source, *(f"{source}.{alias.name}" for alias in node.names)]
        for name in filter(None, names):
            parts = name.split(".")
            yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


def _unpack(code: StudyCode) -> None:
    """Have the study's files where they can be imported: beside the run's other files on this machine, or as they are.

    They are the files as they were when the run began, whatever becomes of them meanwhile.
    """
    digest = hashlib.sha256(json.dumps(dict(code.sources), sort_keys=True).encode()).hexdigest()[:16]
    name = f"study-{digest}"
    if code.folder in sys.path or any(Path(place).name == name for place in sys.path):
        return
    node = node_folder()
    place = (node or Path(tempfile.mkdtemp(prefix="assay-study-"))) / name
    if node is None:
        atexit.register(shutil.rmtree, place.parent, ignore_errors=True)
    if not place.is_dir():
        _write(code, place)
    sys.path.insert(0, str(place))
    importlib.invalidate_caches()


def _write(code: StudyCode, place: Path) -> None:
    """The files, whole or not at all; another worker may be quicker."""
    part = Path(tempfile.mkdtemp(dir=place.parent, prefix=".part-"))
    for module, text in code.sources.items():
        path = part.joinpath(*module.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    try:
        part.rename(place)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        if not place.is_dir():
            raise
