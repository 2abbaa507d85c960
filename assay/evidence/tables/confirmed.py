"""What fresh seeds and the test split say of the configuration that a search calls the best."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.evidence.measurements import Measurements, measurements
from assay.evidence.numbers import signed
from assay.evidence.search_results import DEFAULTS, FINISHED, STOPPED, SearchResults
from assay.evidence.statistics.verdict import verdicts_of
from assay.evidence.statistics.words import BETTER
from assay.store.run.folder import RunFolder

__all__ = ["Answer", "answer_of", "confirmation_lines"]


@dataclass(frozen=True)
class Answer:
    """Whether the best configuration is better than what the search began with.

    Attributes:
        gained: the confirmation resolved that it is, in the first objective.
        line: what there is to say of it; empty if there is no best configuration.
    """

    gained: bool
    line: str


def answer_of(results: SearchResults, run: RunFolder) -> Answer:
    """What the confirmation says of the best trial, the first of a front.

    Args:
        results: of the search.
        run: its folder, with a confirmation or without.

    Raises:
        UserError: a file of the confirmation is damaged.
    """
    best = results.best(1)
    if best.empty:
        return Answer(gained=False, line="")
    number, role = int(best["trial"].iloc[0]), str(best["role"].iloc[0])
    if role and (role == DEFAULTS or DEFAULTS not in set(results.trials["role"])):  # what the others are held against
        return Answer(False, f"no gain: no trial is better than {results.roles[role]} on the validation split")
    told = _measured_of(run, results.roles[role] if role else f"trial {number}:", results.objectives[0])
    if told is None:
        ended = int(results.trials["state"].isin([FINISHED, STOPPED]).sum())
        flattered = f"trial {number} was chosen as the best of {ended}, which flatters it"
        noun = results.record.get("sample", "image")
        return Answer(False, f"not confirmed: {flattered}; it has met no fresh seeds and no test {noun}")
    measured, line = told
    gained = line["verdict"] == BETTER
    advice = "" if gained else "; this is no improvement to report"
    return Answer(gained, f"{'' if gained else 'not '}confirmed: {_told(measured, line)}{advice}")


def confirmation_lines(run: RunFolder, objectives: Sequence[str]) -> list[str]:
    """One line per confirmed configuration and objective: its difference to the defaults on the test split."""
    measured = measurements(run)
    data = verdicts_of(measured).data
    return [_told(measured, line) for line in data[data["metric"].isin(objectives)].to_dict("records")]


def _measured_of(run: RunFolder, title: str, metric: str) -> tuple[Measurements, Mapping[Hashable, Any]] | None:
    """The line of verdicts of a row whose title begins so; None if it has none, or that of an earlier best."""
    if not (run.folder / "run.json").is_file():
        return None
    measured = measurements(run)
    data = verdicts_of(measured).data
    lines = data[data["title"].str.startswith(title) & (data["metric"] == metric) & (data["n_seeds"] > 0)]
    return (measured, lines.to_dict("records")[0]) if len(lines) else None


def _told(measured: Measurements, line: Mapping[Hashable, Any]) -> str:
    digits, noun = measured.record.metric(line["metric"]).decimals, measured.record.sample
    interval = f"[{signed(line['low'], digits)}, {signed(line['high'], digits)}]"
    n = f"{line['n_images']} test {noun}s, " if line["metric"] not in measured.whole else ""
    n += f"{line['n_seeds']} fresh seed{'s' if line['n_seeds'] != 1 else ''}"
    difference = f"{line['metric']} {signed(line['difference'], digits)} {interval} against {measured.base_title}"
    return f"{line['title']}: {difference} ({n}): {', '.join(filter(None, (line['verdict'], line['reason'])))}"
