"""The recipes tried for the preset quick, and what is said of tables on several sets of seeds."""

from __future__ import annotations

import numpy as np
import pytest

from assay.config.section import paths_of
from benchmarks.preset.__main__ import SEEDS, resolved
from benchmarks.preset.candidates import CANDIDATES, CHOSEN, words_of
from benchmarks.preset.table import sets_apart
from smfnet.config.schema import compose


def test_the_chosen_recipe_is_the_preset() -> None:
    chosen, quick = (paths_of(compose(words)) for words in (list(words_of(CHOSEN)), []))
    assert {path for path in quick if quick[path] != chosen[path]} <= {"note", "seeds", "data.limit_test"}


@pytest.mark.parametrize("name", CANDIDATES)
def test_every_recipe_is_tested_on_fifty_images(name: str) -> None:
    data = compose(list(words_of(name))).data
    assert (data.limit_test, data.scenes.test_pairs) == (None, 50)


def test_more_seeds_resolve_less_and_calm_trainings_too() -> None:
    rng = np.random.default_rng(0)
    calm = {metric: rng.normal(size=(6, 1)) + 0.1 * rng.normal(size=(6, 50)) for metric in ("EN", "SD", "VIF", "SSIM")}
    restless = {metric: 3 * cube for metric, cube in calm.items()}
    effects = [resolved(calm, seeds)["SD"]["smallest"] for seeds in SEEDS]
    assert effects == sorted(effects, reverse=True)
    assert resolved(restless, 5)["SD"]["smallest"] == pytest.approx(3 * resolved(calm, 5)["SD"]["smallest"])


def test_a_cell_that_is_better_in_one_set_and_worse_in_another_has_flipped() -> None:
    def table(*words: str) -> dict[str, object]:
        lines = [{"row": "a", "metric": metric, "verdict": word} for metric, word in zip("xyz", words, strict=True)]
        return {"decided": sum(word != "not resolved" for word in words), "lines": lines}

    said = sets_apart({"1": table("better", "worse", "equivalent"), "2": table("worse", "not resolved", "worse")})
    assert said == {"decided": [3, 2], "flipped": ["a x"], "always_decided": ["a x", "a z"]}
