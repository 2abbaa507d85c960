"""A store that was received: records that name other files, types and formats, sealed anew as an attacker would."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from tests.fuzz.attempt import Attempt
from tests.fuzz.kinds.runs import edit
from tests.fuzz.scene import Scene
from tests.fuzz.world import ABLATION, SEARCH

__all__ = ["records"]


def records(scene: Scene) -> Attempt:
    """A store with one to three wrong entries, looked into, checked, tidied, fused with and gone on with."""
    chance = scene.chance
    scene.copy("store", "small.yaml")
    entries = sorted(path.parent for path in (scene.folder / "store").rglob("record.json"))
    for entry in chance.sample(entries, chance.choice((1, 1, 3))):
        _wrong(scene, entry)
    match chance.randrange(13):
        case 0 | 1 | 2:
            return Attempt("store", ["list", "storage=store"], ("store",))
        case 3:
            name = chance.choice(entries).name[: chance.choice((1, 4, 32))]
            return Attempt("store", ["show", name, "storage=store"], ("store",))
        case 4 | 5:
            return Attempt("store", ["verify", "storage=store"], ("store",))
        case 6:
            return Attempt("store", ["gc", "--older-than=0", "storage=store"], ("store",))
        case 7:
            return Attempt("search", [*SEARCH, "--plan"], ("store",))
        case 8:
            scene.copy("run", "pairs")
            words = ["run", "ours", "--ir", "pairs/ir", "--vi", "pairs/vi", "--output", "out", "--storage=store"]
            return Attempt("fuse", words, ("out", "store"))
        case 9:
            trial = chance.choice([entry for entry in entries if entry.parent.name == "trials"])
            return Attempt("ablate", ["--rerun", trial.name[:8], "storage=store"], ("store",))
        case 10:
            return Attempt("ablate", [*ABLATION, "--plan"], ("store",))
        case 11:
            scene.copy("run")
            return Attempt("export", ["run", "out/run.zip", "--all", "--storage=store"], ("run", "out", "store"))
        case _:
            return Attempt("ablate", ABLATION, ("run", "store"))


def _wrong(scene: Scene, entry: Path) -> None:
    chance, record = scene.chance, entry / "record.json"
    match chance.randrange(8):
        case 0:
            files = [path for path in entry.rglob("*") if path.is_file()]
            scene.damage(chance.choice(files))
        case 1:
            scene.replace(chance.choice([record, *entry.glob("*.*")]))
        case 2:
            entry.rename(entry.with_name(scene.text().replace("/", "_")[:50].strip(".") or "x"))
        case 3:
            _unfinish(scene, entry)
        case 4:
            for path in sorted({*entry.glob("*.parquet"), *entry.glob("*.json"), *entry.glob("*.sa*")} - {record}):
                edit(scene, path)
            _seal(entry, json.loads(record.read_bytes()), whole=True)
        case _:
            content = scene.changed(json.loads(record.read_bytes()))
            if chance.random() < 0.3 and isinstance(content, dict) and isinstance(content.get("files"), dict):
                content["files"][scene.text()] = next(iter(content["files"].values()), "0" * 64)
            _seal(entry, content, whole=chance.random() < 0.5)


def _unfinish(scene: Scene, entry: Path) -> None:
    """Put a checkpoint in the place of an entry, with its checksum or without."""
    states = [path.read_bytes() for path in entry.glob("state.safetensors")]
    state = scene.damaged(states[0] if states and scene.chance.random() < 0.7 else b"state")
    place = scene.folder / "store" / "checkpoints" / entry.name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes((_sha256(state).encode() if scene.chance.random() < 0.8 else b"0" * 64) + state)
    shutil.rmtree(entry)


def _seal(entry: Path, content: Any, *, whole: bool) -> None:
    """Write a record whose checksum is right, if it has one; `whole`: those of the entry's files too."""
    if isinstance(content, dict):
        if whole and isinstance(content.get("files"), dict):
            there = [name for name in content["files"] if isinstance(name, str) and _is_file(entry, name)]
            content["files"] |= {name: _sha256((entry / name).read_bytes()) for name in there}
        rest = {key: value for key, value in content.items() if key != "checksum"}
        try:
            content["checksum"] = _sha256(json.dumps(json.loads(json.dumps(rest)), sort_keys=True).encode())
        except (RecursionError, TypeError):
            content = {}
    (entry / "record.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def _is_file(entry: Path, name: str) -> bool:
    try:
        return (entry / name).is_file()
    except (OSError, ValueError):
        return False


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
