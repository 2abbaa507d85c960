"""YAML of a user's: suites, search spaces and values, edited by hand or made as a trap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.fuzz.attempt import Attempt
from tests.fuzz.scene import Scene
from tests.fuzz.world import SUITE, TINY

__all__ = ["yamls"]

_SPACE = """\
title: mine
parameters:
  width: {path: network.width, choices: [4, 8], paper: 4, meaning: channels}
  rate: {path: optim.lr, range: [1.0e-4, 1.0e-2], scale: log, paper: 1.0e-3, meaning: learning rate}
  step: {path: sched.step, range: [1, 20], scale: int, paper: 2, per: {train.epochs: 3}, meaning: epochs}
  branch:
    choices:
      plain: {base.transformer.residual: false}
      residual: {base.transformer.residual: true, base.transformer.tail: conv}
    paper: residual
    meaning: base branch
"""
_VALUES = "optim: {lr: 1.0e-3}\ntrain.batch: 2\nnetwork: {width: 4, heads: 1}\ndata.exclude: [a, b]\nnote: hello\n"
_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join(9 * [f'*{chr(97 + level)}'])}]\n" for level in range(9)
)
_TRAPS = (
    *(_BOMB, "&a [*a]", "&a {a: *a}", "[" * 20_000, "{a: " * 400 + "}" * 400, "a: " + "9" * 6000, "x" * 2_000_000),
    *(
        "a: 1\na: 2",
        "--- 1\n--- 2",
        "? [1]\n: 2",
        "!!python/object/apply:os.getcwd []",
        "!!binary eA==",
        "\t- a",
        "%YAML 9",
    ),
    *("rows: &r {ours: {changes: *r}}", "<<: {<<: {<<: {}}}", "base: ours\nrows: {ours: }", "rows: {ours: }\nrows: {}"),
)


def yamls(scene: Scene) -> Attempt:
    """A file that is read as a suite, as a search space, or as values."""
    chance = scene.chance
    text = chance.choice((SUITE, _SPACE, _VALUES))
    path = scene.folder / "mine.yaml"
    _write(scene, path, text)
    if text == SUITE or chance.random() < 0.1:
        rest = ["--list"] if chance.random() < 0.4 else ["--all", "--plan", *TINY]
        return Attempt("ablate", ["--suite", "mine.yaml", *rest], ("runs",))
    if text == _SPACE:
        names = chance.sample(("width", "rate", "step", "branch"), 2)
        rest = ["--list"] if chance.random() < 0.4 else [*names, "--plan", *_sampler(scene), *TINY]
        return Attempt("search", ["--space", "mine.yaml", *rest], ("runs",))
    return Attempt("ablate", ["ours", "--plan", *TINY, "base=mine.yaml"], ("runs",))


def _sampler(scene: Scene) -> list[str]:
    return ["--sampler", scene.chance.choice(("tpe", "grid", "random", "cmaes", "nsga2"))]


def _write(scene: Scene, path: Path, text: str) -> None:
    match scene.chance.randrange(10):
        case 0:
            path.write_text(scene.chance.choice(_TRAPS))
        case 1 | 2 | 3:
            path.write_bytes(scene.damaged(text.encode()))
        case 4:
            path.write_text(text)
            scene.replace(path)
        case _:
            path.write_text(_dumped(scene.changed(yaml.safe_load(text))), encoding="utf-8", errors="surrogatepass")


def _dumped(value: Any) -> str:
    try:
        return yaml.dump(value, allow_unicode=True, sort_keys=False)
    except RecursionError:
        return "[" * 3000
