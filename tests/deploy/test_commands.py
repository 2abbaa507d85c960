"""Every command of smfnet and Ray in the files and on their page is one that its parser, and configuration, takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from assay.cli import ablate, search, view
from assay.experiment.suite import suite_of
from assay.tuning.spaces.space import catalogue, catalogue_files
from smfnet.config.schema import compose
from smfnet.folders import search_spaces_folder
from smfnet.study import study

FOLDER = Path(__file__).parents[2] / "deploy"


def _in_text(text: str) -> list[str]:
    """Commands by name, and what the SLURM script takes for the driver."""
    found = [match.group(0) for match in re.finditer(r"smfnet (ablate|search|view) [^'`\n]*", text)]
    submitted = re.findall(r"sbatch (?:--\S+ )*deploy/slurm\.sh ([^`\n|]+)", text)
    starts = ("ablate ", "search ")
    return found + [f"smfnet {line if line.startswith(starts) else f'ablate --all {line}'}" for line in submitted]


TEXTS = [(FOLDER / name).read_text() for name in ("slurm.sh", "ray-cluster.yaml")]
TEXTS.append((FOLDER.parent / "docs" / "cluster.md").read_text())


def _commands() -> list[str]:
    job = (FOLDER / "rayjob.yaml").read_text()
    entrypoint = re.search(r"entrypoint: >-\n((?: {4}.*\n)+)", job)
    assert entrypoint
    return [command for text in TEXTS for command in _in_text(text)] + [" ".join(entrypoint[1].split())]


COMMANDS = _commands()
# Those that a person types: in a comment, or in a block of the page; what follows two spaces is said of it.
_OF_RAY = re.compile(r"^(?:# {3}| {4,8})(ray \S.*?)(?: {2}.*)?$", re.MULTILINE)
OF_RAY = sorted({line for text in TEXTS for line in _OF_RAY.findall(text)})


def test_there_are_commands_of_both_kinds() -> None:
    assert len(COMMANDS) >= 9
    assert {command.split()[1] for command in COMMANDS} == {"ablate", "search", "view"}
    assert {command.split()[1] for command in OF_RAY} >= {"up", "exec", "down", "get-auth-token"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    _, name, *arguments = shlex.split(command)
    if name == "view":
        view._parser().parse_args(arguments)
        return
    engine = {"ablate": ablate, "search": search}[name]
    options = engine._parser(engine.EXAMPLES).parse_intermixed_args(arguments)
    names = [word for word in options.words if "=" not in word]
    compose([word for word in options.words if "=" in word])
    if name == "search":
        assert set(names) <= set(catalogue(catalogue_files(search_spaces_folder())))
    elif not options.study:
        assert options.all or suite_of(study(), options.suite).pick(names)


@pytest.mark.parametrize("command", [command for command in COMMANDS if "--address" in command])
def test_a_command_for_a_cluster_names_a_storage_that_all_nodes_can_see(command: str) -> None:
    (storage,) = [word.removeprefix("storage=") for word in shlex.split(command) if word.startswith("storage=")]
    assert storage.startswith(("/shared/", "s3://"))


@pytest.mark.parametrize("command", OF_RAY)
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_understands_its_own(command: str) -> None:
    from ray.scripts.scripts import cli

    _, name, *arguments = shlex.split(command)
    known = cli.get_command(click.Context(cli), name)
    assert known
    known.make_context(name, arguments)  # parses, and runs nothing
