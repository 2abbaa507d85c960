"""Synthetic runs with known effects, written by the classes that write real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.design.design import Design
from assay.evidence.measurements import Measurements
from assay.evidence.published import kept, published_table
from assay.experiment.suite import load_suite
from assay.metric import Metric
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from smfnet import folders
from smfnet.config.metrics import METRICS as SMFNET_METRICS
from smfnet.folders import ablations_folder

METRICS = {"EN": (7.4, 0.3), "SD": (51.0, 9.0), "VIF": (0.73, 0.15), "SSIM": (0.95, 0.12)}  # mean, spread over images
STAGES = (32 * "a", 32 * "b")
RULES = {"visible_only": "visible image", "max": "maximum of both"}


@dataclass(frozen=True)
class Plan:
    """What a synthetic run holds; spreads are in units of the metric's spread over images.

    Attributes:
        effects: row -> its difference to ours.
        seed_spread: standard deviation of a training's mean.
        rest_spread: of one image under one seed.
    """

    seeds: int = 3
    images: int = 12
    effects: Mapping[str, float] = field(default_factory=lambda: {"no_graph": -2.0})
    seed_spread: float = 0.05
    rest_spread: float = 0.05
    rows: Sequence[str] | None = None
    failed: Sequence[str] = ()
    pending: Sequence[str] = ()
    baselines: bool = True
    pictures: bool = False
    metrics: Sequence[Metric] = tuple(SMFNET_METRICS.values())


def _rows(plan: Plan) -> list[RowRecord]:
    variants = load_suite("table5", ablations_folder()).default
    rows = [
        RowRecord(v.name, v.title, v.published, dict(v.changes))
        for v in variants
        if plan.rows is None or v.name in plan.rows
    ]
    return rows + ([RowRecord(name, title, baseline=True) for name, title in RULES.items()] if plan.baselines else [])


def _values(rng: np.random.Generator, plan: Plan, row: str, seed: int, base: np.ndarray) -> list[tuple]:
    lines = []
    for (metric, (mean, spread)), images in zip(METRICS.items(), base, strict=True):
        training = rng.normal(0, plan.seed_spread)
        rest = rng.normal(0, plan.rest_spread, plan.images)
        values = mean + spread * (images + plan.effects.get(row, 0.0) + training + rest)
        lines += [(row, seed, f"{number:03d}", metric, float(value)) for number, value in enumerate(values)]
    return lines


def _curves(row: str, seed: int) -> list[tuple]:
    stages = {"stage1": ("ssim", "gram", "semantic"), "stage2": ("intensity", "gradient", "decomp")}
    return [
        (row, seed, stage, epoch, term, 1.0, (1 + index) * 0.9**epoch + 0.01 * seed)
        for stage, terms in stages.items()
        for epoch in range(8)
        for index, term in enumerate(terms)
    ]


def _proof(row: str, seed: int) -> dict[str, object]:
    shares = {"weight": 1.0, "value": 0.3, "value_share": 0.5, "gradient_share": 0.5}
    still = shares | {"gradient_share": 0.0}
    parts = {"enc": [40, 1, 5, 5], "graph": [3, 10, 10, 1], "dec": [50, 10, 1, 1]}
    if row == "no_graph":
        del parts["graph"]
    return {
        "parameters": {name: int(np.prod(shape)) for name, shape in parts.items()},
        "tensors": {f"{name}.conv.weight": shape for name, shape in parts.items()},
        "weights": f"digest-{'ours' if row == 'swap_fusion' else row}-{seed}",
        "flops": {"stage1": 2_000_000_000, "stage2": 1_500_000_000},
        "seconds_per_step": {"stage1": 0.25, "stage2": 0.3 + 0.1 * seed},
        "terms": {"stage1": {"ssim": shares, "semantic": still if row == "cai_to_inn" else shares}},
        "outputs": {"base": 12.5, "detail": 3.25} | ({} if row == "no_graph" else {"graph": 1.5 + seed}),
        "alarms": ["stage1: the term semantic has no gradient"] if row == "cai_to_inn" else [],
    }


def write_run(folder: Path, plan: Plan) -> RunFolder:
    """Write the run that `plan` describes."""
    rng, run, rows = np.random.default_rng(7), RunFolder(folder), _rows(plan)
    base = rng.normal(0, 1, (len(METRICS), plan.images))
    trained = [row.name for row in rows if not row.baseline]
    trials = []
    for seed in range(plan.seeds):
        for row in trained:
            trial = TrialRecord(f"{row}-seed{seed}", row, seed, "finished", stages=STAGES, seconds=60.0 + seed)
            lines = _values(rng, plan, row, seed, base)
            if row in plan.failed:
                trial = replace(trial, status="failed", reason="the loss gram became nan in epoch 3 of stage1")
            elif row in plan.pending:
                trial = replace(trial, status="pending")
            else:
                run.write_results(trial.id, lines)
                run.write_curves(trial.id, _curves(row, seed))
                run.write_proof(trial.id, _proof(row, seed))
            trials.append(trial)
    for row in rows:
        if row.baseline:
            run.write_results(row.name, _values(rng, plan, row.name, -1, base))
    command = ("python", "-m", "platform.ablate", "--all")
    provenance = {"commit": "0123456789abcdef", "preset": "quick", "data": "generated scenes"}
    columns = tuple(METRICS)
    about = {"metrics": tuple(plan.metrics), "published": printed_rows(), "provenance": provenance}
    run.write_record(RunRecord("ablation", "table5", command, tuple(rows), tuple(trials), columns, **about))
    run.write_config("seed: 0\n")
    if plan.pictures:
        _pictures(run.folder / "images", trained)
    return run


def write_designed_run(folder: Path, design: Design, seeds: int = 5, images: int = 6) -> RunFolder:
    """A run of a design whose first part is worth 2 and whose second is worth 1 with the first alone."""
    rng, run = np.random.default_rng(11), RunFolder(folder)
    rows = tuple(RowRecord(name, name.replace("no_", "w/o ")) for name in design.cells)
    trials = tuple(TrialRecord(f"{row.name}-seed{n}", row.name, n, "finished") for n in range(seeds) for row in rows)
    for trial in trials:
        there = design.cells[trial.row]
        worth = 2.0 * there[0] + there[0] * there[1] + 0.1 * rng.normal()
        values = [(f"{n:03d}", name, worth + 0.1 * rng.normal()) for n in range(images) for name in ("EN", "SD")]
        run.write_results(trial.id, [(trial.row, trial.seed, *line) for line in values])
    run.write_record(
        RunRecord(
            "ablation", f"small-{design.kind}", ("assay",), rows, trials, ("EN", "SD"), rows[0].name, design=design
        )
    )
    run.write_config("seed: 0\n")
    return run


def printed_rows() -> dict[str, object]:
    """What a run keeps of the paper's Table 5."""
    printed = published_table("table5", folders.published_folder())
    return kept(printed, printed.rows)


