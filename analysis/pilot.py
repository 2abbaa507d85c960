"""``python -m analysis.pilot RUN``: keep what a preset's trainings varied by, for plans that have none of their own."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from analysis.given_run import given_run
from assay.cli.exit import exit_code
from assay.config.errors import UserError
from assay.files import write_bytes
from assay.store.run.folder import RunFolder

__all__ = ["PILOTS", "main", "pilot_bytes"]

PILOTS = Path(__file__).parent / "pilots"
USAGE = f"""usage: python -m analysis.pilot RUN

RUN is an ablation of a preset as it is. What its trained rows measured is kept in {PILOTS.name}/PRESET.parquet."""
_DIGITS = 4  # after the point; margins of metrics are hundredths


def pilot_bytes(run: RunFolder) -> bytes:
    """What trained rows measured: row, seed, image, metric, value, as a small Parquet file."""
    values = run.results()
    trained = {row.name for row in run.record.rows if not row.baseline}
    kept = values[values["row"].isin(trained)].sort_values(["metric", "row", "image", "seed"], ignore_index=True)
    packed = io.BytesIO()
    kept.assign(value=kept["value"].round(_DIGITS)).to_parquet(packed, index=False, compression="zstd")
    return packed.getvalue()


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 2 with one line on stderr if RUN cannot be read or was made with no preset."""
    if (run := given_run(argv, USAGE)) is None:
        return 0
    preset = run.record.provenance.get("choices", {}).get("preset", "")
    if not preset.isidentifier():
        raise UserError(f"expected a run of a named preset; {run.folder} has {preset or 'none'}")
    write_bytes(path := PILOTS / f"{preset}.parquet", pilot_bytes(run))
    sys.stdout.write(f"written: {path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
