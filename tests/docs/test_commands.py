"""Every command that README and the pages give is one that the commands' own parsers and configuration take."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

from assay.experiment.suite import load_suite
from assay.tuning.spaces.space import catalogue, catalogue_files
from smfnet.cli.main import COMMANDS
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder, search_spaces_folder

ROOT = Path(__file__).parents[2]
# What the pages of docs/own give is carried out by test_recipes.py.
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/api").glob("*.md"))
PLACEHOLDERS = ("RUN", "ROW", "DIR")


def _given() -> list[str]:
    """Commands as they stand, up to the comment, pipe or backtick that ends them; `make ablate ARGS=` is one too."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += re.findall(r"python -m platform\.(\w+ [^`\n#|]*)", text)
        found += [f"ablate --all {words}" for words in re.findall(r'make ablate ARGS="([^"]*)"', text)]
    return sorted({" ".join(command.split()) for command in found if "..." not in command})


def test_every_command_is_given_somewhere() -> None:
    assert {command.split()[0] for command in _given()} == {*COMMANDS}


@pytest.mark.parametrize("command", _given())
def test_a_command_is_understood(command: str) -> None:
    name, *words = shlex.split(command)
    command_module = importlib.import_module(COMMANDS[name].module)
    engine = getattr(command_module, "engine", None)  # what is SMFNet's alone has a parser of its own
    parser = engine._parser("") if engine else command_module._parser()
    if words == ["--help"]:
        return
    options = parser.parse_intermixed_args(words)
    if name not in ("ablate", "search"):
        return
    compose([word for word in options.words if "=" in word])
    names = [word for word in options.words if "=" not in word and word not in PLACEHOLDERS]
    if name == "ablate" and not options.suite and not options.study:
        assert options.all or options.list or load_suite("table5", ablations_folder()).pick(names or ["ours"])
    elif name == "search" and not options.space:
        known = catalogue(catalogue_files(search_spaces_folder()))
        assert set(names) <= {*known, *(parameter.group for parameter in known.values())}


def test_every_target_of_make_that_a_page_gives_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    given = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", text, re.MULTILINE))
    assert {"ablate", "test"} <= given <= targets


def test_links_between_the_files_of_the_repository_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "deploy" / "README.md"):
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == []
