"""Lists of names beside a data set: odd names, encodings and line ends, and what is no list."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.attempt import Attempt
from tests.fuzz.scene import Scene
from tests.fuzz.world import PAIRS, TINY

__all__ = ["lists"]

_KEYS = ("data.exclude", "data.train_names", "data.test_names")


def lists(scene: Scene) -> Attempt:
    """A list of pairs, or a table of pairs of one scene, that a data set is planned with."""
    chance = scene.chance
    scene.copy("pairs")
    table = chance.random() < 0.3
    content = "a,b\n" if table else ""
    for _ in range(chance.randrange(5)):
        names = [chance.choice((*PAIRS, *PAIRS, scene.text())) for _ in range(2 if table else 1)]
        content += ",".join(names) + chance.choice(("\n", "\r\n", "\n\n", ".png\n", " \n", "\n#"))
    path = scene.folder / "list.txt"
    path.write_bytes(chance.choice(_ENCODINGS)(content))
    if chance.random() < 0.5:
        scene.damage(path)
    if chance.random() < 0.15:
        scene.replace(path)
    name = "list.txt" if chance.random() < 0.9 else scene.text()
    key = "data.same_scene" if table else chance.choice(_KEYS)
    value = f"'{name}'" if table else f"['{name}']"
    folders = ("data=folder", "data.root=.", "data.train=[pairs]", "data.test=[pairs]")
    words = [chance.choice(("ours", "ours")), "--plan", *TINY, *folders, f"data.val_pairs={chance.randrange(3)}"]
    frames = f"data.frames={chance.choice((0, 1, 10**9))}"
    return Attempt("ablate", [*words, frames, f"{key}={value}"], ("runs",))


_ENCODINGS: tuple[Callable[[str], bytes], ...] = (
    *(3 * [lambda text: text.encode()]),
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.encode("utf-16"),
    lambda text: text.encode("latin-1", "replace"),
)