def _pictures(folder: Path, rows: Sequence[str]) -> None:
    rng = np.random.default_rng(3)
    names = [*((row, f"{n:03d}.png") for row in rows for n in range(2))]
    names += [("sources", f"{n:03d}-{kind}.png") for n in range(2) for kind in ("ir", "vi")]
    for row, name in names:
        (folder / row).mkdir(parents=True, exist_ok=True)
        picture = np.kron(rng.integers(0, 255, (12, 16)), np.ones((8, 8))).astype(np.uint8)
        Image.fromarray(picture).save(folder / row / name)


def measured_values(values: np.ndarray) -> Measurements:
    """Measurements of trained rows `row0` (the base), `row1`, ... from an array (metrics, rows, seeds, images)."""
    metrics, rows, seeds, images = values.shape
    axes = [
        list(METRICS)[:metrics],
        [f"row{n}" for n in range(rows)],
        range(seeds),
        [f"{n:03d}" for n in range(images)],
    ]
    index = pd.MultiIndex.from_product(axes, names=["metric", "row", "seed", "image"])
    table = pd.DataFrame({"value": values.ravel()}, index=index).reset_index()
    trials = tuple(TrialRecord(f"{row}-seed{seed}", row, seed, "finished") for row in axes[1] for seed in axes[2])
    records = tuple(RowRecord(row, row) for row in axes[1])
    return Measurements(
        RunRecord("ablation", "synthetic", (), records, trials, tuple(axes[0]), "row0", published=printed_rows()),
        table[["row", "seed", "image", "metric", "value"]],
        tuple(axes[3]),
        (),
    )


@pytest.fixture
def measured_from() -> Callable[[np.ndarray], Measurements]:
    """The function `measured_values`."""
    return measured_values


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunFolder]:
    """A function that writes a synthetic run; its arguments are the fields of `Plan`."""
    return lambda **fields: write_run(tmp_path / "run", Plan(**fields))


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of all rows with pictures; tests only read it."""
    return write_run(tmp_path_factory.mktemp("whole") / "run", Plan(pictures=True))
