"""What a search was asked for and has not done, a line for each: for the terminal, the summary and the report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from assay.config.text.duration import as_time
from assay.evidence.search_results import SearchResults

__all__ = ["limits", "shortfalls"]

LISTED = 12  # numbers of trials in one line


def shortfalls(results: SearchResults) -> list[str]:
    """What was asked for and did not come: with any of these lines, the command has not done all of it."""
    lines = [*_failed(results.trials), *_left(results)]
    if results.within.empty:
        return [*lines, _nothing(results)]
    return [*lines, *(_unconfirmed(results) if _asked(results).get("named") else ())]


def limits(results: SearchResults) -> list[str]:
    """What a budget, or a default of the command, allowed for and did not come."""
    named = results.within.empty or _asked(results).get("named")
    return [*_unbegun(results), *(() if named else _unconfirmed(results))]


def _asked(results: SearchResults) -> Mapping[str, Any]:
    """What the last command asked for: trials, within_s, best, confirm (seeds), named (those that were typed)."""
    return results.record.get("asked", {})


def _failed(trials: pd.DataFrame) -> Iterator[str]:
    failed = trials[trials["state"] == "failed"]
    if len(failed):
        begun = int((trials["state"] != "waiting").sum())
        yield f"{len(failed)} of {begun} trials failed: {_numbers(failed)}{_why(failed)}"


def _left(results: SearchResults) -> Iterator[str]:
    left = results.trials[results.trials["state"] == "running"]
    if len(left):
        trials = f"trials {_numbers(left)}{_why(left)}"
        yield f"not tried to the end: {trials}; {results.again} there; none is confirmed yet"


def _nothing(results: SearchResults) -> str:
    """Why there is no best."""
    outside = results.outside[results.finished.index]
    ranges = " ".join(dict.fromkeys(" ".join(outside).split()))
    confirmation = ": nothing to confirm, and" if _asked(results).get("confirm") else ":"
    return f"no trial{' inside ' if ranges else ''}{ranges} finished{confirmation} there is no best.yaml"


def _unconfirmed(results: SearchResults) -> Iterator[str]:
    """That fewer than asked for can be confirmed; nothing as long as trials are left, or if none was wanted."""
    asked, best = _asked(results), results.best()
    if not asked.get("confirm") or (results.trials["state"] == "running").any():
        return
    others = int((best["role"] == "").sum())
    which = "is on the front" if len(results.objectives) > 1 else "finished"
    if not others:
        yield f"no trial beside the defaults {which}: nothing to confirm"
    elif others < asked["best"]:
        yield f"{results.option('best', asked['best'])}: {others} can be confirmed, no other trial {which}"


def _unbegun(results: SearchResults) -> Iterator[str]:
    asked = _asked(results)
    taken = results.trials.get("origin", pd.Series("", index=results.trials.index)) != ""
    begun = int(((results.trials["state"] != "waiting") & ~taken).sum())
    if begun >= asked.get("trials", 0):
        return
    time = as_time(asked["within_s"] or 0)
    over = asked["within_s"] and results.option("within", repr(time) if results.called else time)
    why = f"{over} was over" if over else "it was stopped"
    used_up = asked["used_up"] and not (results.trials["state"] == "waiting").any()
    why = "the space has no other sample" if used_up else f"{why}; {results.again}"
    yield f"{begun} of {asked['trials']} trials were begun: {why}"


def _numbers(trials: pd.DataFrame) -> str:
    """`2, 3`; of many the first ones and how many more."""
    numbers = [str(number) for number in trials["trial"]]
    more = f" and {len(numbers) - LISTED} more" if len(numbers) > LISTED else ""
    return ", ".join(numbers[:LISTED]) + more


def _why(trials: pd.DataFrame) -> str:
    """The first reason, without the seed that it names; others are in the list of trials."""
    told = dict.fromkeys(re.sub(r"^seed \d+: ", "", str(reason)) for reason in trials["reason"])
    reasons = [reason for reason in told if reason]
    if not reasons:
        return ""
    return f" ({reasons[0]}{'; other reasons: trials.csv' if len(reasons) > 1 else ''})"
