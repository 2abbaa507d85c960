"""A page of docs/own as a reader follows it: files that it shows are written, diffs are applied, commands are given."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "blocks", "commands", "follow"]

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Between two fences: what it is written in, the file that it names or an empty text, and what stands in it."""

    language: str
    title: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(*match.groups("")) for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))]


def follow(page: Path, clone: Path) -> None:
    """Do to a clone of the repository what the page says.

    Raises:
        AssertionError: a file that is new on the page is there, or what a diff starts from is not there exactly once.
    """
    for block in blocks(page):
        path = clone / block.title
        if block.language == "diff":
            path.write_text(_changed(path.read_text(encoding="utf-8"), block), encoding="utf-8")
        elif block.title:
            assert not path.exists(), f"{block.title} is there already"
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def commands(page: Path) -> list[list[str]]:
    """Words of the commands that the page gives, without `python`."""
    lines = [line for block in blocks(page) if block.language == "console" for line in block.text.splitlines()]
    return [shlex.split(line.removeprefix("$ python ")) for line in lines]


def _changed(text: str, block: Block) -> str:
    lines = block.text.splitlines()
    before = "\n".join(line[1:] for line in lines if line[0] in " -")
    after = "\n".join(line[1:] for line in lines if line[0] in " +")
    assert f"\n{text}\n".count(f"\n{before}\n") == 1, f"{block.title} does not have, once:\n{before}"
    return f"\n{text}\n".replace(f"\n{before}\n", f"\n{after}\n")[1:-1]
