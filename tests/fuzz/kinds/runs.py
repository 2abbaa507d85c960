"""Run folders as somebody else may hand them over: records and tables edited by hand, damaged, or linked elsewhere."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import yaml

from tests.fuzz.attempt import Attempt
from tests.fuzz.scene import Scene
from tests.fuzz.world import ABLATION

__all__ = ["edit", "runs"]


def runs(scene: Scene) -> Attempt:
    """A run with one to three wrong files, read by every command that reads runs."""
    chance = scene.chance
    scene.copy("run", "small.yaml")
    files = sorted(path for path in (scene.folder / "run").rglob("*") if path.is_file())
    records = [scene.folder / "run" / "run.json"] * len(files)
    for path in chance.sample([*files, *records], chance.choice((1, 1, 2))):
        if path.is_file() and not path.is_symlink():
            _wrong(scene, path)
    if chance.random() < 0.05:
        scene.replace(scene.folder / "small.yaml")
    return _attempt(scene)


def _attempt(scene: Scene) -> Attempt:
    match scene.chance.randrange(12):
        case 0 | 1 | 2 | 3:
            return Attempt("report", ["run"], ("run",))
        case 4 | 5:
            return Attempt("table5", ["run"], ("run",))
        case 6 | 7:
            scene.copy("pairs")
            row = scene.chance.choice(("ours", "max", "swap_fusion", scene.text()))
            words = ["run", row, "--ir", "pairs/ir", "--vi", "pairs/vi", "--output", "out"]
            return Attempt("fuse", [*words, f"--storage={scene.world / 'store'}"], ("out",))
        case 8:
            scene.copy("store")
            return Attempt("ablate", ["--rerun", f"run/{scene.chance.choice(('ours-seed2025', 'max'))}"], ("store",))
        case 9 | 10:
            more = scene.chance.choice(("--no-weights", "--all", f"--storage={scene.world / 'store'}"))
            return Attempt("export", ["run", "out/run.zip", more], ("run", "out"))
        case _:
            scene.copy("store")
            return Attempt("ablate", ABLATION, ("run", "store"))


def _wrong(scene: Scene, path: Path) -> None:
    if scene.chance.random() < 0.12:
        scene.replace(path)
    elif scene.chance.random() < 0.75:
        edit(scene, path)
    else:
        scene.damage(path)


def edit(scene: Scene, path: Path) -> None:
    """Make a file say something else in its own language; one that has none, or is damaged already, is damaged."""
    try:
        path.write_bytes(_LANGUAGES[path.suffix](scene, path.read_bytes()))
    except RecursionError:
        path.write_bytes(b"[" * 3000)
    except Exception:  # nothing can be edited in what cannot be read
        scene.damage(path)


def _json(scene: Scene, data: bytes) -> bytes:
    return json.dumps(scene.changed(json.loads(data)), indent=1).encode()


def _yaml(scene: Scene, data: bytes) -> bytes:
    return yaml.dump(scene.changed(yaml.safe_load(data)), allow_unicode=True).encode("utf-8", "surrogatepass")


def _parquet(scene: Scene, data: bytes) -> bytes:
    """Other columns, types or values."""
    table, chance = pd.read_parquet(io.BytesIO(data)), scene.chance
    column = chance.choice(list(table.columns))
    match chance.randrange(8):
        case 0:
            table = table.drop(columns=column)
        case 1:
            table[column] = table[column].astype(str)
        case 2:
            table[column] = chance.choice((None, float("nan"), float("inf"), 1e308, -1, 2**40, scene.text()))
        case 3:
            table = table.iloc[:0]
        case 4:
            table = pd.concat([table, table])
        case 5:
            table = table.rename(columns={column: scene.text()})
        case 6:
            table[column] = [[1, 2]] * len(table)
        case _:
            table = table.astype({column: object})
            table.loc[table.index[0], column] = chance.choice((scene.text(), b"\0"))
            table[column] = table[column].astype(str)
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=chance.random() < 0.2)
    return buffer.getvalue()


_LANGUAGES: dict[str, Callable[[Scene, bytes], bytes]] = {".json": _json, ".parquet": _parquet, ".yaml": _yaml}
