"""The sections of an ablation's report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from assay.evidence import figures
from assay.evidence.figures.curves import STAGE_TITLES, stages_of
from assay.evidence.figures.radar import FEWEST_METRICS
from assay.evidence.proof import proof_of
from assay.evidence.report.blocks import Block, Section, Sentences, grid_of
from assay.evidence.report.reading import Reading
from assay.evidence.report.sections.grids import agreement_grid, differences_grid, effects_grid, table_grid
from assay.evidence.report.sections.pictures import pictured
from assay.evidence.report.sections.proof import proof_blocks
from assay.evidence.report.sections.provenance import provenance_section, trials_grid
from assay.evidence.report.sections.scenes import scenes
from assay.evidence.statistics.agreement import agreement_of
from assay.evidence.statistics.parts.sums import sums_of
from assay.store.received.names import file_name

__all__ = ["ablation_sections"]

_NOISE = {
    "metric": "metric",
    "seed_sd": "spread between trainings (standard deviation)",
    "trainings": "from the trainings of",
    "half_width": "noise floor (±)",
    "span": "span of the trained rows",
    "published_span": "span of the paper's rows",
    "n_seeds": "seeds",
}


def ablation_sections(read: Reading) -> list[Section]:
    """Everything that a run can tell; what is missing is said instead.

    Args:
        read: of the folder; figures are written into its `figures/`.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    noun = read.record.sample
    parts: list[tuple[str, str, Callable[[Reading], Iterator[Block]]]] = [
        *([("parts", "Parts together", _parts)] if read.record.design else []),
        ("table", "Table", _table),
        ("differences", "Differences and verdicts", _differences),
        *([("agreement", "Agreement with the paper", _agreement)] if _answers(read) else []),
        *([("images", f"{noun.capitalize()} by {noun}", _paired)] if read.measured.images else []),
        *([("metrics", "All metrics", _radar)] if len(read.spokes.record.columns) >= FEWEST_METRICS else []),
        *([("pictures", f"{noun.capitalize()}s", _gallery)] if figures.picture_names(read.run) else []),
        ("proof", "Proof of ablation", _proof),
        ("curves", "Training curves", _curves),
        ("resources", "Resources and time", _resources),
    ]
    sections = [Section(anchor, title, tuple(part(read))) for anchor, title, part in parts]
    sections.append(provenance_section(read.record.command, read.record.provenance))
    absent = _missing(read, sections)
    return [Section("missing", "What is missing", (Sentences(absent, "alarm"),)), *sections] if absent else sections


def _answers(read: Reading) -> bool:
    return any(row.published for row in read.record.rows)


def _missing(read: Reading, sections: list[Section]) -> tuple[str, ...]:
    """What the measurements lack, why trials failed, and what could not be shown."""
    reasons = [f"{t.id} failed: {t.reason or 'no reason given'}" for t in read.record.trials if t.status == "failed"]
    blocks = [block for section in sections for block in section.blocks]
    absent = [
        text for block in blocks if isinstance(block, Sentences) and block.kind == "missing" for text in block.texts
    ]
    return (*read.measured.notes, *reasons, *absent)


def _parts(read: Reading) -> Iterator[Block]:
    contrasts = read.contrasts
    if contrasts is None:
        return
    if contrasts.design.kind == "shapley":
        figure, name = figures.part_shares(contrasts, read.measured), "part-shares"
        title = f"Shares of the parts, from the row without them to {read.measured.base_title}"
        yield pictured(figure, read.run.folder, name, title)
        yield Sentences(tuple(sums_of(contrasts, read.measured)))
    else:
        title = "Forest plot: the effect of having each part, with intervals"
        yield pictured(figures.part_effects(contrasts, read.measured), read.run.folder, "effects", title)
    if contrasts.design.kind in ("factorial", "pairs"):
        title = "Heat map: what two parts do together beyond their sum, with intervals"
        yield pictured(figures.interactions(contrasts, read.measured), read.run.folder, "interactions", title)
    if contrasts.data["estimate"].notna().any():
        yield effects_grid(contrasts, read.record.sample)
    yield Sentences(contrasts.notes)


def _table(read: Reading) -> Iterator[Block]:
    yield table_grid(read.table)
    yield Sentences(read.table.notes)


def _differences(read: Reading) -> Iterator[Block]:
    title = f"Forest plot: differences of every row to {read.measured.base_title}, with intervals"
    yield pictured(figures.forest(read.measured, read.verdicts), read.run.folder, "forest", title)
    if len(read.verdicts.data) or len(read.verdicts.baselines):
        yield differences_grid(read.verdicts, read.measured.base_title, read.record.sample)
    noise = read.table.noise
    if len(noise):
        title = "Mean of every training, beside the noise floor"
        yield pictured(figures.trainings(read.measured), read.run.folder, "trainings", title)
        names = _NOISE | {"n_images": f"{read.record.sample}s"}
        if not read.record.published:
            del names["published_span"]
        yield grid_of(noise, names, "Noise floor")
    yield Sentences(read.verdicts.notes)


def _agreement(read: Reading) -> Iterator[Block]:
    agreement = agreement_of(read.measured)
    if len(agreement.data):
        yield agreement_grid(agreement)
    yield Sentences(agreement.notes)


def _paired(read: Reading) -> Iterator[Block]:
    title = f"Difference of every {read.record.sample} to {read.measured.base_title}, a panel per metric"
    yield pictured(figures.paired_rows(read.measured), read.run.folder, "paired", title)


def _radar(read: Reading) -> Iterator[Block]:
    title = "Radar of the metrics of every row, over those of the base"
    yield pictured(figures.radar(read.spokes), read.run.folder, "radar", title)


def _gallery(read: Reading) -> Iterator[Block]:
    """Pictures to look at; beside the page they lie as one figure a sample, for print."""
    noun, found = read.record.sample, scenes(read.run)
    for name in figures.picture_names(read.run):
        title = f"{noun.capitalize()} {name}: sources and rows, with a magnified part"
        figure = pictured(figures.gallery(read.run, name), read.run.folder, f"gallery-{file_name(name)}", title)
        yield found.get(name, figure)


def _proof(read: Reading) -> Iterator[Block]:
    yield from proof_blocks(proof_of(read.run, read.measured), read.measured.base_title)
    stages = {stage for proof in read.proofs.values() for stage in proof.terms}
    for stage in [*(s for s in STAGE_TITLES if s in stages), *sorted(stages - set(STAGE_TITLES))]:
        figure = figures.term_shares(read.record, read.proofs, stage)
        title = f"Shares of the loss terms of {STAGE_TITLES.get(stage, stage)} in value and gradient"
        yield pictured(figure, read.run.folder, f"shares-{file_name(stage)}", title)


def _curves(read: Reading) -> Iterator[Block]:
    stages = stages_of(read.curves)
    if not stages:
        kind = "missing" if read.proofs else "note"  # a command tells none
        yield Sentences(("No training curves in this run.",), kind)
    for stage in stages:
        figure = figures.training_curves(read.curves, read.record, stage)
        title = f"Loss terms of {STAGE_TITLES.get(stage, stage)} over the epochs"
        yield pictured(figure, read.run.folder, f"curves-{file_name(stage)}", title)


def _resources(read: Reading) -> Iterator[Block]:
    figure = figures.resources(read.record, read.proofs)
    yield pictured(figure, read.run.folder, "resources", "Time, parameters and FLOPs of every row")
    yield trials_grid(read.record)
