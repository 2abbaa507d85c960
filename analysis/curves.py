"""``python -m analysis.curves RUN``: how much of the spread between seeds the loss on the way tells."""

from __future__ import annotations

import sys

import pandas as pd

from analysis.given_run import given_run
from assay.cli.exit import exit_code
from assay.evidence.measurements import measurements

__all__ = ["explained", "main"]

USAGE = "usage: python -m analysis.curves RUN\n\nRUN is a folder that an ablation wrote, with several seeds a row."


def explained(curves: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The part of the variance of final values between the seeds of a row that the weighted loss of an epoch explains.

    Args:
        curves: row, seed, stage, epoch, term, weight, value.
        values: row, seed, image, metric, value.

    Returns:
        Index: epoch of the last stage. Column: metric. Values: squared correlation of both after each row's mean is
        taken off, over all rows; 0 to 1.
    """
    weighted = curves.assign(loss=curves["weight"] * curves["value"])
    loss = weighted.groupby(["row", "seed", "stage", "epoch"], sort=False)["loss"].sum().reset_index()
    last = loss.groupby(["row", "seed"])["stage"].transform("last")
    by_epoch = loss[loss["stage"] == last].pivot(index=["row", "seed"], columns="epoch", values="loss")
    final = values.groupby(["row", "seed", "metric"])["value"].mean().unstack("metric")
    within = [each - each.groupby("row").transform("mean") for each in (by_epoch, final.loc[by_epoch.index])]
    return pd.DataFrame({name: within[0].corrwith(column) ** 2 for name, column in within[1].items()})


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 2 with one line on stderr if RUN cannot be read."""
    if (run := given_run(argv, USAGE)) is None:
        return 0
    values = measurements(run).values
    found = explained(run.curves(), values[values["seed"] >= 0])
    sys.stdout.write("part of the variance between a row's seeds that the loss of an epoch explains\n")
    sys.stdout.write(found.round(2).to_string() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
