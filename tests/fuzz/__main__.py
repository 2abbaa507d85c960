"""``python -m tests.fuzz``: thousands of wrong inputs; none may end in a traceback, a hang, or a write elsewhere.

python -m tests.fuzz                          3,200 inputs, two at a time
python -m tests.fuzz --seed 7 --inputs 300    others, and fewer
python -m tests.fuzz --kind images lists      of some kinds alone
python -m tests.fuzz --again 7:images:123     one of them again
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.campaign import Campaign, Case, Failure, cases
from tests.fuzz.kinds import KINDS


def main() -> int:
    """Run a campaign; 1 if an input failed."""
    options = _parser().parse_args()
    began = time.monotonic()

    def tell(done: int, failure: Failure | None) -> None:
        if failure:
            first = failure.outcome.problems[0].splitlines()[0]
            print(f"{failure.case}: {failure.attempt.command}: {first}", flush=True)
        if done % 200 == 0:
            print(f"{done} of {len(wanted)}, {time.monotonic() - began:.0f} s", flush=True)

    wanted = [_case(text) for text in options.again] or cases(options.seed, options.inputs, options.kind)
    campaign = Campaign(options.jobs, options.kept, tell)
    failures = campaign.run(wanted)
    codes = ", ".join(f"{count} with {code}" for code, count in sorted(campaign.codes.items(), key=str))
    print(f"{len(wanted)} inputs in {time.monotonic() - began:.0f} s; ended {codes}; {len(failures)} failed")
    print("seconds of each kind: " + ", ".join(f"{kind} {spent:.0f}" for kind, spent in campaign.seconds.items()))
    if failures:
        print(f"what failed is in {options.kept}, each with the line that repeats it (seed {options.seed})")
    return 1 if failures else 0


def _case(text: str) -> Case:
    seed, kind, number = text.split(":")
    return Case(int(seed), kind, int(number))


def _parser() -> argparse.ArgumentParser:
    described = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__, formatter_class=described)
    parser.add_argument("--seed", type=int, default=2025, metavar="N", help="of the campaign (2025)")
    parser.add_argument("--inputs", type=int, default=3200, metavar="N", help="how many (3200)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes at a time (2)")
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    parser.add_argument(
        "--again", nargs="+", default=[], metavar="CASE", help="SEED:KIND:NUMBER, as a failure names it"
    )
    parser.add_argument("--kept", type=Path, default=Path("runs/fuzz"), metavar="DIR", help="where failures are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
