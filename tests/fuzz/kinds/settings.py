"""Words of a command line: values of every key, options, names and folders, as nobody should give them."""

from __future__ import annotations

from assay.config.section import paths_of
from smfnet.config.root import Config
from tests.fuzz.attempt import Attempt
from tests.fuzz.scene import Scene
from tests.fuzz.world import TINY

__all__ = ["settings"]

_GROUPS = (
    "preset",
    "profile",
    "data",
    "base",
    "network",
    "train",
    "loss.stage1",
    "nobody",
    "",
    "+a",
    "~seed",
    "seed.x",
)
_OPTIONS = {
    "ablate": ("--seeds", "--suite", "--output", "--address", "--rerun", "--probe"),
    "search": (
        *("--space", "--objective", "--sampler", "--trials", "--within", "--seeds-per-trial", "--best", "--confirm"),
        *("--output", "--address"),
    ),
    "store": ("--older-than",),
    "fuse": (
        *("--weights", "--ir", "--vi", "--output", "--seed", "--storage", "--device", "--ir-range", "--vi-range"),
        *("--memory", "--tile", "--force"),
    ),
    "evaluate": (
        *(
            "--ir",
            "--vi",
            "--fused",
            "--csv",
            "--markdown",
            "--latex",
            "--figure",
            "--metrics",
            "--ir-range",
            "--vi-range",
        ),
        *("--pairs", "--data", "--root", "--part", "--suffix", "--against", "--workers"),
    ),
    "conventions": ("--ir", "--vi", "--fused", "--row"),
    "data": ("--root", "--part", "--offset"),
    "export": ("--row", "--seed", "--storage"),
    "gallery": ("--ir", "--vi", "--fused", "--pairs", "--output", "--metrics", "--sort", "--width", "--limit"),
}
_OUTPUTS = ("--output", "--csv", "--markdown", "--latex", "--figure", "--storage")
_BEGINNINGS = {
    "ablate": ("ours", "--plan", *TINY),
    "search": ("alpha3", "--plan", *TINY),
    "store": (),
    "fuse": ("run", "max", "--ir", "pairs/ir", "--vi", "pairs/vi", "--output", "out"),
    "evaluate": ("--ir", "pairs/ir", "--vi", "pairs/vi", "--fused", "pairs/fused"),
    "conventions": ("--ir", "pairs/ir", "--vi", "pairs/vi", "--fused", "pairs/fused", "--row", "EN=7 SSIM=1"),
    "data": ("check", "tno", "--root", "pairs"),
    "export": ("run", "out.zip", "--no-weights"),
    "gallery": ("--ir", "pairs/ir", "--vi", "pairs/vi", "--fused", "pairs/fused", "--output", "g.html"),
    "report": (),
    "table5": (),
}


def settings(scene: Scene) -> Attempt:
    """A command that was right, with one to three words more or others."""
    chance = scene.chance
    command = chance.choice((*4 * ["ablate"], *3 * ["search"], *_BEGINNINGS))
    words = list(_BEGINNINGS[command])
    if command in ("fuse", "evaluate", "conventions", "data", "export", "gallery"):
        scene.copy("pairs", "run")
    if command == "store":
        words = [chance.choice(("list", "show", "verify", "gc", scene.text())), f"storage={_inner(scene)}"]
    for _ in range(chance.choice((1, 1, 2, 3))):
        words.insert(chance.randrange(len(words) + 1), _word(scene, command))
    return Attempt(command, words, (".",))


def _word(scene: Scene, command: str) -> str:
    chance = scene.chance
    options = _OPTIONS.get(command, ())
    if options and chance.random() < 0.3:
        option = chance.choice(options)
        return f"{option}={_inner(scene) if option in _OUTPUTS else scene.odd()}"
    if command in ("ablate", "search") and chance.random() < 0.85:
        key = chance.choice((*paths_of(Config()), *_GROUPS))
        return f"{key}={_inner(scene) if key == 'storage' else _value(scene)}"
    if command == "search" and chance.random() < 0.7:
        name, scale = chance.choice(("alpha3", "lr", "batch", "graph_branch")), chance.choice(("log", "int", "x"))
        return f"{name}={scene.number()}:{scene.number()}:{scale}"
    return scene.odd()


def _inner(scene: Scene) -> str:
    """A text that is no path out of the scene: where a user says that something is to be written, it may be."""
    text = scene.odd()
    outside = "://" in text or text.startswith("~") or not (scene.folder / text).resolve().is_relative_to(scene.folder)
    return "." if outside else text


def _value(scene: Scene) -> str:
    odd = scene.odd()
    return scene.chance.choice((odd, odd, f"[{odd}]", f"[{odd},{scene.odd()}]", f"{{a: {odd}}}", f"'{odd}'", "[" * 200))
