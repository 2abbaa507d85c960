"""Search folders: a study's journal and the files that follow from it, cut off, damaged and edited."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fuzz.attempt import Attempt
from tests.fuzz.kinds.runs import edit
from tests.fuzz.scene import Scene
from tests.fuzz.world import SEARCH

__all__ = ["journals"]


def journals(scene: Scene) -> Attempt:
    """A search with a wrong journal or another wrong file, gone on with, looked at, or reported."""
    chance = scene.chance
    scene.copy("search", "store")
    journal = scene.folder / "search" / "study.journal"
    others = [path for path in sorted(journal.parent.iterdir()) if path != journal and path.is_file()]
    path = journal if chance.random() < 0.7 else chance.choice(others)
    if chance.random() < 0.08:
        scene.replace(path)
    elif path == journal:
        _edit(scene, journal)
    elif path.suffix == ".json" and chance.random() < 0.8:
        edit(scene, path)
    else:
        scene.damage(path)
    if path != journal or chance.random() < 0.1:
        return Attempt("report", ["search"], ("search",))
    plan = ["--plan"] if chance.random() < 0.4 else []
    return Attempt("search", [*SEARCH, *plan], ("search", "store"))


def _edit(scene: Scene, journal: Path) -> None:
    chance, lines = scene.chance, journal.read_bytes().splitlines(keepends=True)
    place = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            lines = lines[:place]
        case 1:
            lines[-1] = lines[-1][: chance.randrange(len(lines[-1]))]
        case 2:
            lines.append(chance.choice((b"", b"\n", b"\0" * 100, b"5\n", b"5", b"null\n", b"[]\n", b"{}\n", b"{\n")))
        case 3:
            del lines[place]
        case 4:
            lines.insert(place, chance.choice((lines[place], b"garbage\n", b"7\n", b"{}\n", b'{"op_code": 99}\n')))
        case 5:
            lines[place] = scene.damaged(lines[place])
        case _:
            try:
                lines[place] = json.dumps(scene.changed(json.loads(lines[place]))).encode() + b"\n"
            except RecursionError:
                lines[place] = b"[" * 3000
    journal.write_bytes(b"".join(lines))
