"""The figures of scale.md, drawn from the result files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.result import RESULTS

__all__ = ["ray_share", "write_figures"]

BEFORE = "_before"


def write_figures(folder: Path = RESULTS) -> list[Path]:
    """Draw what the results in a folder tell; returns the files."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    _trials(left, folder)
    _workers(right, folder)
    path = folder / "scale.svg"
    with mpl.rc_context({"svg.hashsalt": "scale", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})
    return [path]


def ray_share(a_second: Mapping[str, float], costs: Mapping[str, float]) -> float:
    """Share of the driver's time that Ray's calls take, of their number and of what one takes."""
    took = {"waits": costs["wait_ms"], "gets": costs["get_ms"], "calls": costs["call_ms"]}
    return sum(a_second[name] * ms / 1000 for name, ms in took.items())


def _trials(axes: Axes, folder: Path) -> None:
    for suffix, label in ((BEFORE, "before"), ("", "now")):
        found = _measured(folder, f"scale_trials{suffix}")
        sizes = [int(size) for size in found]
        axes.plot(sizes, [each["ms_a_trial"] for each in found.values()], marker="o", label=label)
        for size, each in zip(sizes, found.values(), strict=True):
            axes.annotate(f"{each['ms_a_trial']:.0f}", (size, each["ms_a_trial"]), (0, 6), textcoords="offset points")
    axes.set(xlabel="trials of a run", ylabel="driver, ms a trial", ylim=(0, None))
    axes.legend(frameon=False)


def _workers(axes: Axes, folder: Path) -> None:
    calls = _measured(folder, "scale_ray").get("calls", {})
    for suffix, label in ((BEFORE, "before"), ("", "now")):
        found = _measured(folder, f"scale_workers{suffix}")
        shares = {int(n): 100 * _share(each, calls.get(n)) for n, each in found.items()}
        axes.plot(list(shares), list(shares.values()), marker="o", label=label)
    axes.axhline(100, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="workers", ylabel="of the driver's time, %", xlim=(6, 2500), ylim=(1, 1000))
    axes.set(xscale="log", yscale="log")
    axes.legend(frameon=False)


def _share(each: Mapping[str, Any], costs: Mapping[str, float] | None) -> float:
    return sum(each["shares"].values()) + (ray_share(each["a_second"], costs) if costs else 0.0)


def _measured(folder: Path, name: str) -> dict[str, Any]:
    """Of a result; nothing if it has not been made."""
    path = folder / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["measured"] if path.is_file() else {}
    return found
