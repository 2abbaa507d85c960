"""What `--plan` of a search prints: what it may train at most, what of that is shared, and how long it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from assay.config.root import RootConfig
    from assay.experiment.trial import Trial
    from assay.store.store import Store
    from assay.study import Study
    from assay.tuning.settings import SearchSettings

__all__ = ["search_plan_lines", "trainings_line"]

MOST = 500  # trials that are looked at: seconds


def search_plan_lines(
    settings: SearchSettings,
    folder: Path,
    samples: int,
    seeds: int,
    confirmed: tuple[int, RootConfig] | None,
    store: Store,
    address: str | None,
    *,
    probe: bool = False,
) -> Iterator[str]:
    """The plan; writes nothing.

    Args:
        settings: of the search.
        folder: where it is kept; it may have begun.
        samples: trials in all.
        seeds: of each.
        confirmed: rows of the confirmation and its configuration, or None.
        store: where stages may be already.
        address: of a Ray cluster, or None.
        probe: see `cost_lines`.
    """
    from assay.console.preview import cost_lines
    from assay.experiment.planning.plan import plan
    from assay.tuning.pruning import NONE, rungs_of

    ended = _ended(folder)
    study = settings.study
    left = max(samples - ended, 0)
    looked_at = min(left, MOST)
    rows, config = confirmed or (0, settings.base)
    configs = _made_up(settings, max(looked_at, rows))
    trials = [trial for number, each in enumerate(configs[:looked_at]) for trial in settings.make(number, each)]
    planned = plan((*trials, *_confirmation(study, configs[:rows], config)), store, verify=False)
    yield (
        f"search: {samples} trials, {ended} ended already; {settings.sampler} over {', '.join(settings.space.names)}"
    )
    yield trainings_line(samples, ended, seeds, confirmed)
    if looked_at < left:
        yield f"  below, the first {looked_at} of the {left} that are left"
    rungs = [] if settings.pruning == NONE else rungs_of(settings.epochs)
    if rungs:
        after = " and ".join(map(str, rungs))
        yield f"  about two in three are stopped after {after} epochs of their last stage; below, none is"
    epochs = f"{planned.epochs_to_train} epochs at most, of {planned.epochs_asked} without sharing"
    yield f"{len(planned.to_train)} stages to train, {len(planned.shared)} of them shared; {epochs}"
    yield from cost_lines(study, planned, settings.base, store, address, probe=probe)
    yield f"folder {folder}; storage {store.files.root}; device {study.device_of(settings.base)}"


def trainings_line(samples: int, ended: int, seeds: int, confirmed: tuple[int, RootConfig] | None) -> str:
    """How many trainings a search means, its confirmation included.

    Args:
        samples: trials in all.
        ended: of them, by earlier commands.
        seeds: of each trial.
        confirmed: as for `search_plan_lines`.
    """
    left = max(samples - ended, 0)
    rows, tested = (confirmed[0], confirmed[1].seeds) if confirmed else (0, 0)
    of = f"{left} trials x {seeds} seed{'s' if seeds > 1 else ''}"
    confirmation = f"confirmation of {rows} rows x {tested} fresh seeds" if rows else "no confirmation"
    return f"trainings, at most: {left * seeds + rows * tested} ({of}, {confirmation})"


def _ended(folder: Path) -> int:
    from assay.tuning.optuna_study import STUDY_FILE, ended_in, read_study

    if not (folder / STUDY_FILE).is_file():
        return 0
    return len(ended_in(read_study(folder)))


def _made_up(settings: SearchSettings, count: int) -> list[RootConfig]:
    """Configurations as a search may have them: the first samples, then random ones."""
    import optuna

    from assay.tuning.optuna_study import silence
    from assay.tuning.samplers.sampler import sampler_for
    from assay.tuning.search import draw

    silence()
    study = optuna.create_study()
    for _, sample in settings.space.first_samples(settings.base):
        study.enqueue_trial(sample)
    samples = []
    for number in range(int(min(settings.space.size, count))):
        study.sampler = sampler_for("random", settings.space, settings.seed, number)
        samples.append(draw(study.ask(), settings.space))
    return [
        settings.space.apply(settings.base, sample) for sample in samples if settings.space.fits(settings.base, sample)
    ]


def _confirmation(study: Study, configs: Sequence[RootConfig], config: RootConfig) -> list[Trial]:
    """The trainings of a confirmation, of configurations like those that it will have."""
    from assay.experiment.trial import validation_trial

    seeds = range(config.seed, config.seed + config.seeds)
    return [
        validation_trial(study, f"row{number}", each, seed) for number, each in enumerate(configs) for seed in seeds
    ]
