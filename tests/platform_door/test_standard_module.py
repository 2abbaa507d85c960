"""In the repository's root the name ``platform`` means our folder, and nobody else may notice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

RunFolder = Callable[..., CompletedProcess[str]]

# Says all that can be seen of the module, and loads the pickles on stdin that a process like it has made.
PROBE = """
import importlib, inspect, json, pickle, sys
import platform

def seen():
    spec = platform.__spec__
    return {
        "names": sorted(set(dir(platform)) - {"__path__"}),
        "kinds": {name: type(value).__name__ for name, value in vars(platform).items() if name != "__path__"},
        "signatures": {n: str(inspect.signature(f)) for n, f in inspect.getmembers(platform, inspect.isfunction)},
        "homes": {n: f.__module__ for n, f in inspect.getmembers(platform, inspect.isroutine)},
        "module": [platform.__name__, platform.__package__, platform.__file__, platform.__cached__, platform.__doc__],
        "spec": [spec.name, spec.origin, spec.cached, spec.has_location, spec.submodule_search_locations, spec.parent],
        "loader": [type(platform.__loader__).__name__, platform.__loader__ is spec.loader, spec.loader.path],
        "source": inspect.getsource(platform),
        "answers": [platform.platform(), platform.python_version(), platform.libc_ver(), *platform.uname()],
        "pickles": [pickle.dumps(platform.uname(), p).hex() for p in range(pickle.HIGHEST_PROTOCOL + 1)],
    }

first = seen()
reloaded = importlib.reload(platform) is platform and seen() == first
loaded = [list(pickle.loads(bytes.fromhex(text))) for text in json.loads(sys.stdin.read() or "[]")]
print(json.dumps({"seen": first, "reloaded": reloaded, "loaded": loaded, "ours": hasattr(platform, "__path__")}))
"""

# A module that is taken out of sys.modules is imported anew: many first imports in one process.
THREADS = """
import sys, threading

failures = []
def use(barrier):
    barrier.wait()
    try:
        import platform
        platform.system()
        platform.uname()
    except BaseException as error:
        failures.append(repr(error))

sys.setswitchinterval(1e-6)
for _ in range(10):
    sys.modules.pop("platform", None)
    barrier = threading.Barrier(16)
    threads = [threading.Thread(target=use, args=(barrier,)) for _ in range(16)]
    [t.start() for t in threads]
    [t.join() for t in threads]
print(failures)
"""

SPAWN = """
import multiprocessing, platform

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert hasattr(platform, "__path__")
        assert pool.apply(platform.uname) == platform.uname()
        print(pool.apply(platform.python_version))
"""


@pytest.fixture(scope="module")
def standard(python: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the probe sees where nothing shadows the standard module."""
    found = _probe(python, tmp_path_factory.mktemp("elsewhere"))
    assert not found["ours"]
    return found


def _probe(python: RunFolder, folder: Path, stdin: str = "", path: tuple[Path, ...] = ()) -> dict[str, Any]:
    done = python(folder, "-c", PROBE, stdin=stdin, path=path)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_attribute_is_the_standard_modules_also_after_a_reload(
    python: RunFolder, root: Path, standard: dict[str, Any]
) -> None:
    found = _probe(python, root)
    assert found["ours"]
    assert found["seen"] == standard["seen"]
    assert found["reloaded"]


def test_pickles_cross_between_a_process_in_the_root_and_one_elsewhere(
    python: RunFolder, root: Path, tmp_path: Path, standard: dict[str, Any]
) -> None:
    inside = _probe(python, root, json.dumps(standard["seen"]["pickles"]))
    outside = _probe(python, tmp_path, json.dumps(inside["seen"]["pickles"]))
    assert inside["loaded"] == outside["loaded"]
    assert len(inside["loaded"]) >= 5
    assert inside["loaded"][0] == inside["seen"]["answers"][-6:]


def test_a_second_copy_of_the_repository_on_the_path_is_not_taken_for_the_standard_module(
    python: RunFolder, root: Path, tmp_path: Path, standard: dict[str, Any]
) -> None:
    shutil.copytree(root / "platform", tmp_path / "copy" / "platform")
    found = _probe(python, tmp_path, path=(root, tmp_path / "copy"))
    assert found["ours"]
    assert found["seen"] == standard["seen"]


def test_threads_that_import_it_at_the_same_time_all_get_the_whole_module(python: RunFolder, root: Path) -> None:
    for _ in range(3):
        done = python(root, "-c", THREADS)
        assert done.stdout == "[]\n", done.stdout + done.stderr


def test_spawned_processes_import_it_and_send_its_objects(python: RunFolder, root: Path, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(SPAWN)
    done = python(tmp_path, "program.py", path=(root,))
    assert done.returncode == 0, done.stderr
    assert done.stdout == python(tmp_path, "-c", "import platform; print(platform.python_version())").stdout


@pytest.mark.parametrize(
    "arguments",
    ["-m platform", "-m platform --terse nonaliased", "-m pip --version", "-m venv --help", "-m pytest --version"],
)
def test_a_tool_prints_in_the_root_what_it_prints_elsewhere(
    python: RunFolder, root: Path, tmp_path: Path, arguments: str
) -> None:
    inside, outside = python(root, *arguments.split()), python(tmp_path, *arguments.split())
    assert (inside.returncode, inside.stdout, inside.stderr) == (outside.returncode, outside.stdout, outside.stderr)
    assert inside.returncode == 0


def test_heavy_packages_import_in_the_root(python: RunFolder, root: Path) -> None:
    done = python(root, "-c", "import platform, numpy, torch, ray; print(platform.__path__, ray.__version__)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(repr([str(root / "platform")]))
